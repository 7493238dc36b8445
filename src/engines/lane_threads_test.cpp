// Lanes that compute on the CPU side by side.
#include "engines/testing.h"

namespace kai {
namespace {

using namespace testing_engines;

const wire::Done done{Ending::complete, {Tokens(3), Tokens(2)}, 1ms, 2ms, -0.5};

TEST_F(LaneEngineTest, ASplitModelsAnswerSharesTheCoresWhileItLasts) {
  devices_ = {{DeviceId("gpu0"), DeviceKind::gpu, "", Bytes(100), 1, 1},
              {lane.device, DeviceKind::cpu, "", Bytes(100), 2, 8, 1}};
  says({{.steps = 40, .then = {done}}, {.steps = 10, .then = {done}}});
  Ask split = ask_;
  split.device = DeviceId("gpu0");
  split.beside = lane.device;
  split.share = 0.5;
  ask_.deadline = split.deadline = clock_->now() + 10s;
  Scheduler scheduler(devices_, ready_, *clock_);
  const auto answer = [&](Ask one) -> Task<Answer> {
    const auto lease = co_await scheduler.acquire(one, model_, CostCard{}, {});
    co_return co_await engine_->ask({{Role::user, "Why?"}}, one, model_, *lease,
                                    [](const auto&) {});
  };
  engine();
  TaskGroup<Answer> group(io_.get_executor());
  for (const Ask& one : {ask_, split}) {
    group.start(answer(one));
    io_.run_for(100ms);  // the worker of the first has to be running
  }
  for (const Time end = clock_->now() + 5s; group.running() > 0 && clock_->now() < end;) {
    io_.run_one_for(50ms);
  }
  for (auto& each : run(group.join())) EXPECT_EQ(each.value.ending, Ending::complete);
  std::vector<int> cpu, gpu;
  for (const auto& [worker, threads] : threads_) (worker == "cpu.0" ? cpu : gpu).push_back(threads);
  EXPECT_EQ(cpu, (std::vector{4, 8}));
  EXPECT_EQ(gpu, std::vector{4});
}

// It hangs just then: that is found by its silence, as ever.
TEST_F(LaneEngineTest, AWorkerThatDoesNotHearOfItsThreadsIsLost) {
  devices_ = {{DeviceId("gpu0"), DeviceKind::gpu, "", Bytes(100), 1, 1},
              {lane.device, DeviceKind::cpu, "", Bytes(100), 2, 8, 1}};
  deaf_ = true;
  says({{{wire::Piece{"a"}}, "", true, false}});
  ask_.device = DeviceId("gpu0");
  ask_.beside = lane.device;
  ask_.share = 0.5;
  const Time start = clock_->now();
  const Answer answer = ask();
  EXPECT_EQ(answer.error->code, ErrorCode::lane_lost);
  EXPECT_LT(clock_->now() - start, 2s);
}

}  // namespace
}  // namespace kai
