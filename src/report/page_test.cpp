#include "report/page.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kai::report {
namespace {

using namespace std::chrono_literals;

PerformanceReport a_report() {
  PerformanceReport report;
  report.subject = "a <PC> | with *stars*";
  report.simulated = true;
  report.made_by = "kai report --pc pc.json";
  report.models = {"a:1b", "b:2b"};
  report.aims = {8s, 20s, 35s, 50s};
  const WayFigures kai{.questions = 3,
                       .answered = 3,
                       .median = 2s,
                       .p90 = 3s,
                       .asked = 3,
                       .heard = 2.5,
                       .agreement = 0.5,
                       .gpu_busy = 0.8,
                       .cpu_busy = 0.1};
  WayFigures original = kai;
  original.median = 30s;
  original.p90 = 40s;
  report.tiers = {{.tier = Tier::simple,
                   .kind = {},
                   .adaptive = kai,
                   .same = {},
                   .original = original,
                   .faster = 15}};
  report.kinds = {{.tier = Tier::simple,
                   .kind = Shape::number,
                   .adaptive = kai,
                   .same = {},
                   .original = original,
                   .faster = 15}};
  report.curve = {{.models = 1, .adaptive = 1s, .original = 2s, .split = 1s, .bound = 500ms},
                  {.models = 2, .adaptive = 5s, .original = 4s, .split = 3s, .bound = 1s}};
  report.timeouts = {{.tier = Tier::simple,
                      .members = 3,
                      .usual = 4s,
                      .longest = 6s,
                      .timeout = 30s,
                      .suggested = 15s},
                     {.tier = Tier::expert, .members = 0, .timeout = 120s}};
  report.missing = {{"nothing is known of right answers", "kai bench quality FILE"}};
  return report;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Page, TellsEveryFigure) {
  const std::string page = page_of(a_report());
  for (const char* part :
       {"`kai report --pc pc.json`", "none of these times was measured", "15.0 times sooner",
        "a \\<PC\\> \\| with \\*stars\\*",
        "| simple | 3 of 3 | 3.0, 2.5 | 2.0, 3.0 |  | 30.0, 40.0 |",
        "| a number | 2.0, 3.0 (2.5 of 3.0) |", "80 % | 10 %", "| 2 | 5.0 | 3.0 | 4.0 | 1.0 |",
        "**From 2 models on kai can take longer", "| simple | 3 | 4.0 | 6.0 | 30 | 15 |",
        "| expert | 0 | | | 120 | |", "nothing is known of right answers: `kai bench quality FILE`",
        "(performance-tiers.svg)", "drawn by chance"}) {
    EXPECT_TRUE(has(page, part)) << part << " is not in\n" << page;
  }
}

TEST(Page, AMachineWhoseOriginalWayIsFasterSaysSo) {
  PerformanceReport report = a_report();
  report.simulated = false;
  report.tiers.front().faster = 0.5;
  const std::string page = page_of(report);
  EXPECT_TRUE(has(page, "2.0 times later than in the original way")) << page;
  EXPECT_TRUE(has(page, "few questions: an impression"));
  EXPECT_TRUE(has(page, "`kai ask --mode all`"));
  EXPECT_FALSE(has(page, "imulated"));
}

TEST(Page, ShowsThePicturesThatThereAre) {
  for (const std::string stem : {"performance", "other"}) {
    const std::string page = page_of(a_report(), {.stem = stem});
    const auto pictures = pictures_of(a_report(), stem);
    ASSERT_EQ(pictures.size(), 3u);
    for (const auto& picture : pictures) EXPECT_TRUE(has(page, "(" + picture.name + ")"));
    EXPECT_EQ(std::ranges::count(page, '!'), 3);
  }
  EXPECT_FALSE(has(page_of(a_report(), {.pictures = false}), ".svg"));
}

TEST(Page, OfNothingSaysWhatIsMissing) {
  PerformanceReport report;
  report.missing = {{"no question was asked", "kai ask"}};
  const std::string page = page_of(report);
  EXPECT_TRUE(has(page, "no question was asked: `kai ask`"));
  EXPECT_FALSE(has(page, "## In short\n\n##"));
  EXPECT_FALSE(has(page, ".svg"));
  EXPECT_TRUE(pictures_of(report, "x").empty());
}

TEST(Page, OfTiersAskedInTheOriginalWayOnlyHasNoPicture) {
  PerformanceReport report = a_report();
  report.curve.clear();
  report.tiers.front().adaptive = {};
  report.trade_off = {{.way = "simple", .asked = 1, .median = 1s, .right = 20, .marked = 40}};
  EXPECT_TRUE(pictures_of(report, "x").empty());  // one point is no trade-off
  EXPECT_FALSE(has(page_of(report), ".svg"));
}

TEST(Page, ATierWithoutAnyAnswerSaysWhy) {
  PerformanceReport report = a_report();
  report.tiers.push_back(
      {.tier = Tier::expert, .adaptive = {.questions = 60, .why = "no model fits 2 GB"}});
  const std::string page = page_of(report);
  EXPECT_TRUE(has(page, "- **expert**: no answer to 60 questions: no model fits 2 GB.\n")) << page;
  EXPECT_TRUE(has(page, "| expert | 0 of 60 |")) << page;
  report.tiers.erase(report.tiers.begin());
  EXPECT_TRUE(has(page_of(report), "## In short\n- **expert**")) << page_of(report);
}

TEST(Page, ACommandStaysCodeWhateverItHolds) {
  PerformanceReport report = a_report();
  report.made_by = "kai report --pc 'a `b`.json'";
  EXPECT_TRUE(has(page_of(report), "Written by `` kai report --pc 'a `b`.json' ``; not by hand."));
}

TEST(Page, EveryPictureHasAKnownName) {
  PerformanceReport report = a_report();
  report.example = PcTrial{};
  report.trade_off = {{.way = "best", .asked = 1, .median = 1s, .right = 20, .marked = 40},
                      {.way = "all", .asked = 2, .median = 9s, .right = 30, .marked = 40}};
  std::vector<std::string> names;
  for (const auto& picture : pictures_of(report, "x")) names.push_back(picture.name);
  EXPECT_EQ(names, picture_names("x"));
}

TEST(Page, RightAnswersStandAgainstTime) {
  PerformanceReport report = a_report();
  report.trade_off_of = "400 questions";
  report.trade_off = {{.way = "best", .asked = 1, .median = 1s, .right = 20, .marked = 40},
                      {.way = "all", .asked = 2, .median = 9s, .right = 30, .marked = 40}};
  const std::string page = page_of(report);
  EXPECT_TRUE(has(page, "| best | 1.0 | 1.0, 0.0 | 50 % (35-65) |")) << page;
  EXPECT_TRUE(has(page, "(performance-quality.svg)"));
  EXPECT_EQ(pictures_of(report, "performance").back().name, "performance-quality.svg");
}

}  // namespace
}  // namespace kai::report
