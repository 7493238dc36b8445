// terminal: where kai's words go. Answers to stdout, everything else to stderr; a line that is
// drawn again and again where stderr is a terminal.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cli/log_output.h"
#include "cli/text.h"

namespace kai {

// What kind of place the two outputs are; values, so that tests can set them.
struct TerminalOptions {
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool color = false;
  bool live = false;  // the terminal understands "erase this line"
};
// From the system, NO_COLOR (no-color.org: counts when not empty) and TERM.
TerminalOptions own_terminal(bool no_color);

class Terminal {
 public:
  explicit Terminal(TerminalOptions options) : options_(options) {}
  ~Terminal() { clear_live(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  const TerminalOptions& options() const { return options_; }
  int columns() const;  // of the terminal on stderr; 100 where it is none

  // Whole lines; a missing end is added. A reader that left is no error; what else stops stdout
  // is kept for out_fault().
  void out(std::string_view text);
  void err(std::string_view line);
  // Without a line's end: a piece of an answer that is still being written.
  void out_piece(std::string_view text);
  void err(const Line& line);
  // Without a line's end: a prompt.
  void prompt(std::string_view text);

  // Draws over the line drawn before. Nothing where stderr is no terminal.
  void draw_live(const Line& line);
  void clear_live();

  // From now on stderr is a log (log_output.h): no call waits for whoever reads it.
  void log_to_err();

  // Not empty: why the answer could not be written.
  const std::string& out_fault() const { return out_fault_; }

 private:
  void put_err(std::string_view text);

  TerminalOptions options_;
  std::unique_ptr<LogOutput> log_;  // null: stderr is a person's
  bool live_shown_ = false;
  std::string out_fault_;
};

}  // namespace kai
