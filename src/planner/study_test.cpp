#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "planner/testing.h"

namespace kai {
namespace {

using testing_planner::Pc;

struct Shares {
  double in_full = 0, order = 0;
};
Shares shares_of(const StudyOptions& options, int full, const std::function<void(Query&)>& change,
                 Shape shape = Shape::number) {
  constexpr int questions = 20'000;
  Shares shares;
  for (int at = 0; at < questions; ++at) {
    Query query = Pc().query;
    query.seed = static_cast<std::uint64_t>(at);
    change(query);
    const Study study = study_of(query, shape, full, options);
    shares.in_full += study == Study::in_full ? 1.0 / questions : 0;
    shares.order += study == Study::order ? 1.0 / questions : 0;
  }
  return shares;
}
const auto as_it_is = [](Query&) {};

TEST(Study, IsRareOnceEnoughIsKnown) {
  const Shares shares = shares_of({}, full_questions_min, as_it_is);
  EXPECT_NEAR(shares.in_full, 0.01, 0.003);
  EXPECT_NEAR(shares.order, 0.02, 0.004);
}

TEST(Study, IsMoreFrequentAtFirst) {
  EXPECT_NEAR(shares_of({}, full_questions_min - 1, as_it_is).in_full, 0.2, 0.01);
  EXPECT_NEAR(shares_of({.full_share = 0.002}, 0, as_it_is).in_full, 0.04, 0.005);
  EXPECT_NEAR(shares_of({.full_share = 0.6}, 0, as_it_is).in_full, 0.6, 0.02);
}

TEST(Study, IsSwitchedOffByZero) {
  const Shares shares = shares_of({.full_share = 0, .order_share = 0}, 0, as_it_is);
  EXPECT_EQ(shares.in_full, 0);
  EXPECT_EQ(shares.order, 0);
}

TEST(Study, LeavesWhatTheUserChose) {
  const StudyOptions always{.full_share = 1, .order_share = 1};
  const std::map<std::string, std::function<void(Query&)>> chosen{
      {"models", [](Query& query) { query.models = {ModelId("m1")}; }},
      {"best", [](Query& query) { query.mode = Mode::best; }},
      {"all", [](Query& query) { query.mode = Mode::all; }},
      {"hear_all", [](Query& query) { query.hear_all = true; }},
      {"unrecorded", [](Query& query) { query.recorded = false; }},
      {"tier", [](Query& query) { query.tier = Tier::simple; }}};
  for (const auto& [name, change] : chosen) {
    EXPECT_EQ(shares_of(always, 0, change).in_full, 0) << name;
  }
  EXPECT_EQ(shares_of(always, 0, as_it_is, Shape::open).in_full, 0);
  EXPECT_NEAR(shares_of(always, 0, as_it_is).in_full, 1, 1e-9);
}

TEST(Study, InFullNeedsEveryModelInTime) {
  Pc pc;
  pc.add_models(3);
  pc.query.mode = Mode::all;
  const auto plan = make_plan(pc.input());
  ASSERT_TRUE(plan);
  EXPECT_TRUE(asks_all(*plan, pc.fleet, pc.now));
  Plan late = *plan;
  late.predicted = late.deadline - pc.now;  // within the deadline, but not within its margin
  EXPECT_FALSE(asks_all(late, pc.fleet, pc.now));
  Plan fewer = *plan;
  fewer.asks.pop_back();
  EXPECT_FALSE(asks_all(fewer, pc.fleet, pc.now));
  pc.fleet.models.back().refused = "is broken";
  pc.fleet.models.front().refused = "is broken";
  EXPECT_TRUE(asks_all(fewer, pc.fleet, pc.now));
}

std::vector<ModelSkill> skills(const std::vector<double>& chances, int labels) {
  std::vector<ModelSkill> list;
  for (const double chance : chances) {
    list.push_back({.key = "m" + std::to_string(list.size()), .chance = chance, .labels = labels});
  }
  return list;
}

TEST(DrawnOrder, PutsTheStrongerFirstMoreOftenTheMoreIsKnown) {
  const auto first_is_best = [](int labels) {
    int count = 0;
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
      count += drawn_order(skills({0.6, 0.5}, labels), seed)[0] == 0 ? 1 : 0;
    }
    return count;
  };
  const int few = first_is_best(0), many = first_is_best(1000);
  EXPECT_GT(few, 700);  // Phi(0.1 / sqrt(2 * 0.24 / 41)) = 0.82
  EXPECT_LT(few, 900);
  EXPECT_GT(many, 990);
}

RC_GTEST_PROP(DrawnOrder, IsAPermutationAndReplays, ()) {
  const auto percent = rc::gen::inRange(0, 101);
  std::vector<double> chances;
  for (const int each : *rc::gen::container<std::vector<int>>(percent)) {
    chances.push_back(each / 100.0);
  }
  const auto list = skills(chances, *rc::gen::inRange(-1, 500));
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  auto order = drawn_order(list, seed);
  RC_ASSERT(order == drawn_order(list, seed));
  std::ranges::sort(order);
  for (std::size_t at = 0; at < order.size(); ++at) RC_ASSERT(order[at] == static_cast<int>(at));
}

}  // namespace
}  // namespace kai
