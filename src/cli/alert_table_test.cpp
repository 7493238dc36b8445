#include "cli/alert_table.h"

#include <gtest/gtest.h>

#include "cli/lines_testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr WallTime now(1'772'366'400s);

AlertList one_of(AlertUnit unit, double value, double bound) {
  AlertList list;
  Alert alert;
  alert.name = "Some";
  alert.summary = "it is so";
  alert.state = AlertState::firing;
  alert.value = value;
  alert.threshold = bound;
  alert.since = now - 90s;
  list.alerts = {alert};
  list.rules = {{"Some", "warning", "", "it is so", bound, bound, 1min, 1min, unit, "do that"},
                {"Quiet", "warning", "", "it is not", bound, bound, 1min, 1min, unit, "do this"}};
  return list;
}

TEST(AlertTable, SaysValuesAsTheirRuleCounts) {
  const auto said = [](AlertUnit unit, double value, double bound) {
    return text_of(alert_lines(one_of(unit, value, bound), now));
  };
  EXPECT_TRUE(said(AlertUnit::share, 0.12, 0.05).contains(" 12 % (above 5 %) for 90 s: it is so"));
  EXPECT_TRUE(said(AlertUnit::drop, 0.24, 0.2).contains(" 24 points less (above 20) for 90 s: "));
  EXPECT_TRUE(said(AlertUnit::times, 2.34, 2).contains(" 2.3 times (above 2.0) for 90 s: "));
  EXPECT_TRUE(said(AlertUnit::flag, 1, 0.5).contains(" for 90 s: it is so"));
  EXPECT_FALSE(said(AlertUnit::flag, 1, 0.5).contains("above"));
}

TEST(AlertTable, SaysWhatToDoOfRulesThatAreMet) {
  const std::string text = text_of(remedy_lines(one_of(AlertUnit::share, 1, 0.5)));
  EXPECT_TRUE(text.contains("do that")) << text;
  EXPECT_FALSE(text.contains("do this")) << text;
  EXPECT_TRUE(remedy_lines(AlertList()).empty());
}

}  // namespace
}  // namespace kai
