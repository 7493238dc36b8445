// Every word of a worker, and every silence, in place of an answer.
#include "engines/testing.h"

namespace kai {
namespace {

using namespace testing_engines;

const wire::Loaded loaded{{Bytes(1), Bytes(2), Bytes(3)}, 5ms};
const wire::Done done{Ending::complete, {Tokens(3), Tokens(2)}, 1ms, 2ms, -0.5};

TEST_F(LaneEngineTest, ALoadTellsItsProgressAndFootprint) {
  says({{{wire::Progress{0.5}, wire::Beat{1}, loaded}}});
  const auto result = load();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->weights, Bytes(1));
  EXPECT_EQ(result->kv_per_token, Bytes(2));
  EXPECT_EQ(result->buffers, Bytes(3));
  EXPECT_EQ(progress_, (std::vector{0.0, 0.5}));
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].target, "/load");
  EXPECT_EQ(wire::decode_load(requests_[0].body)->path, "/m.gguf");
}

TEST_F(LaneEngineTest, AnAnswerComesInPieces) {
  says({{{wire::Prefill{1}, wire::Piece{"Be"}, wire::Piece{"cause"}, done}}});
  const Answer answer = ask();
  EXPECT_EQ(answer.text, "Because");
  EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_EQ(answer.usage.answer, Tokens(2));
  EXPECT_EQ(answer.logprob_mean, -0.5);
  EXPECT_GT(answer.timings.ttft, 0ns);
  EXPECT_EQ(steps_.size(), 3u);
  const auto request = wire::decode_generate(requests_[0].body);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->messages[0].text, "Why?");
  EXPECT_LE(request->limit, 10s);
}

TEST_F(LaneEngineTest, ARefusalIsPassedOnAndCostsNoWorker) {
  says({{{wire::Failed{{ErrorCode::model_refused, "is damaged"}}}}});
  EXPECT_EQ(load().error().code, ErrorCode::model_refused);
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::failed);
  EXPECT_EQ(answer.error->message, "is damaged");
  EXPECT_EQ(lost_, 0);
}

// What the worker says in place of an answer, and what is said of it.
struct Broken {
  const char* name;
  Say say;
  std::string_view said;
};
void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.name;
}
class BrokenWorker : public LaneEngineTest, public testing::WithParamInterface<Broken> {};

TEST_P(BrokenWorker, IsLostAndItsLaneServesAgain) {
  says({GetParam().say, {{done}}});
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::failed);
  ASSERT_TRUE(answer.error.has_value());
  EXPECT_EQ(answer.error->code, ErrorCode::lane_lost);
  EXPECT_NE(answer.error->message.find(GetParam().said), std::string::npos)
      << answer.error->message;
  EXPECT_EQ(lost_, 1);
  EXPECT_EQ(ask().ending, Ending::complete);
}
INSTANTIATE_TEST_SUITE_P(
    Ways, BrokenWorker,
    testing::Values(Broken{"Nonsense", {{}, "what?\n", false, false}, "spoke nonsense"},
                    Broken{"HalfALine", {{}, R"({"text":"a)", false, false}, "spoke nonsense"},
                    Broken{"EndsTooEarly", {{wire::Piece{"a"}}, "", false, false}, "too early"},
                    Broken{"Silent", {{wire::Piece{"a"}}, "", true, false}, "no sign of life"},
                    Broken{"StandsStill", {{wire::Piece{"a"}}, "", true, true}, "does not get on"}),
    [](const auto& way) { return way.param.name; });

TEST_F(LaneEngineTest, ALoadManyTimesAsLongAsItsCardGoesOnAsLongAsItGetsOn) {
  says({{.steps = 30, .then = {loaded}}});
  const Time start = clock_->now();
  EXPECT_TRUE(load(10s, 5ms));
  EXPECT_GT(clock_->now() - start, 500ms);
  EXPECT_EQ(lost_, 0);
}

// Beats go on, steps do not: what the card says decides how long that is watched.
TEST_F(LaneEngineTest, AHangIsFoundByWhatTheCardSays) {
  options_.step_max = 1h;
  says({{.stays = true, .beats = true}});
  Time start = clock_->now();
  EXPECT_EQ(load(1h, 10ms).error().code, ErrorCode::lane_lost);
  EXPECT_LT(clock_->now() - start, 2s);
  start = clock_->now();
  EXPECT_EQ(load(1h, 300ms).error().code, ErrorCode::lane_lost);
  EXPECT_GT(clock_->now() - start, 900ms);
  // While reading, and after the first words.
  ask_.prefill = ask_.decode = 10ms;
  EXPECT_EQ(ask(1h).error->code, ErrorCode::lane_lost);
  says({{.events = {wire::Piece{"Be"}}, .stays = true, .beats = true}});
  const Answer answer = ask(1h);
  EXPECT_EQ(answer.error->code, ErrorCode::lane_lost);
  EXPECT_EQ(answer.text, "Be");
  EXPECT_LT(clock_->now() - start, 10s);
}

TEST_F(LaneEngineTest, AHangIsFoundWhileHalfOfTheTimeIsLeft) {
  options_.step_max = options_.step_min = 1h;
  says({{.stays = true, .beats = true}});
  const Time start = clock_->now();
  EXPECT_EQ(load(2s).error().code, ErrorCode::lane_lost);
  EXPECT_LT(clock_->now() - start, 1900ms);
}

TEST_F(LaneEngineTest, TheDeadlineKeepsWhatWasWritten) {
  options_.silence_max = 10s;
  says({{{wire::Piece{"Be"}}, "", true, false}});
  const Answer answer = ask(100ms);
  EXPECT_EQ(answer.ending, Ending::deadline);
  EXPECT_FALSE(answer.error.has_value());
  EXPECT_EQ(answer.text, "Be");
  EXPECT_EQ(lost_, 0);
}

TEST_F(LaneEngineTest, WithoutTimeNothingIsAsked) {
  EXPECT_EQ(ask(0s).ending, Ending::deadline);
  EXPECT_TRUE(requests_.empty());
}

TEST_F(LaneEngineTest, AWorkerThatDoesNotStartIsSaidWithItsLastWords) {
  become("echo 'no such device' >&2; exit 1");
  const auto result = load();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::device_lost);
  EXPECT_NE(result.error().message.find("no such device"), std::string::npos)
      << result.error().message;
  EXPECT_EQ(lost_, 1);
}

TEST_F(LaneEngineTest, AWorkerThatIsNeverReadyIsGivenUp) {
  options_.start_max = 100ms;
  become("exec cat");
  EXPECT_EQ(load().error().code, ErrorCode::device_lost);
}

TEST_F(LaneEngineTest, AGpusMemoryIsReadByItsWorkerWhereOneRuns) {
  devices_[0].kind = DeviceKind::gpu;
  EXPECT_TRUE(run(engine().read(clock_->now() + 1s)).empty());
  says({{{loaded}}});
  ASSERT_TRUE(load());
  status_ = wire::encode(wire::Status{1, 1, {}, Bytes(30), Bytes(100)});
  auto readings = run(engine().read(clock_->now() + 1s));
  ASSERT_EQ(readings.size(), 1u);
  EXPECT_EQ(readings[0].device, lane.device);
  EXPECT_EQ(readings[0].free, Bytes(30));
  EXPECT_EQ(readings[0].total, Bytes(100));
  EXPECT_EQ(readings[0].processes, 1);
  EXPECT_EQ(readings[0].fault, "");
  // The driver hangs, or the worker says nothing sensible: a fault, and no worker is lost for it.
  status_ = wire::encode(wire::Status{1, 1, {}, Bytes(0), Bytes(0)});
  EXPECT_EQ(run(engine().read(clock_->now() + 1s))[0].fault, "the driver does not answer");
  status_ = "what?";
  EXPECT_NE(run(engine().read(clock_->now() + 1s))[0].fault, "");
  EXPECT_EQ(lost_, 0);
}

TEST_F(LaneEngineTest, AnUnloadThatIsConfirmedCostsNothing) {
  says({{{wire::Loaded{}}}});
  EXPECT_FALSE(run(unloaded(10s)));
  EXPECT_EQ(requests_.back().target, "/unload");
  EXPECT_EQ(lost_, 0);
}

TEST_F(LaneEngineTest, AnUnloadOfWhatIsNotThereIsConfirmedToo) {
  says({{{wire::Failed{{ErrorCode::not_found, "is not loaded"}}}}});
  run(unloaded(10s));
  EXPECT_EQ(lost_, 0);
}

// So a death of the worker under whoever answers there is not taken for kai's own doing.
TEST_F(LaneEngineTest, AWorkerThatDiesDuringAnUnloadWasNotEndedByKai) {
  says({{{}, "", false, false}});  // it hangs up without a word
  EXPECT_FALSE(run(unloaded(10s)));
  EXPECT_EQ(lost_, 1);
}

// The ledger gives its bytes away: it must not stay in memory.
class UnconfirmedUnload : public LaneEngineTest, public testing::WithParamInterface<bool> {
 protected:
  // Not a word, or a sign of life and then no more.
  UnconfirmedUnload() {
    options_.silence_max = 10s;
    Say say{{}, "", true, false};
    if (GetParam()) say.events = {wire::Beat{1}};
    says({say});
  }
};

TEST_P(UnconfirmedUnload, EndsTheWorkerWhenItIsLate) {
  EXPECT_TRUE(run(unloaded(50ms))) << "kai ended it";
  EXPECT_EQ(lost_, 1);
}

TEST_P(UnconfirmedUnload, EndsTheWorkerWhenItIsCancelled) {
  TaskGroup<bool> group(io_.get_executor());
  engine();
  const auto index = group.start(unloaded(10s));
  while (requests_.empty()) io_.run_one_for(50ms);
  io_.run_for(20ms);  // the client has read what there is
  group.cancel(index);
  while (group.running() > 0) io_.run_one_for(50ms);
  EXPECT_EQ(lost_, 1);
}
INSTANTIATE_TEST_SUITE_P(SignsOfLife, UnconfirmedUnload, testing::Bool(),
                         [](const auto& sign) { return sign.param ? "One" : "None"; });

}  // namespace
}  // namespace kai
