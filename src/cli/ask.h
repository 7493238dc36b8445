// ask: one question on a session, with its progress shown. Shared by ask, chat and `models test`.
#pragma once

#include "cli/command_line.h"
#include "cli/live_answer.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace kai {

// The session, with a live line while new files are looked at and a warning where there is no
// history. Errors: as Session::open().
Result<std::unique_ptr<Session>> open_session(const Config& config, Terminal& terminal, bool quiet);

// The question of the options' words and of standard input. Errors: as question_of().
Result<std::string> read_question(const AskOptions& options, const Config& config,
                                  Terminal& terminal);

// The error to where answers go, too, where JSON is wanted. Its exit status.
int refuse(const Error& error, const AskOptions& options, Terminal& terminal);

// The query with the options put in.
Query with_options(Query query, const AskOptions& options);

struct Watched {
  Outcome outcome;
  bool shown = false;  // its answer stands on the terminal already, as it was written
};
// What is seen of one question while it is answered: a line that moves, notes, an open answer as it
// is written; nothing where options.quiet. Options and terminal must outlive it.
class QuestionScreen {
 public:
  QuestionScreen(const AskOptions& options, Terminal& terminal, Time asked);

  void take(const Event& event);
  void draw(Duration elapsed);
  // The members' line stands on return.
  Watched finish(Outcome outcome, Duration elapsed);

 private:
  const AskOptions& options_;
  Terminal& terminal_;
  Progress progress_;
  LiveAnswer answer_;
};

// Asks, drawing the progress unless options.quiet; the members' line stands on return.
Watched ask_watched(Session& session, Query query, const AskOptions& options, Terminal& terminal,
                    Interrupts& interrupts);

// The text made of all answers, where it was asked for: told apart from the answer.
void show_synthesis(const Outcome& outcome, Terminal& terminal);

// Tells that model files are looked at for the first time: a live line, else one sentence.
OnInspect inspect_teller(Terminal& terminal);

}  // namespace kai
