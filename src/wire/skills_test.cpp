#include "wire/skills.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

SkillSheet sheet() {
  SkillSheet sheet;
  sheet.shape = Shape::number;
  sheet.models = {{"0123456789abcdef", 0.75, 1.5, 12, 1}, {"fedcba9876543210", 0.25, 0, 3, 0}};
  sheet.lessons = 40;
  sheet.labels = 15;
  sheet.full = 31;
  sheet.newest = QueryId("q_1");
  sheet.models.front().length = {3.5, 0.25, 12};
  sheet.guarded = true;
  sheet.frozen = true;
  sheet.learned.taste = {0.5, -0.25};
  sheet.learned.stop = {true, {{1, -2, 0.5}}, 0.9};
  sheet.learned.confidence = {32, {{0.125}}};
  sheet.reliability = {{0.5, 0.25, 16}, {0.875, 1, 16}};
  return sheet;
}

TEST(Skills, ComeBackAsTheyWere) {
  for (const SkillSheet& given : {sheet(), SkillSheet{}}) {
    const auto back = wire::decode_skills(wire::encode_skills(given));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, given);
  }
}

constexpr const char* reliability = R"(,"reliability":[{"said":0.5,"right":0.25,"answers":16},)"
                                    R"({"said":0.875,"right":1,"answers":16}])";

TEST(Skills, OfAnEarlierVersionAreRead) {
  std::string text = wire::encode_skills(sheet());
  for (const std::string_view since :
       {R"("full":31,)", R"("newest":"q_1",)", R"("frozen":true,)", reliability,
        R"(,"length":{"log_mean":3.5,"log_sd":0.25,"answers":12})"}) {
    const auto at = text.find(since);
    ASSERT_NE(at, std::string::npos) << since;
    text.erase(at, since.size());
  }
  const auto back = wire::decode_skills(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->labels, 15);
  EXPECT_EQ(back->full, 0);
  EXPECT_FALSE(back->frozen);
}

TEST(Skills, DamagedOnesAreRefused) {
  struct Case {
    const char* from;
    const char* to;
  };
  for (const auto& [from, to] :
       {Case{"kai.skills.v1", "kai.skills.v9"}, Case{R"("shape":"number")", R"("shape":"x")"},
        Case{R"("chance":0.75)", R"("chance":1.75)"}, Case{R"("say":0,)", R"("say":-1,)"},
        Case{R"("stay_min":0.9)", R"("stay_min":0.1)"}, Case{R"("stays":[1,)", R"("stays":[)"},
        Case{R"("stays":[1,)", R"("stays":["1",)"}, Case{R"("right":[)", R"("right":[1e300,)"},
        Case{R"("labels":15)", R"("labels":-15)"}, Case{"}", ""}}) {
    std::string text = wire::encode_skills(sheet());
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, std::string_view(from).size(), to);
    const auto back = wire::decode_skills(text);
    ASSERT_FALSE(back) << from;
    EXPECT_EQ(back.error().code, ErrorCode::invalid_request);
  }
}

}  // namespace
}  // namespace kai
