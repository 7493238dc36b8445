#include "wire/json_form.h"

#include <gtest/gtest.h>

#include "wire/json_schema.h"

namespace kai::wire {
namespace {

Result<std::string> grammar(const std::string& schema) {
  const auto value = parse(schema);
  EXPECT_TRUE(value) << schema;
  return grammar_of(*value);
}

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST(CanonicalJson, IsTheSameForWhatSaysTheSame) {
  for (const auto* text : {R"({"a":1,"b":[1,2],"c":{"d":null,"e":"x"}})",
                           R"( { "c": {"e":"x", "d":null},  "b": [1.0, 2e0], "a": 10e-1 } )",
                           R"({"a":9,"b":[1,2],"c":{"d":null,"e":"\u0078"},"a":1})"}) {
    EXPECT_EQ(canonical_json(text), R"({"a":1,"b":[1,2],"c":{"d":null,"e":"x"}})") << text;
  }
  EXPECT_EQ(canonical_json("-0.0"), canonical_json("0"));
  EXPECT_EQ(canonical_json("9007199254740993"), "9007199254740993");
}

TEST(CanonicalJson, IsAnotherForWhatSaysSomethingElse) {
  for (const auto* text : {R"({"a":2})", R"({"a":"1"})", R"({"a":[1]})", R"({"b":1})", R"({})",
                           R"({"a":1,"b":null})", R"({"a":1.5})"}) {
    EXPECT_NE(canonical_json(text), canonical_json(R"({"a":1})")) << text;
  }
  EXPECT_NE(canonical_json("[1,2]"), canonical_json("[2,1]"));
}

TEST(CanonicalJson, NothingForWhatIsNoDocument) {
  for (const auto* text : {"", "{", R"({"a":1)", R"({"a":1} and)", "Paris", "\xff"}) {
    EXPECT_FALSE(canonical_json(text)) << text;
  }
  EXPECT_FALSE(canonical_json(std::string(40, '[') + std::string(40, ']')));
}

TEST(JsonSchema, PropertiesComeInTheirOrder) {
  const auto all =
      grammar(R"({"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}},)"
              R"("required":["b","a"],"additionalProperties":false,"title":"T"})");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(has(*all, R"(part-0 ::= "\"a\": " integer)")) << *all;
  EXPECT_TRUE(has(*all, R"(part-1 ::= ", " part-0)")) << *all;
  EXPECT_TRUE(has(*all, R"(part-2 ::= "\"b\": " string)")) << *all;
  EXPECT_TRUE(has(*all, R"(root ::= "{" part-2 part-1 "}")")) << *all;
  const auto some =
      grammar(R"({"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}}})");
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_TRUE(has(*some, R"(root ::= "{" ( part-2 part-1 | ( part-0 )? ) "}")")) << *some;
  EXPECT_TRUE(has(*some, R"(part-1 ::= ( ", " part-0 )?)")) << *some;
}

TEST(JsonSchema, SaysWhatMayBeWritten) {
  for (const auto& [schema, rule] :
       {std::pair{R"({"enum":["a\"b",1,null]})", R"(( "\"a\\\"b\"" | "1" | "null" ))"},
        std::pair{R"({"const":{"x":true}})", R"("{\"x\":true}")"},
        std::pair{R"({"type":["string","null"]})", "( string | null )"},
        std::pair{R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", "( integer | null )"},
        std::pair{R"({"allOf":[{"type":"boolean"}]})", "( boolean )"},
        std::pair{R"({"type":"string","minLength":2,"maxLength":5})", R"("\"" char{2,5} "\"")"},
        std::pair{R"({"type":"string","minLength":2})", "char{2,}"},
        std::pair{R"({"type":"array","items":{"type":"number"},"minItems":2,"maxItems":3})",
                  R"("[" ( part-0 ( ", " part-0 ){1,2} ) "]")"},
        std::pair{R"({"type":"array","items":{"type":"number"}})",
                  R"("[" ( part-0 ( ", " part-0 )* )? "]")"},
        std::pair{R"({"type":"array","maxItems":0})", R"("[]")"},
        std::pair{R"({"type":"object"})", "root ::= map"},
        std::pair{R"({"type":"object","additionalProperties":false})", R"("{}")"},
        std::pair{R"({"type":"object","additionalProperties":{"type":"integer"}})",
                  R"("{" ( string ": " part-0)"},
        std::pair{R"({"title":"anything"})", "root ::= value"}}) {
    const auto said = grammar(schema);
    ASSERT_TRUE(said) << schema << said.error().message;
    EXPECT_TRUE(has(*said, rule)) << schema << "\n" << *said;
  }
}

TEST(JsonSchema, FollowsReferencesAndLetsThemComeBack) {
  const auto tree = grammar(
      R"({"$ref":"#/$defs/Node","$defs":{"Node":{"type":"object","properties":)"
      R"({"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/Node"}}},)"
      R"("required":["name","children"]}}})");
  ASSERT_TRUE(tree) << tree.error().message;
  EXPECT_TRUE(has(*tree, "root ::= ref-1")) << *tree;
}

TEST(JsonSchema, RefusesByName) {
  for (const auto& [schema, word] :
       {std::pair{R"({"type":"string","pattern":"a+"})", "pattern"},
        std::pair{R"({"type":"string","format":"date"})", "format"},
        std::pair{R"({"type":"integer","minimum":1})", "minimum"},
        std::pair{R"({"oneOf":[{"type":"null"}]})", "oneOf"},
        std::pair{R"({"allOf":[{"type":"null"},{}]})", "allOf"},
        std::pair{R"({"type":"array","uniqueItems":true})", "uniqueItems"},
        std::pair{R"({"type":"array","minItems":2,"maxItems":1})", "minItems"},
        std::pair{R"({"type":"array","maxItems":1001})", "maxItems"},
        std::pair{R"({"type":"text"})", "text"}, std::pair{R"({"enum":[]})", "enum"},
        std::pair{R"({"$ref":"#/$defs/None"})", "None"},
        std::pair{R"({"$ref":"http://a/b"})", "http://a/b"}, std::pair{R"({"$ref":"#"})", "itself"},
        std::pair{R"({"anyOf":[{"$ref":"#/$defs/A"}],"$defs":{"A":{"$ref":"#/$defs/B"},)"
                  R"("B":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/A"}]}}})",
                  "itself"},
        std::pair{R"({"type":"object","properties":{"a":{"type":"string","pattern":"x"}}})",
                  "/properties/a"},
        std::pair{R"({"type":"object","properties":{},"required":["a"]})", "required"},
        std::pair{R"({"type":"object","properties":{"b":true},"required":["a"]})", "required"},
        std::pair{R"({})", "says something"}, std::pair{R"([])", "object"}}) {
    const auto said = grammar(schema);
    ASSERT_FALSE(said) << schema << *said;
    EXPECT_EQ(said.error().code, ErrorCode::invalid_request);
    EXPECT_TRUE(has(said.error().message, word)) << schema << said.error().message;
  }
  std::string large = R"({"type":"object","properties":{)";
  for (int index = 0; index < 5000; ++index) {
    large += (index == 0 ? "\"p" : ",\"p") + std::to_string(index) + R"(":{"type":"string"})";
  }
  const auto said = grammar(large + "}}");
  ASSERT_FALSE(said);
  EXPECT_TRUE(has(said.error().message, "too large"));
}

}  // namespace
}  // namespace kai::wire
