#include "api/query_string.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

TEST(QueryString, FindsAndDecodes) {
  struct Case {
    const char* target;
    std::optional<std::string> value;
  };
  const Case cases[] = {{"/a", std::nullopt},
                        {"/a?", std::nullopt},
                        {"/a?b=1", std::nullopt},
                        {"/a?series=x", "x"},
                        {"/a?b=1&series=x,y&series=z", "x,y"},
                        {"/a?series=", ""},
                        {"/a?series", ""},
                        {"/a?series=a%2Cb+c", "a,b c"},
                        {"/a?s%65ries=%", "%"},
                        {"/a?series=%4", "%4"},
                        {"/a?series=%41", "A"},
                        {"/a?series=%zz", "%zz"}};
  for (const auto& [target, value] : cases) {
    EXPECT_EQ(query_value(target, "series"), value) << target;
  }
}

}  // namespace
}  // namespace kai
