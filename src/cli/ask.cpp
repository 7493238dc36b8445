#include "cli/ask.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/question.h"
#include "cli/remote_ask.h"
#include "cli/report.h"
#include "cli/server_file.h"
#include "wire/documents.h"

namespace kai {

namespace {

constexpr int name_columns_max = 60;
constexpr int sentence_columns_max = 2000;

// What stands on standard input, at most `bytes_max` and a little. Nothing: it is a terminal, or
// cannot be read.
std::optional<std::string> read_input(std::size_t bytes_max, Terminal& terminal) {
  if (::isatty(STDIN_FILENO) != 0) return std::nullopt;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  constexpr int patience_ms = 1000;
  if (::poll(&input, 1, patience_ms) == 0) {
    terminal.err("kai: reading standard input until its end; </dev/null says that there is none");
  }
  std::string text;
  std::array<char, 65536> block;
  while (text.size() <= bytes_max) {
    const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  return text;
}

// The answer to stdout, what else there is to say to stderr. `document`: the outcome's as it is
// kept; empty: it is written from the outcome.
void show(const Watched& watched, const std::string& document, const AskOptions& options,
          Terminal& terminal) {
  const Outcome& outcome = watched.outcome;
  const bool plain = terminal.options().out_is_terminal;
  if (options.json) {
    terminal.out(document.empty() ? wire::encode_outcome(outcome) : document);
  } else if (outcome.answered() && !watched.shown) {
    terminal.out(plain ? inert(outcome.verdict.text) : outcome.verdict.text);
  }
  if (!options.json) show_synthesis(outcome, terminal);
  if (options.quiet && outcome.answered()) return;
  for (const auto& line : closing_lines(outcome, terminal.columns())) terminal.err(line);
  if (!options.verbose) return;
  for (const auto& line : verbose_lines(outcome)) terminal.err(line);
}

}  // namespace

Result<std::string> read_question(const AskOptions& options, const Config& config,
                                  Terminal& terminal) {
  return question_of(options.words, read_input(config.coordinator.question_chars_max, terminal));
}

int refuse(const Error& error, const AskOptions& options, Terminal& terminal) {
  if (options.json) terminal.out(wire::encode_error(error));
  return tell_error(error, terminal);
}

void show_synthesis(const Outcome& outcome, Terminal& terminal) {
  if (!outcome.synthesis) return;
  const Synthesis& synthesis = *outcome.synthesis;
  if (!synthesis.refused.empty()) {
    terminal.err("  no synthesis: " + one_line(synthesis.refused, sentence_columns_max));
    return;
  }
  terminal.err(fmt::format("  synthesis of {} answers by {}, not voted on:", synthesis.merged,
                           one_line(synthesis.answer.model.text, name_columns_max)));
  const auto& text = synthesis.answer.text;
  terminal.out(terminal.options().out_is_terminal ? inert(text) : text);
}

int tell_error(const Error& error, Terminal& terminal) {
  terminal.err(Line{{"kai: ", Style::bad}, {one_line(error.message, sentence_columns_max)}});
  return exit_code(error.code);
}

OnInspect inspect_teller(Terminal& terminal) {
  return [&terminal, told = false](const std::string& path, int done, int total) mutable {
    const std::string what =
        fmt::format("looking at {} new model file{}", total, total == 1 ? "" : "s");
    if (terminal.options().live) {
      const auto name = one_line(path.substr(path.rfind('/') + 1), name_columns_max);
      terminal.draw_live({{fmt::format("  {}: {}/{} {}", what, done + 1, total, name)}});
    } else if (!std::exchange(told, true)) {
      terminal.err("kai: " + what + " …");
    }
  };
}

Result<std::unique_ptr<Session>> open_session(const Config& config, Terminal& terminal,
                                              bool quiet) {
  auto session =
      Session::open(config, quiet ? OnInspect([](auto&&...) {}) : inspect_teller(terminal));
  terminal.clear_live();
  return session;
}

Query with_options(Query query, const AskOptions& options) {
  query.tier = options.tier;
  query.mode = options.mode;
  query.models = options.members;
  query.time_limit = options.deadline;
  query.synthesize = options.synthesize;
  query.hear_all = options.synthesize;  // what shall be merged has to be written
  query.seed = options.seed.value_or(query.seed);
  return query;
}

QuestionScreen::QuestionScreen(const AskOptions& options, Terminal& terminal, Time asked)
    : options_(options),
      terminal_(terminal),
      progress_(asked),
      answer_(terminal, !options.quiet && !options.json) {}

void QuestionScreen::take(const Event& event) {
  progress_.take(event);
  answer_.take(event);
}

void QuestionScreen::draw(Duration elapsed) {
  if (options_.quiet || answer_.writing()) return;
  for (const auto& note : progress_.take_notes()) {
    terminal_.err("  " + one_line(note, sentence_columns_max));
  }
  terminal_.draw_live(progress_.live(elapsed, terminal_.columns() - 1));
}

Watched QuestionScreen::finish(Outcome outcome, Duration elapsed) {
  Watched watched{std::move(outcome), false};
  watched.shown = answer_.finish(watched.outcome);
  draw(elapsed);
  terminal_.clear_live();
  if (options_.quiet) return watched;
  const int columns = terminal_.options().err_is_terminal ? terminal_.columns() : 0;
  for (const auto& line : progress_.ended(columns)) terminal_.err(line);
  return watched;
}

Watched ask_watched(Session& session, Query query, const AskOptions& options, Terminal& terminal,
                    Interrupts& interrupts) {
  const Time asked = query.asked;
  QuestionScreen screen(options, terminal, asked);
  const auto elapsed = [&] { return session.clock().now() - asked; };
  const Session::Watch watch{[&](const Event& event) { screen.take(event); },
                             [&] { screen.draw(elapsed()); },
                             [&] {
                               terminal.clear_live();
                               // At once: the workers see the end of their standard input and go by
                               // themselves.
                               ::_exit(exit_status::interrupted);
                             }};
  Outcome outcome = session.ask(std::move(query), watch, interrupts);
  return screen.finish(std::move(outcome), elapsed());
}

namespace {

// What is left to say once the answer stands: whether it is sure enough, and was written at all.
int conclude(const Outcome& outcome, const AskOptions& options, Terminal& terminal) {
  if (options.confidence_min) {
    const auto below = below_confidence(outcome, *options.confidence_min);
    if (!below.empty()) terminal.err("kai: " + below);
  }
  if (!terminal.out_fault().empty()) {
    terminal.err("kai: the answer could not be written: " + terminal.out_fault());
    return exit_status::failed;
  }
  return exit_code(outcome, options.confidence_min);
}

// By a server that runs already. Nothing: there is none, or it takes no questions.
std::optional<int> ask_server(const std::string& question, const AskOptions& options,
                              const Config& config, Terminal& terminal) {
  const auto server = options.local ? std::nullopt : running_server(config);
  if (!server) return std::nullopt;
  Query query;
  query.messages = {{Role::user, question}};
  const auto remote =
      ask_remotely(*server, with_options(std::move(query), options), options, terminal);
  if (!remote) return std::nullopt;
  if (!*remote) {
    const int status = refuse(remote->error().error, options, terminal);
    return remote->error().wants_key ? exit_status::auth : status;
  }
  show((*remote)->watched, (*remote)->document, options, terminal);
  return conclude((*remote)->watched.outcome, options, terminal);
}

}  // namespace

int run_ask(const AskOptions& options, const Config& config, Terminal& terminal) {
  auto question = read_question(options, config, terminal);
  if (!question) return refuse(question.error(), options, terminal);
  if (const auto status = ask_server(*question, options, config, terminal)) return *status;
  auto session = open_session(config, terminal, options.quiet);
  if (!session) return refuse(session.error(), options, terminal);
  Interrupts interrupts((*session)->io());
  (*session)->read_ahead();
  Query query = (*session)->new_query({{Role::user, *std::move(question)}});
  const Watched watched = ask_watched(**session, with_options(std::move(query), options), options,
                                      terminal, interrupts);
  const Outcome& outcome = watched.outcome;
  show(watched, "", options, terminal);
  for (const auto& note : (*session)->notes()) terminal.err("kai: " + note);
  for (const auto& note : (*session)->learn_from(outcome)) terminal.err("kai: " + note);
  const Store& store = (*session)->store();
  for (const auto& warning : {store.notice(), store.fault()}) {
    if (!warning.empty()) terminal.err("kai: " + one_line(warning, sentence_columns_max));
  }
  return conclude(outcome, options, terminal);
}

}  // namespace kai
