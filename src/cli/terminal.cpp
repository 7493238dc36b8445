#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace kai {

namespace {

// 0, or errno of what stopped it.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

std::string with_end(std::string_view text) {
  std::string line(text);
  if (!line.ends_with('\n')) line += '\n';
  return line;
}

}  // namespace

TerminalOptions own_terminal(bool no_color) {
  const char* refused = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool dumb = kind == nullptr || std::string_view(kind) == "dumb" || *kind == '\0';
  TerminalOptions options;
  options.out_is_terminal = ::isatty(STDOUT_FILENO) != 0;
  options.err_is_terminal = ::isatty(STDERR_FILENO) != 0;
  options.live = options.err_is_terminal && !dumb;
  options.color = options.live && !no_color && (refused == nullptr || *refused == '\0');
  return options;
}

int Terminal::columns() const {
  winsize size{};
  const bool known =
      options_.err_is_terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 100;
}

void Terminal::out(std::string_view text) {
  out_piece(with_end(text));
}

void Terminal::out_piece(std::string_view text) {
  clear_live();
  const int error = write_all(STDOUT_FILENO, text);
  if (error != 0 && error != EPIPE) out_fault_ = std::generic_category().message(error);
}

// What goes wrong here has nowhere to be told.
void Terminal::err(std::string_view line) {
  clear_live();
  const std::string whole = with_end(line);
  if (log_) return log_->line(whole);
  put_err(whole);
}

void Terminal::err(const Line& line) {
  err(paint(line, options_.color));
}

void Terminal::prompt(std::string_view text) {
  clear_live();
  put_err(text);
}

void Terminal::draw_live(const Line& line) {
  if (!options_.live) return;
  // A full line would wrap, and could not be drawn over.
  put_err("\r" + paint(cut(line, columns() - 1), options_.color) + "\x1b[K");
  live_shown_ = true;
}

void Terminal::clear_live() {
  if (!live_shown_) return;
  live_shown_ = false;
  put_err("\r\x1b[K");
}

void Terminal::log_to_err() {
  log_ = std::make_unique<LogOutput>(STDERR_FILENO);
}

void Terminal::put_err(std::string_view text) {
  if (log_) return log_->piece(text);
  write_all(STDERR_FILENO, text);
}

}  // namespace kai
