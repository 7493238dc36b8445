// Screen: a whole terminal drawn again and again, with keys read as they are pressed.
#pragma once

#include <termios.h>

#include <optional>
#include <vector>

#include "base/clock.h"
#include "cli/text.h"

namespace kai {

// While it lives the terminal on stderr shows its own page; what stood there before comes back.
// Ctrl-C is a key like others meanwhile.
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  struct Size {
    int columns = 80, rows = 24;
  };
  Size size() const;
  // From the top; what does not fit is left out.
  void draw(const std::vector<Line>& lines, bool color);
  // The next key, at most `patience` later; nothing: none. 'q' where nobody types any more.
  std::optional<char> key(Duration patience);

 private:
  std::optional<termios> before_;
};

}  // namespace kai
