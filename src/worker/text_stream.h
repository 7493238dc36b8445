// TextStream: turns a model's pieces of bytes into text that may be shown: whole UTF-8 characters,
// no leading blanks, nothing of a stop string. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kai {

class TextStream {
 public:
  // The text ends before the first of `stop`; empty strings among them are ignored.
  explicit TextStream(std::vector<std::string> stop);

  // Takes the next piece and gives what may be shown now, possibly nothing: bytes that could
  // still become a character or a stop string are held back. Bytes that are no UTF-8 become U+FFFD.
  std::string push(std::string_view piece);
  // Gives what was held back. Call once, when no more pieces come.
  std::string finish();

  // A stop string was seen: everything after it is ignored.
  bool stopped() const { return stopped_; }

 private:
  std::string take(std::size_t count);
  std::size_t held_for_stop() const;

  std::vector<std::string> stop_;
  std::string pending_;
  bool begun_ = false;
  bool stopped_ = false;
};

}  // namespace kai
