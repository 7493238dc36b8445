// Words of models on their way into a terminal: nothing in them may steer it. And a model's bytes
// on their way to becoming words.
#include "cli/text.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace {

using namespace kai;

// Escape and its fellows, DEL, C1, the bidirectional controls.
bool steers(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c <= 0x9F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void check(std::string_view shown) {
  ensure(fuzz::is_utf8(shown), "shown text that is no UTF-8");
  for (auto at = shown.begin(); at != shown.end();) {
    ensure(!steers(static_cast<char32_t>(utf8::next(at, shown.end()))), "shown text that steers");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  const std::string shown = inert(text, 80);
  check(shown);
  check(one_line(text, 40));
  ensure(one_line(text, 40).find_first_of("\n\t") == std::string::npos, "one line of several");
  ensure(columns_of(one_line(text, 40)) <= 40, "a line wider than it may be");
  ensure(columns_of(padded(one_line(text, 200), 30)) == 30, "padding of another width");
  return 0;
}
