#include "config/one_line.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

struct Case {
  std::string_view text, line;
};
TEST(OneLine, Is) {
  const Case cases[] = {
      {"", ""},
      {"a\nb\r\tc\x1B[2J\x7F", "a b  c [2J "},
      {"a\u2028b\u0085c", "a b c"},
      {"a\xFF", "a\xEF\xBF\xBD"},
      {"12345678901234", "12345678901234"},
      {"123456789012345", "12345678901…"},
      {"1234567890éééé", "1234567890…"},  // never half a character
  };
  for (const auto& [text, line] : cases) EXPECT_EQ(as_one_line(text, 14), line) << text;
}

}  // namespace
}  // namespace kai
