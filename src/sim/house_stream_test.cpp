// Many questions to a PC whose house is kept: what loads ahead cost and save.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/pc_cast.h"
#include "sim/pc_testing.h"
#include "sim/pc_world.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const Pc pc = reference_pc();

std::vector<CastQuestion> questions_of(const PcFleet& fleet, int count) {
  std::vector<CastQuestion> questions;
  const auto samples = sample_questions();
  for (int number = 0; number < count; ++number) {
    const auto& sample = samples[static_cast<std::size_t>(number) % samples.size()];
    questions.push_back(written_question(fleet, fmt::format("{} ({})", sample, number)));
  }
  return questions;
}

struct Stream {
  std::vector<double> latencies;  // s, sorted
  int answered = 0;
  double at(double share) const {
    return latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))];
  }
};

// The mean between two questions is `gap`; while nobody asks for long, idle models leave.
Stream stream(const PcFleet& fleet, const std::vector<CastQuestion>& questions, Duration gap,
              bool preload) {
  PcWorldOptions options = cast_options(fleet, questions);
  options.house = HouseOptions{.preload = {.on = preload}};
  PcWorld world(fleet.pc, options);
  Random random(11);
  std::vector<Query> queries;
  Time next = world.clock().now();
  for (const auto& question : questions) {
    Query query = world.query(question.text);
    query.asked = next;
    queries.push_back(std::move(query));
    next += from_seconds(-std::log(1 - random.unit()) * seconds(gap));
  }
  const auto played = world.play(std::move(queries));
  for (const auto& broken : played.broken) ADD_FAILURE() << broken;
  Stream stream;
  for (const auto& outcome : played.outcomes) {
    stream.latencies.push_back(seconds(outcome.latency));
    stream.answered += outcome.answered() ? 1 : 0;
  }
  std::ranges::sort(stream.latencies);
  return stream;
}

TEST(HouseStream, LoadsAheadCostTwoSecondsAtMost) {
  std::vector<std::size_t> all;
  for (std::size_t model = 0; model < 10; ++model) all.push_back(model);
  const PcFleet fleet = fleet_of(pc, all);
  const auto questions = questions_of(fleet, 120);
  for (const Duration gap : {Duration(10s), Duration(1min), Duration(10min)}) {
    const Stream without = stream(fleet, questions, gap, false);
    const Stream with = stream(fleet, questions, gap, true);
    fmt::print(
        "a question each {:.0f} s: p50 {:.2f} and {:.2f} s, p90 {:.2f} and {:.2f} s, "
        "longest {:.2f} and {:.2f} s, answered {} and {}, without and with loads ahead\n",
        seconds(gap), without.at(0.5), with.at(0.5), without.at(0.9), with.at(0.9), without.at(1),
        with.at(1), without.answered, with.answered);
    EXPECT_LE(with.at(0.5), without.at(0.5) + 2);
    EXPECT_LE(with.at(0.9), without.at(0.9) + 0.5);
    EXPECT_GE(with.answered, without.answered - 2);
  }
}

}  // namespace
}  // namespace kai
