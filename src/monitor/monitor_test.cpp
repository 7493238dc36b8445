#include "monitor/monitor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <sstream>

#include "monitor/alerts.h"
#include "monitor/history.h"
#include "monitor/testing.h"

namespace kai {
namespace {

Monitor fresh() {
  return Monitor("1.2.3", WallTime(std::chrono::seconds(1'772'366'400)));
}

TEST(Monitor, CountsAnAnsweredQuestion) {
  Monitor monitor = fresh();
  Outcome outcome = answered_outcome();
  outcome.stop_why = "the others could not change the answer";
  outcome.verdict.confidence = 0.8;
  monitor.take(outcome);
  const Registry& told = monitor.registry();
  EXPECT_EQ(told.value(Metric::queries, {"medium", "answered"}), 1);
  EXPECT_EQ(told.value(Metric::query_duration, {"medium"}), 1);
  EXPECT_EQ(told.value(Metric::query_agreement, {"medium"}), 1);
  EXPECT_EQ(told.value(Metric::query_confidence, {"medium"}), 1);
  EXPECT_EQ(told.value(Metric::early_stops, {"medium"}), 1);
  EXPECT_EQ(told.value(Metric::deadline_exceeded, {"medium"}), 0);
  EXPECT_EQ(told.value(Metric::model_requests, {"model-a", "llama.cpp", "complete"}), 1);
  EXPECT_EQ(told.value(Metric::model_tokens, {"model-a", "prompt"}), 20);
  EXPECT_EQ(told.value(Metric::model_tokens, {"model-a", "answer"}), 10);
  EXPECT_TRUE(told.text().contains(
      "kai_model_time_per_output_token_seconds_sum{model=\"model-a\"} 0.05\n"));
  EXPECT_EQ(told.value(Metric::model_quality, {"model-a", "medium"}), 1);
  EXPECT_EQ(told.value(Metric::model_quality, {"model-c", "medium"}), 0);
}

TEST(Monitor, CountsWhatFailed) {
  Monitor monitor = fresh();
  monitor.take(failed_outcome(ErrorCode::deadline));
  monitor.take(failed_outcome(ErrorCode::cancelled));
  Outcome partial = answered_outcome();
  partial.partial = true;
  monitor.take(partial);
  const Registry& told = monitor.registry();
  EXPECT_EQ(told.value(Metric::queries, {"simple", "deadline"}), 1);
  EXPECT_EQ(told.value(Metric::queries, {"simple", "cancelled"}), 1);
  EXPECT_EQ(told.value(Metric::queries, {"medium", "partial"}), 1);
  EXPECT_EQ(told.value(Metric::deadline_exceeded, {"simple"}), 1);
  EXPECT_EQ(told.value(Metric::deadline_exceeded, {"medium"}), 1);
  EXPECT_EQ(told.value(Metric::query_duration, {"simple"}), 0);
}

TEST(Monitor, OneVoiceSaysNothingAboutAgreement) {
  Monitor monitor = fresh();
  Outcome outcome = answered_outcome();
  outcome.answers.resize(1);
  outcome.verdict.voters = 1;
  outcome.verdict.groups = {{"paris", {MemberId("a")}, 1}};
  monitor.take(outcome);
  EXPECT_EQ(monitor.registry().value(Metric::query_agreement, {"medium"}), 0);
  EXPECT_TRUE(monitor.registry().values(Metric::model_quality).empty());
}

TEST(Monitor, QualityIsOfTheLastHundredVotes) {
  Monitor monitor = fresh();
  Outcome lost = answered_outcome();
  std::swap(lost.verdict.groups[0], lost.verdict.groups[1]);
  for (int i = 0; i < 50; ++i) monitor.take(lost);
  for (int i = 0; i < 75; ++i) monitor.take(answered_outcome());
  EXPECT_EQ(monitor.registry().value(Metric::model_quality, {"model-a", "medium"}), 0.75);
}

TEST(Monitor, WhatIsNotReadIsAbsent) {
  Monitor monitor = fresh();
  HardwareReading reading;
  reading.host.cpu_utilization = 0.5;
  reading.host.stalled = {{"io", 1.5}};
  GpuReading gpu;
  gpu.gpu = "0";
  gpu.name = "NVIDIA H100";
  gpu.power = 70;
  gpu.throttled = {"hw_thermal"};
  reading.gpus = {gpu};
  monitor.take(reading);
  std::string text = monitor.registry().text();
  EXPECT_TRUE(text.contains("kai_gpu_power_watts{gpu=\"0\"} 70\n"));
  EXPECT_TRUE(text.contains("kai_gpu_throttled{gpu=\"0\",reason=\"hw_thermal\"} 1\n"));
  EXPECT_TRUE(text.contains("kai_gpu_throttled{gpu=\"0\",reason=\"power_cap\"} 0\n"));
  EXPECT_TRUE(text.contains("kai_host_cpu_utilization_ratio 0.5\n"));
  EXPECT_TRUE(text.contains("kai_host_pressure_stalled_seconds_total{resource=\"io\"} 1.5\n"));
  EXPECT_FALSE(text.contains("kai_gpu_utilization_ratio"));
  EXPECT_FALSE(text.contains("kai_host_memory_available_bytes"));
  monitor.take(HardwareReading{});
  text = monitor.registry().text();
  EXPECT_FALSE(text.contains("kai_gpu_"));
  EXPECT_FALSE(text.contains("kai_host_"));
}

TEST(Monitor, TellsWhichModelsCanBeAsked) {
  Monitor monitor = fresh();
  Monitor::Standing standing;
  standing.running = 2;
  standing.models = {{ModelId("good:1b"), false, false, Bytes(1000)},
                     {ModelId("refused:1b"), true, false, {}},
                     {ModelId("broken:1b"), false, true, {}}};
  monitor.take(standing);
  const Registry& told = monitor.registry();
  EXPECT_EQ(told.value(Metric::queries_running, {}), 2);
  EXPECT_EQ(told.value(Metric::model_up, {"good:1b"}), 1);
  EXPECT_EQ(told.value(Metric::model_up, {"refused:1b"}), 0);
  EXPECT_EQ(told.value(Metric::model_up, {"broken:1b"}), 0);
  EXPECT_EQ(told.value(Metric::model_breaker_open, {"refused:1b"}), 0);
  EXPECT_EQ(told.value(Metric::model_breaker_open, {"broken:1b"}), 1);
  EXPECT_EQ(told.values(Metric::model_loaded_bytes).size(), 1u);
  monitor.take(Monitor::Standing{});
  EXPECT_TRUE(told.values(Metric::model_up).empty());
}

// `kai_x{tier}` as the page writes it.
std::string named(const MetricFamily& known) {
  std::string text(known.name);
  for (std::size_t i = 0; i < known.labels.size(); ++i) {
    text += (i == 0 ? "{" : ",") + std::string(known.labels[i]);
  }
  return known.labels.empty() ? text : text + "}";
}

std::string text_of(const std::string& path) {
  std::ifstream file(KAI_SOURCE "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string manual() {
  return text_of("docs/metrics.md");
}

// Rows of the manual's tables whose first cell begins with one of these.
std::size_t rows_of(const std::string& page, const std::vector<std::string>& beginnings) {
  std::size_t rows = 0;
  for (const auto& beginning : beginnings) {
    const std::string row = "\n| `" + beginning;
    for (auto at = page.find(row); at != std::string::npos; at = page.find(row, at + 1)) ++rows;
  }
  return rows;
}

TEST(Manual, HasEveryMetric) {
  const std::string page = manual();
  EXPECT_EQ(rows_of(page, {"kai_", "process_"}), families().size());
  for (const auto& known : families()) {
    const std::string row = "| `" + named(known) + "` | " + std::string(to_string(known.kind)) +
                            " | " + std::string(known.unit) + " | " + std::string(known.help) +
                            " |\n";
    EXPECT_TRUE(page.contains(row)) << "docs/metrics.md lacks this row:\n" << row;
  }
}

TEST(Manual, HasEverySeries) {
  const std::string page = manual();
  for (const auto& known : series_families()) {
    const std::string row =
        fmt::format("| `{}` | {} | {} | {} |\n", known.name, known.label, known.unit, known.what);
    EXPECT_TRUE(page.contains(row)) << "docs/metrics.md lacks this row:\n" << row;
  }
}

TEST(Manual, HasEveryAlert) {
  const std::string page = manual();
  for (const auto& rule : alert_rules()) {
    const std::string row = fmt::format("| `{}` | {} | {} | {} | {} | {:.0f} s | {:.0f} s |\n",
                                        rule.name, rule.severity, rule.summary, rule.fires,
                                        rule.clears, seconds(rule.hold), seconds(rule.keep));
    EXPECT_TRUE(page.contains(row)) << "docs/metrics.md lacks this row:\n" << row;
    const std::string remedy =
        fmt::format("| `{}` | {} | {} |\n", rule.name, to_string(rule.unit), rule.remedy);
    EXPECT_TRUE(page.contains(remedy)) << "docs/metrics.md lacks this row:\n" << remedy;
  }
}

// Prometheus' rules and Grafana's dashboard, which nobody else reads here.
TEST(Examples, NameMetricsThatThereAre) {
  const std::regex metric("\\b(kai|process)_[a-z_]+");
  for (const auto* path : {"kai-rules.yml", "kai-dashboard.json"}) {
    const std::string text = text_of(std::string("examples/monitoring/") + path);
    std::size_t named = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), metric), end; at != end; ++at, ++named) {
      const std::string name = at->str();
      const bool there = std::ranges::any_of(families(), [&name](const MetricFamily& known) {
        if (known.kind != MetricKind::histogram) return name == known.name;
        return std::ranges::any_of(std::array{"_bucket", "_sum", "_count"}, [&](const char* part) {
          return name == std::string(known.name) + part;
        });
      });
      EXPECT_TRUE(there) << path << " names " << name;
    }
    EXPECT_GE(named, 2U) << path;
  }
}

}  // namespace
}  // namespace kai
