// Questions that a host answers beside this machine's devices, in virtual time.
#include <gtest/gtest.h>

#include "coordinator/coordinator.h"
#include "sim/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// A host, as the story sees one: what it says to every question is set by the test.
class PlayedHost final : public Engine, public Residence {
 public:
  PlayedHost(Clock& clock, ScriptEngine& here) : clock_(clock), here_(here) {}

  std::string is_out;          // as the host's view
  std::optional<Error> fails;  // instead of an answer
  std::optional<Error> fails_load;
  Duration takes = 1s;  // until the first word
  int asked = 0;

  Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model, const Lease& lease,
                   OnStep on_step) override {
    if (lease.lane().device.text != "box") {
      co_return co_await here_.ask(std::move(messages), std::move(ask), model, lease, on_step);
    }
    ++asked;
    Answer answer;
    if (fails) {
      answer.error = fails;
      co_return answer;
    }
    const Time start = clock_.now();
    co_await clock_.sleep_until(start + takes);
    on_step(event::Token{ask.member, "Paris"});
    co_await clock_.sleep_until(clock_.now() + 1s);
    answer.ending = Ending::complete;
    answer.text = "Paris";
    answer.usage = {ask.prompt, Tokens(40)};
    answer.timings = {.prefill = takes, .decode = 1s, .ttft = takes, .total = clock_.now() - start};
    co_return answer;
  }
  std::string out(const DeviceId& device) const override {
    return device.text == "box" ? is_out : "";
  }
  Task<Result<Loaded>> load(LaneId lane, const Model& model, Claim claim, Time until,
                            OnProgress on_progress) override {
    if (lane.device.text != "box") {
      co_return co_await here_.load(lane, model, claim, until, on_progress);
    }
    if (fails_load) co_return std::unexpected(*fails_load);
    co_return Loaded{};
  }
  Task<bool> unload(LaneId lane, ModelId model, Time until) override {
    co_return co_await here_.unload(lane, model, until);
  }

 private:
  Clock& clock_;
  ScriptEngine& here_;
};

// One model here, two on the host.
class HostStory : public testing::Test {
 protected:
  HostStory() {
    fleet_.devices = {
        {DeviceId("cpu"), DeviceKind::cpu, "simulated", 4096_MiB, 1, 1},
        {.id = DeviceId("box"), .kind = DeviceKind::remote, .lanes = 4, .running = 4}};
    for (const std::string name : {"here", "box/a", "box/b"}) {
      Model& model = fleet_.models.emplace_back();
      model.id = ModelId(name);
      const bool remote = name.starts_with("box");
      if (remote) model.host = DeviceId("box");
      cards_.push_back({.model = model.id,
                        .device = DeviceId(remote ? "box" : "cpu"),
                        .weights = remote ? Bytes(0) : 100_MiB,
                        .load = remote ? Duration(300ms) : Duration(1s),
                        .prefill_rate = 1000,
                        .decode_rate = 30});
    }
    Script script;
    script.answer = [](const std::string&, Random&) { return std::vector<std::string>{"Paris"}; };
    here_.add(ModelId("here"), std::move(script));
  }

  Outcome ask(Duration later = {}) {
    events_.clear();
    Query query;
    query.id = QueryId("q_1");
    query.messages = {{Role::user, "What is the capital of France?"}};
    query.asked = clock_.now() + later;
    query.mode = Mode::all;
    query.hear_all = true;
    query.time_limit = 30s;
    Player(io_, clock_)
        .play(coordinator(), {query}, [this](const Event& event) { events_.push_back(event); }, {});
    return std::get<event::Completed>(events_.back().what).outcome;
  }
  Coordinator& coordinator() {
    if (!coordinator_) {
      scheduler_ = std::make_unique<Scheduler>(fleet_.devices, host_, clock_);
      coordinator_ = std::make_unique<Coordinator>(
          Crew{io_.get_executor(), clock_, fleet_, *scheduler_, host_, store_, lock_},
          CoordinatorOptions{.study = {0, 0}}, cards_);
    }
    return *coordinator_;
  }
  static std::string left_out(const Outcome& outcome, const std::string& model) {
    for (const auto& one : outcome.plans.front().left_out) {
      if (one.model.text == model) return one.why;
    }
    return "";
  }
  const CostCard& card(const std::string& model) {
    return *std::ranges::find(coordinator().cards(), ModelId(model), &CostCard::model);
  }

  boost::asio::io_context io_{1};
  VirtualClock clock_;
  Fleet fleet_;
  std::vector<CostCard> cards_;
  MachineLock lock_{"", clock_};
  ScriptEngine here_{clock_, 7, {}};
  PlayedHost host_{clock_, here_};
  testing_sim::RememberingStore store_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<Event> events_;
  std::unique_ptr<Coordinator> coordinator_;
};

TEST_F(HostStory, BothAnswerOneQuestion) {
  const Outcome outcome = ask();
  ASSERT_TRUE(outcome.answered());
  EXPECT_EQ(outcome.answers.size(), 3u);
  EXPECT_EQ(outcome.verdict.text, "Paris");
  EXPECT_EQ(host_.asked, 2);
  const auto& answer = testing_sim::Stage::answer_of(outcome, "box/a");
  EXPECT_EQ(answer.device, DeviceId("box"));
  EXPECT_EQ(answer.ending, Ending::complete);
}

TEST_F(HostStory, ItsCostIsLearnedFromItsAnswers) {
  host_.takes = 2s;
  ask();
  EXPECT_NEAR(card("box/a").decode_rate, 40, 0.1);
  EXPECT_NEAR(seconds(card("box/a").load), 2, 0.1);  // its prompt is short: none of it is reading
  EXPECT_EQ(card("box/a").prefill_rate, 1000);
  EXPECT_EQ(card("box/a").measured, 1);
  ASSERT_FALSE(store_.cards_kept.empty());
}

TEST_F(HostStory, AHostThatIsOutIsNotAsked) {
  host_.is_out = "box is out: nobody answers";
  const Outcome outcome = ask();
  EXPECT_TRUE(outcome.answered());
  EXPECT_EQ(host_.asked, 0);
  EXPECT_EQ(left_out(outcome, "box/a"), "box is out: nobody answers");
  host_.is_out = "";
  ask();
  EXPECT_EQ(host_.asked, 2);
}

TEST_F(HostStory, AHostThatGoesIsToldOnceAndFailsNoQuestion) {
  host_.fails = Error{ErrorCode::device_lost, "box is out: nobody answers"};
  const Outcome outcome = ask();
  EXPECT_TRUE(outcome.answered());
  EXPECT_EQ(outcome.device_changes, std::vector<std::string>{"box is out: nobody answers"});
  EXPECT_TRUE(store_.deaths_kept.empty());  // it is not the models' fault
  host_.fails.reset();
  EXPECT_EQ(testing_sim::Stage::answer_of(ask(), "box/b").ending, Ending::complete);
}

TEST_F(HostStory, AHostThatGoesBeforeItsFirstQuestionToo) {
  host_.fails_load = Error{ErrorCode::device_lost, "box is out: nobody answers"};
  const Outcome outcome = ask();
  EXPECT_TRUE(outcome.answered());
  EXPECT_EQ(host_.asked, 0);
  EXPECT_EQ(outcome.device_changes.size(), 1u);
}

TEST_F(HostStory, AModelThatFailsThereAgainAndAgainRests) {
  host_.fails = Error{ErrorCode::host_lost, "box wrote nonsense"};
  EXPECT_TRUE(ask().answered());
  EXPECT_EQ(host_.asked, 2);  // each once: what was streamed is not asked for again
  ask();
  const Outcome third = ask();
  EXPECT_TRUE(third.answered());
  EXPECT_EQ(host_.asked, 4);
  EXPECT_TRUE(left_out(third, "box/a").starts_with("failed on box 2 times in a row"))
      << left_out(third, "box/a");
  host_.fails.reset();
  EXPECT_EQ(testing_sim::Stage::answer_of(ask(1min), "box/a").ending, Ending::complete);
}

TEST_F(HostStory, TooMuchToDoIsNoFailing) {
  host_.fails = Error{ErrorCode::overloaded, "box has too much to do"};
  for (int question = 0; question < 4; ++question) ask();
  EXPECT_EQ(host_.asked, 8);
}

}  // namespace
}  // namespace kai
