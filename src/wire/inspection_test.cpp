#include "wire/inspection.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

TEST(Inspection, FactsComeBackAsTheyWere) {
  ModelFacts facts{"0123456789abcdef",
                   "SmolLM2 \"135M\"",
                   "llama",
                   "Q4_1",
                   134'515'008,
                   Tokens(8192),
                   30,
                   Bytes(98'000'000),
                   Bytes(101'000'000),
                   Bytes(23'040),
                   Bytes(40'000'000),
                   true,
                   106'203'456,
                   Bytes(97'000'000)};
  const auto back = wire::decode_facts(wire::encode_facts(facts));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(wire::encode_facts(*back), wire::encode_facts(facts));
  EXPECT_EQ(back->digest, facts.digest);
  EXPECT_EQ(back->name, facts.name);
  EXPECT_EQ(back->parameters, facts.parameters);
  EXPECT_EQ(back->kv_per_token, facts.kv_per_token);
  EXPECT_EQ(back->parameters_active, facts.parameters_active);
  EXPECT_EQ(back->weights_read, facts.weights_read);
  EXPECT_TRUE(back->chat_template);
}

TEST(Inspection, WrongFactsAreRefusedByField) {
  struct Case {
    const char* from;
    const char* to;
    const char* error;
  };
  const Case cases[] = {
      {R"("layers":0)", R"("layers":"x")", "field \"layers\" must be a whole number"},
      {R"("layers":0)", R"("layers":-1)", "field \"layers\" must be a whole number"},
      {R"("layers":0)", R"("layers":1.5)", "field \"layers\" must be a whole number"},
      {R"("layers":0)", R"("layers":1e300)", "field \"layers\" must be a whole number"},
      {R"("layers":0)", R"("layers":null)", "field \"layers\" is missing"},
      {R"("name":"")", R"("name":7)", "field \"name\" must be a string"},
      {R"("chat_template":false)", R"("chat_template":0)", "must be true or false"},
      {"{", "[", "not valid JSON"}};
  for (const auto& [from, to, error] : cases) {
    std::string text = wire::encode_facts({});
    text.replace(text.find(from), std::string_view(from).size(), to);
    const auto facts = wire::decode_facts(text);
    ASSERT_FALSE(facts) << text;
    EXPECT_EQ(facts.error().code, ErrorCode::invalid_request);
    EXPECT_NE(facts.error().message.find(error), std::string::npos) << facts.error().message;
  }
  EXPECT_FALSE(wire::decode_facts("[]"));
  EXPECT_FALSE(wire::decode_facts(""));
}

}  // namespace
}  // namespace kai
