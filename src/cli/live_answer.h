// live_answer: an open answer on the terminal while it is written (R33). Into a file or a pipe only
// the final answer goes, once.
#pragma once

#include <string>

#include "cli/terminal.h"
#include "domain/event.h"
#include "domain/outcome.h"

namespace kai {

class LiveAnswer {
 public:
  // `wanted`: false shows nothing. The terminal must outlive it.
  LiveAnswer(Terminal& terminal, bool wanted)
      : terminal_(terminal), wanted_(wanted && terminal.options().out_is_terminal) {}

  void take(const Event& event);
  // The cursor stands behind half a line: nothing else may be drawn.
  bool writing() const { return writing_; }
  // Ends the line. True: what stands there is the outcome's answer, whole.
  bool finish(const Outcome& outcome);

 private:
  void end_line();

  Terminal& terminal_;
  bool wanted_;
  bool writing_ = false;
  MemberId writer_;
  std::string shown_;
};

}  // namespace kai
