#include "cli/forecast_chart.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/lines_testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// On a device of one lane: "a" runs from 0 to 10 s, then "b" until 20 s.
Forecast two_members() {
  Forecast forecast;
  forecast.query.messages = {{Role::user, "Why?"}};
  forecast.complexity = {0.1, Tier::simple, "asks to explain"};
  forecast.limit = 30s;
  forecast.plan.predicted = 20s;
  forecast.plan.predicted_p90 = 25s;
  for (const std::string name : {"a", "b"}) {
    Ask ask;
    ask.member = MemberId(name);
    ask.model = ModelId(name);
    ask.device = DeviceId("cpu");
    ask.start = name == "a" ? 0s : 10s;
    ask.load = 2s;
    ask.prefill = 3s;
    ask.decode = 5s;
    forecast.plan.asks.push_back(ask);
    forecast.cards.push_back({ModelId(name), DeviceId("cpu"), Bytes(100'000'000), Bytes(0),
                              Bytes(0), 2s, 100, 10, name == "a" ? 0 : 12});
  }
  forecast.memory = {{DeviceId("cpu"), "a PC", 1, Bytes(200'000'000), Bytes(800'000'000)}};
  forecast.plan.left_out = {{ModelId("c"), "needs 9.0 GB, cpu has 0.8 GB free"}};
  return forecast;
}

TEST(ForecastChart, DrawsWaitingLoadingReadingAndWritingToScale) {
  const auto lines = chart_lines(two_members(), 67);  // 40 columns of bars: half a second each
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(paint(lines[0], false).contains("|0 s")) << paint(lines[0], false);
  EXPECT_TRUE(paint(lines[1], false).contains("cpu  ░░░░▒▒▒▒▒▒██████████   "));
  EXPECT_TRUE(paint(lines[1], false).contains("0.0 – 10.0 s"));
  EXPECT_TRUE(paint(lines[2], false).contains("cpu  ····················░░░░▒▒▒▒▒▒██████████ "));
  EXPECT_TRUE(paint(lines[2], false).contains("10.0 – 20.0 s"));
}

TEST(ForecastChart, IsNoWiderThanTheTerminal) {
  auto forecast = two_members();
  forecast.plan.asks[0].member = MemberId(std::string(90, 'x'));
  forecast.plan.left_out[0].why = std::string(300, 'y') + " " + std::string(80, 'z');
  for (const int columns : {60, 79, 120, 200}) {
    for (const auto& line : forecast_lines(forecast, {}, columns)) {
      EXPECT_LE(columns_of(line), columns) << paint(line, false);
    }
  }
}

TEST(ForecastChart, TellsEverythingThatIsKnownBeforehand) {
  const std::string text = text_of(forecast_lines(two_members(), {}, 100));
  for (const std::string_view part :
       {"simple: asks to explain", "2 voices of 2 models", "done in about 20.0 s",
        "9 in 10: 25.0 s", "deadline is 30.0 s", "200 MB of 800 MB", "c: needs 9.0 GB", "estimated",
        "measured on 12 answers", "tier simple wants 2 to 3 voices"}) {
    EXPECT_TRUE(text.contains(part)) << part << " is not in\n" << text;
  }
}

TEST(ForecastChart, NeedsNoColour) {
  for (const auto& line : forecast_lines(two_members(), {}, 100)) {
    EXPECT_FALSE(paint(line, false).contains('\x1b'));
  }
}

TEST(ForecastChart, GivesTheCommandOfAPlan) {
  auto forecast = two_members();
  forecast.query.tier = Tier::medium;
  forecast.query.mode = Mode::all;
  forecast.query.models = {ModelId("a"), ModelId("b")};
  forecast.query.time_limit = 90s;
  EXPECT_EQ(command_for(forecast), "kai ask --tier medium --mode all --members a,b --deadline 90s");
}

}  // namespace
}  // namespace kai
