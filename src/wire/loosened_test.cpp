#include "wire/loosened.h"

#include <gtest/gtest.h>

namespace kai::wire {
namespace {

std::string loose(std::string_view schema) {
  return to_line(loosened(*parse(schema)));
}

TEST(Loosened, LeavesOutWhatOnlyNarrows) {
  for (const auto& [schema, loosened_one] : {
           std::pair{R"({"type":"string","format":"uri","pattern":"^a","minLength":1})",
                     R"({"type":"string","minLength":1})"},
           std::pair{R"({"type":"integer","minimum":1,"maximum":5,"exclusiveMinimum":0,)"
                     R"("exclusiveMaximum":6,"multipleOf":1})",
                     R"({"type":"integer"})"},
           std::pair{R"({"type":"array","uniqueItems":true,"items":{"type":"number","minimum":0}})",
                     R"({"type":"array","items":{"type":"number"}})"},
           std::pair{R"({"anyOf":[{"type":"string","format":"date"},{"type":"null"}]})",
                     R"({"anyOf":[{"type":"string"},{"type":"null"}]})"},
           std::pair{R"({"oneOf":[{"type":"string","pattern":"a"},{"type":"null"}]})",
                     R"({"anyOf":[{"type":"string"},{"type":"null"}]})"},
           std::pair{R"({"$defs":{"pattern":{"type":"string","pattern":"a"}},"type":"object"})",
                     R"({"$defs":{"pattern":{"type":"string"}},"type":"object"})"},
           std::pair{R"({"additionalProperties":{"type":"string","format":"date"}})",
                     R"({"additionalProperties":{"type":"string"}})"},
       }) {
    EXPECT_EQ(loose(schema), loosened_one);
  }
}

TEST(Loosened, KeepsNamesValuesAndWhatItDoesNotKnow) {
  for (const std::string same : {
           R"({"type":"object","properties":{"format":{"type":"string"},"oneOf":{"type":"null"}}})",
           R"({"const":{"pattern":"a"}})",
           R"({"enum":[{"format":1}],"default":{"minimum":1}})",
           R"({"not":{"type":"string"},"patternProperties":{"a":{"pattern":"b"}}})",
           R"({"anyOf":[],"oneOf":[]})",
           "true",
           "7",
       }) {
    EXPECT_EQ(loose(same), same);
  }
}

}  // namespace
}  // namespace kai::wire
