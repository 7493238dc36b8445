#include "cli/screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

namespace kai {

namespace {

// A terminal that takes nothing more is gone, and its end is seen where keys are read.
void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

Screen::Screen() {
  termios now{};
  if (::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &now) == 0) {
    before_ = now;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }
  write_all("\x1b[?1049h\x1b[?25l");  // a page of its own, no cursor
}

Screen::~Screen() {
  write_all("\x1b[?25h\x1b[?1049l");
  if (before_) ::tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

Screen::Size Screen::size() const {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

void Screen::draw(const std::vector<Line>& lines, bool color) {
  const Size room = size();
  const auto shown = std::min(lines.size(), static_cast<std::size_t>(room.rows));
  std::string text = "\x1b[H";
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i == 0 ? "" : "\r\n") + paint(cut(lines[i], room.columns - 1), color) + "\x1b[K";
  }
  write_all(text + "\x1b[J");
}

std::optional<char> Screen::key(Duration patience) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  if (::poll(&input, 1, static_cast<int>(ms)) <= 0) return std::nullopt;
  char letter = 0;
  return ::read(STDIN_FILENO, &letter, 1) == 1 ? letter : 'q';
}

}  // namespace kai
