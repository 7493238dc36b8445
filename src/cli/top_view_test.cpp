#include "cli/top_view.h"

#include <gtest/gtest.h>

#include <clocale>

#include "cli/lines_testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr WallTime now(1'772'366'400s);

class TopView : public testing::Test {
 protected:
  void SetUp() override {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    history.step = 1s;
    for (int i = 0; i < 60; ++i) history.times.push_back(now - 1s * (60 - i));
  }
  void add(std::string name, std::string label, double value) {
    history.columns.push_back({std::move(name), std::move(label), "",
                               std::vector<std::optional<double>>(60, std::nullopt)});
    history.columns.back().values[58] = value;
  }
  HistoryColumns history;
  AlertList alerts;
};

TEST(Sparkline, DrawsTheNewestAndLeavesGaps) {
  EXPECT_EQ(sparkline({0, 0.5, std::nullopt, 1}, 1, 10), "▁▅ █");
  EXPECT_EQ(sparkline({0, 0.5, std::nullopt, 2}, 1, 2), " █");
  EXPECT_EQ(sparkline({1, 1}, 0, 10), "▁▁");
  EXPECT_EQ(sparkline({}, 1, 10), "");
}

TEST_F(TopView, ShowsWhatIsThere) {
  add("cpu_utilization", "", 0.37);
  add("memory_used_bytes", "", 3.1e9);
  add("gpu_utilization", "0", 0.95);
  add("gpu_memory_used_bytes", "0", 70.2e9);
  add("gpu_power_watts", "0", 350);
  add("questions", "simple", 4);
  add("questions_failed", "simple", 1);
  add("question_seconds_p50", "simple", 2.1);
  add("question_seconds_p95", "simple", 8);
  add("asks", "smollm2:135m", 12);
  add("seconds_per_token", "smollm2:135m", 0.0125);
  add("quality", "smollm2:135m", 0.83);
  Alert alert;
  alert.name = "VRAMNearFull";
  alert.label = "gpu";
  alert.subject = "0";
  alert.state = AlertState::firing;
  alert.value = 0.97;
  alert.threshold = 0.95;
  alert.since = now - 90s;
  alert.summary = "the GPU's memory is nearly full";
  alert.silenced_until = now + 10min;
  alerts.alerts = {alert};
  alerts.rules = {{"VRAMNearFull", "warning", "gpu", alert.summary, 0.95, 0.92, 60s, 120s}};
  const std::string text = text_of(top_lines(history, alerts, now, 200));
  for (const char* part :
       {"cpu         ", "  37 %  memory 3.1 GB", "  95 %  70.2 GB  350 W  -",
        "in 1 min: 4 ended, 1 failed; usual 2.1 s, slowest 8.0 s",
        "smollm2:135m                     12       0      80.0         -     83 %",
        "FIRING  VRAMNearFull          gpu 0",
        "97 % (above 95 %) for 90 s: the GPU's memory is nearly full (silenced for 10 min)"}) {
    EXPECT_TRUE(text.contains(part)) << part << "\nis not in\n" << text;
  }
}

TEST_F(TopView, NothingMeasuredIsNoZero) {
  const std::string text = text_of(top_lines(history, alerts, now, 80));
  EXPECT_FALSE(text.contains("gpu") || text.contains("MODEL") || text.contains("0 %")) << text;
  EXPECT_TRUE(text.contains("no alert fires")) << text;
}

TEST_F(TopView, FitsItsTerminal) {
  add("cpu_utilization", "", 0.37);
  add("asks", std::string(200, 'x') + "\x1b[31m", 12);
  for (const auto& line : top_lines(history, alerts, now, 40)) EXPECT_LE(columns_of(line), 40);
  EXPECT_FALSE(text_of(top_lines(history, alerts, now, 300)).contains('\x1b'));
}

}  // namespace
}  // namespace kai
