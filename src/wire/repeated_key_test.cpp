#include "wire/repeated_key.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kai::wire {
namespace {

TEST(RepeatedKey, IsFoundInOneObjectOnly) {
  struct Case {
    const char* text;
    std::optional<std::string> key;
  };
  for (const auto& [text, key] :
       std::initializer_list<Case>{{R"({"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]})", std::nullopt},
                                   {R"({"a":1,"b":2,"a":3})", "a"},
                                   {R"({"x":{"y":[{"k":null,"k":[]}]}})", "k"},
                                   {R"({"\u0061":1,"a":2})", "a"},
                                   {R"({"":1,"":2})", ""},
                                   {R"({"a":{"b":1},"b":{"b":{}}})", std::nullopt},
                                   {R"("a")", std::nullopt},
                                   {"", std::nullopt},
                                   {R"({"a":1,)", std::nullopt}}) {
    EXPECT_EQ(repeated_key(text), key) << text;
  }
  EXPECT_FALSE(repeated_key(std::string(100'000, '[')));
}

RC_GTEST_PROP(RepeatedKey, AnyBytesAreRead, (const std::string& bytes)) {
  (void)repeated_key(bytes);
  (void)repeated_key("{\"" + bytes + "\":1,\"" + bytes);
}

}  // namespace
}  // namespace kai::wire
