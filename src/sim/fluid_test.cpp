#include "sim/fluid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace kai {
namespace {

constexpr Shares shared{.gpu = 0.95, .cpu = 0.9, .link = 1};

Work on_gpu(double seconds, double use = 1) {
  return {.alone = Seconds(seconds), .use = {.gpu = use, .cpu = 0, .link = 0}};
}

TEST(Fluid, AloneAWorkTakesItsTime) {
  Fluid fluid(shared);
  const auto id = fluid.start(on_gpu(3));
  EXPECT_EQ(fluid.speed(id), 1);
  EXPECT_EQ(fluid.advance(), std::vector{id});
  EXPECT_DOUBLE_EQ(fluid.now().count(), 3);
  EXPECT_DOUBLE_EQ(fluid.used(Part::gpu).count(), 3);
  EXPECT_TRUE(fluid.advance().empty());
  EXPECT_DOUBLE_EQ(fluid.now().count(), 3);
}

TEST(Fluid, TwoShareAPartAndTheSecondSpeedsUpAlone) {
  Fluid fluid(shared);
  const auto shorter = fluid.start(on_gpu(1));
  const auto longer = fluid.start(on_gpu(2));
  EXPECT_DOUBLE_EQ(fluid.speed(longer), 0.475);
  EXPECT_EQ(fluid.advance(), std::vector{shorter});
  EXPECT_NEAR(fluid.now().count(), 2 / 0.95, 1e-9);
  EXPECT_EQ(fluid.speed(longer), 1);
  EXPECT_EQ(fluid.advance(), std::vector{longer});
  EXPECT_NEAR(fluid.now().count(), 2 / 0.95 + 1, 1e-9);
}

TEST(Fluid, PartsRunBesideEachOther) {
  Fluid fluid(shared);
  fluid.start(on_gpu(2));
  fluid.start({.alone = Seconds(2), .use = {.gpu = 0, .cpu = 1, .link = 0}});
  fluid.start({.alone = Seconds(2), .use = {.gpu = 0, .cpu = 0, .link = 1}});
  EXPECT_EQ(fluid.advance().size(), 3u);
  EXPECT_DOUBLE_EQ(fluid.now().count(), 2);
}

TEST(Fluid, WhoNeedsLittleIsNotHeldUpByWhoNeedsMuchElsewhere) {
  Fluid fluid(shared);
  const auto split = fluid.start({.alone = Seconds(1), .use = {.gpu = 0.2, .cpu = 0.8, .link = 0}});
  const auto cpu = fluid.start({.alone = Seconds(1), .use = {.gpu = 0, .cpu = 1, .link = 0}});
  const auto gpu = fluid.start(on_gpu(1));
  // The CPU is full first, at 0.9 / 1.8; what is left of the GPU is the third's.
  EXPECT_DOUBLE_EQ(fluid.speed(split), 0.5);
  EXPECT_DOUBLE_EQ(fluid.speed(cpu), 0.5);
  EXPECT_DOUBLE_EQ(fluid.speed(gpu), 0.85);
}

TEST(Fluid, WorkOfNoTimeEndsAtOnce) {
  Fluid fluid(shared);
  fluid.start(on_gpu(0));
  EXPECT_EQ(fluid.advance().size(), 1u);
  EXPECT_EQ(fluid.now().count(), 0);
}

TEST(Fluid, TimePassesToAMomentWithAllThatEndsBeforeIt) {
  Fluid fluid(shared);
  const auto shorter = fluid.start(on_gpu(1));
  const auto longer = fluid.start(on_gpu(2));
  EXPECT_TRUE(fluid.advance_to(Seconds(1)).empty());
  EXPECT_DOUBLE_EQ(fluid.used(Part::gpu).count(), 0.95);
  EXPECT_NEAR(fluid.end_of(shorter).count(), 2 / 0.95, 1e-9);
  EXPECT_EQ(fluid.advance_to(Seconds(10)), (std::vector{shorter, longer}));
  EXPECT_EQ(fluid.now(), Seconds(10));
  EXPECT_NEAR(fluid.used(Part::gpu).count(), 3, 1e-9);
}

TEST(Fluid, AWorkThatIsStoppedLeavesItsPartToTheOthers) {
  Fluid fluid(shared);
  const auto stopped = fluid.start(on_gpu(5));
  const auto other = fluid.start(on_gpu(1));
  fluid.advance_to(Seconds(1));
  fluid.stop(stopped);
  fluid.stop(stopped);
  EXPECT_EQ(fluid.speed(other), 1);
  EXPECT_EQ(fluid.advance(), std::vector{other});
  EXPECT_NEAR(fluid.now().count(), 1 + (1 - 0.475), 1e-9);
  EXPECT_NEAR(fluid.used(Part::gpu).count(), 0.475 + 1, 1e-9);
  EXPECT_TRUE(fluid.idle());
}

// By chance: works of 0.001 to 10 s, of which some use no part at all.
Work any_work() {
  const auto share = [] {
    return *rc::gen::element(0.0, 1.0, *rc::gen::inRange(0, 1001) / 1000.0);
  };
  return {.alone = Seconds(*rc::gen::inRange(1, 10'000) / 1000.0),
          .use = {.gpu = share(), .cpu = share(), .link = share()}};
}

double capacity(const std::vector<Work>& works, double Shares::* part) {
  const auto users = std::ranges::count_if(works, [&](const Work& w) { return w.use.*part > 0; });
  return users > 1 ? shared.*part : 1;
}

RC_GTEST_PROP(Fluid, NoPartIsOverfilledAndNoneIsLeftThatAWorkCouldUse, ()) {
  Fluid fluid(shared);
  std::vector<Work> works;
  std::vector<Fluid::Id> ids;
  for (int n = *rc::gen::inRange(1, 9); n > 0; --n) {
    works.push_back(any_work());
    ids.push_back(fluid.start(works.back()));
  }
  const auto room = [&](double Shares::* part, Part which) {
    const double left = capacity(works, part) - fluid.load(which);
    RC_ASSERT(left >= -1e-9);
    return left;
  };
  const double gpu = room(&Shares::gpu, Part::gpu);
  const double cpu = room(&Shares::cpu, Part::cpu);
  const double link = room(&Shares::link, Part::link);
  for (std::size_t at = 0; at < works.size(); ++at) {
    const double speed = fluid.speed(ids[at]);
    RC_ASSERT(speed > 0);
    RC_ASSERT(speed <= 1 + 1e-9);
    const auto& use = works[at].use;
    RC_ASSERT(speed > 1 - 1e-9 || (use.gpu > 0 && gpu < 1e-8) || (use.cpu > 0 && cpu < 1e-8) ||
              (use.link > 0 && link < 1e-8));
  }
}

RC_GTEST_PROP(Fluid, WorkIsConserved, ()) {
  Fluid fluid(shared);
  Shares sum;
  Seconds alone_max{}, alone_sum{};
  const auto start = [&](int works) {
    for (; works > 0; --works) {
      const Work work = any_work();
      fluid.start(work);
      sum.gpu += work.alone.count() * work.use.gpu;
      sum.cpu += work.alone.count() * work.use.cpu;
      sum.link += work.alone.count() * work.use.link;
      alone_max = std::max(alone_max, work.alone);
      alone_sum += work.alone;
    }
  };
  start(*rc::gen::inRange(1, 5));
  fluid.advance();
  start(*rc::gen::inRange(0, 5));
  while (!fluid.advance().empty()) {
  }
  RC_ASSERT(std::abs(fluid.used(Part::gpu).count() - sum.gpu) < 1e-6);
  RC_ASSERT(std::abs(fluid.used(Part::cpu).count() - sum.cpu) < 1e-6);
  RC_ASSERT(std::abs(fluid.used(Part::link).count() - sum.link) < 1e-6);
  RC_ASSERT(fluid.now() >= alone_max - Seconds(1e-6));
  // Side by side at worst as slow as one after the other, but for what sharing costs.
  RC_ASSERT(fluid.now() <= alone_sum / 0.9 + Seconds(1e-6));
}

// Looking at it in between changes nothing.
RC_GTEST_PROP(Fluid, TimeInStepsIsTimeAtOnce, ()) {
  Fluid at_once(shared), in_steps(shared);
  for (int n = *rc::gen::inRange(1, 9); n > 0; --n) {
    const Work work = any_work();
    at_once.start(work);
    in_steps.start(work);
  }
  std::vector<Fluid::Id> ended, ended_in_steps;
  while (!at_once.idle()) {
    const auto those = at_once.advance();
    ended.insert(ended.end(), those.begin(), those.end());
  }
  while (!in_steps.idle()) {
    const auto those =
        in_steps.advance_to(in_steps.now() + Seconds(*rc::gen::inRange(1, 5000) / 1e3));
    ended_in_steps.insert(ended_in_steps.end(), those.begin(), those.end());
  }
  std::ranges::sort(ended);
  std::ranges::sort(ended_in_steps);
  RC_ASSERT(ended == ended_in_steps);
  RC_ASSERT(std::abs((at_once.used(Part::gpu) - in_steps.used(Part::gpu)).count()) < 1e-6);
  RC_ASSERT(in_steps.now() >= at_once.now() - Seconds(1e-6));
}

}  // namespace
}  // namespace kai
