// Real workers on real models: what they write, and what happens when they die, hang or are left.
#include "tests/e2e/lanes.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <functional>

#include "http/http.h"
#include "wire/worker_protocol.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr auto no_steps = [](const auto&) {};

TEST_F(Lanes, ARealModelAnswersARealQuestion) {
  const Answer answer =
      run(ask_now(smol_, ask_of(smol_), "What is the capital of France?", no_steps));
  EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_NE(answer.text.find("Paris"), std::string::npos) << answer.text;
  EXPECT_GT(answer.usage.prompt.count, 5);
  EXPECT_GT(answer.usage.answer.count, 1);
  ASSERT_TRUE(answer.logprob_mean.has_value());
  EXPECT_LE(*answer.logprob_mean, 0);
  EXPECT_GT(answer.timings.ttft, Duration::zero());
}

TEST_F(Lanes, ABaseModelAnswersThroughItsTemplate) {
  const Answer answer =
      run(ask_now(gemma_, ask_of(gemma_), "What is the capital of France?", no_steps));
  EXPECT_EQ(answer.text, "Paris");
}

Task<std::vector<Answer>> both(TaskGroup<Answer>& group, Clock& clock) {
  std::vector<Answer> answers;
  while (auto done = co_await group.next(clock, Time::max())) {
    answers.push_back(std::move(done->value));
  }
  co_return answers;
}

TEST_F(Lanes, TwoModelsRunSideBySideOnTwoLanes) {
  TaskGroup<Answer> group(io_.get_executor());
  group.start(ask_now(smol_, ask_of(smol_), "What is the capital of France?", no_steps));
  group.start(ask_now(gemma_, ask_of(gemma_), "What is the capital of France?", no_steps));
  const auto answers = run(both(group, *clock_));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(children_of(::getpid(), "kai-worker").size(), 2u);
  for (const auto& answer : answers) EXPECT_NE(answer.text.find("Paris"), std::string::npos);
}

TEST_F(Lanes, SamplesOfOneModelShareALane) {
  TaskGroup<Answer> group(io_.get_executor());
  for (int sample = 1; sample <= 3; ++sample) {
    Ask ask = ask_of(smol_, sample);
    ask.sequences = 3;
    if (sample > 1) ask.sampling = {.temperature = 0.8, .seed = static_cast<unsigned>(sample)};
    group.start(ask_now(smol_, ask, "Name a colour.", no_steps));
  }
  const auto answers = run(both(group, *clock_));
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(children_of(::getpid(), "kai-worker").size(), 1u);
  for (const auto& answer : answers) EXPECT_FALSE(answer.text.empty());
}

TEST_F(Lanes, TheSameSeedWritesTheSameWords) {
  Ask ask = ask_of(smol_);
  ask.sampling = {.temperature = 1.0, .seed = 42};
  const auto first = run(ask_now(smol_, ask, "Tell me a story.", no_steps)).text;
  EXPECT_EQ(run(ask_now(smol_, ask, "Tell me a story.", no_steps)).text, first);
  ask.sampling.seed = 43;
  EXPECT_NE(run(ask_now(smol_, ask, "Tell me a story.", no_steps)).text, first);
}

TEST_F(Lanes, AGrammarBindsTheAnswer) {
  Ask ask = ask_of(smol_);
  ask.sampling.form.grammar = "root ::= \"yes\" | \"no\"";
  const Answer answer = run(ask_now(smol_, ask, "Is the sky blue?", no_steps));
  EXPECT_TRUE(answer.text == "yes" || answer.text == "no") << answer.text;
}

TEST_F(Lanes, ABrokenGrammarIsRefusedAndTheWorkerLives) {
  Ask ask = ask_of(smol_);
  ask.sampling.form.grammar = "this is no grammar";
  const Answer answer = run(ask_now(smol_, ask, "Is the sky blue?", no_steps));
  ASSERT_TRUE(answer.error.has_value());
  EXPECT_EQ(answer.error->code, ErrorCode::invalid_request);
  EXPECT_EQ(run(ask_now(smol_, ask_of(smol_), "Hello", no_steps)).ending, Ending::complete);
}

TEST_F(Lanes, AnswersEndAtTheirLimitAndAtStopStrings) {
  Ask ask = ask_of(smol_);
  ask.answer_max = Tokens(5);
  Answer answer = run(ask_now(smol_, ask, "Explain how rain forms.", no_steps));
  EXPECT_EQ(answer.ending, Ending::token_limit);
  EXPECT_EQ(answer.usage.answer.count, 5);
  ask.answer_max = Tokens(48);
  ask.sampling.stop = {" is"};
  answer = run(ask_now(smol_, ask, "What is the capital of France?", no_steps));
  EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_EQ(answer.text, "The capital of France");
}

TEST_F(Lanes, TokensAreToldWithHowLikelyTheyWere) {
  Ask ask = ask_of(smol_);
  EXPECT_TRUE(run(ask_now(smol_, ask, "Explain rain.", no_steps)).tokens.empty());
  ask.answer_max = Tokens(8);
  ask.sampling.top_logprobs = 5;
  const Answer answer = run(ask_now(smol_, ask, "Explain how rain forms.", no_steps));
  EXPECT_EQ(answer.ending, Ending::token_limit);
  ASSERT_EQ(answer.tokens.size(), 8u);
  std::string bytes;
  double sum = 0;
  for (const auto& token : answer.tokens) {
    bytes += token.written.bytes;
    sum += token.written.logprob;
    ASSERT_EQ(token.likeliest.size(), 5u);
    EXPECT_TRUE(std::ranges::is_sorted(token.likeliest, std::greater{}, &TokenChance::logprob));
    EXPECT_EQ(token.likeliest[0], token.written) << "the likeliest is what is written at 0 degrees";
    double chance = 0;
    for (const auto& other : token.likeliest) chance += std::exp(other.logprob);
    EXPECT_LT(chance, 1.001);
  }
  EXPECT_TRUE(bytes.ends_with(answer.text)) << bytes << " is not " << answer.text;
  EXPECT_NEAR(sum / 8, answer.logprob_mean.value_or(1), 1e-3);
}

TEST_F(Lanes, ADeadlineCutsTheAnswerAndKeepsWhatWasWritten) {
  run(ask_now(smol_, ask_of(smol_), "Hello", no_steps));  // loaded and warm
  Ask ask = ask_of(smol_);
  ask.context = Tokens(512);
  ask.answer_max = Tokens(400);
  ask.deadline = clock_->now() + 400ms;
  const Time start = clock_->now();
  const Answer answer = run(ask_now(smol_, ask, "Write a long story about a river.", no_steps));
  EXPECT_EQ(answer.ending, Ending::deadline);
  EXPECT_FALSE(answer.text.empty());
  EXPECT_LT(clock_->now() - start, 1400ms);
}

class DyingLanes : public Lanes, public testing::WithParamInterface<bool> {};

// Strikes the worker at its first sign of the phase; the ask must end at once and the lane serve
// again.
TEST_P(DyingLanes, KilledWhileReadingOrWriting) {
  const bool while_writing = GetParam();
  Ask ask = ask_of(smol_);
  ask.context = Tokens(4096);
  ask.answer_max = Tokens(200);
  std::string question = "Tell me about rivers.";
  for (int count = 0; count < (while_writing ? 0 : 150); ++count) {
    question += " The river flows from the mountain to the sea.";
  }
  std::optional<Time> killed;
  const Answer answer = run(ask_now(smol_, ask, question, [&](const auto& step) {
    const bool writing = std::holds_alternative<event::Token>(step);
    if (killed || writing != while_writing) return;
    for (const pid_t pid : children_of(::getpid(), "kai-worker")) ::kill(pid, SIGKILL);
    killed = clock_->now();
  }));
  ASSERT_TRUE(killed.has_value());
  EXPECT_LT(clock_->now() - *killed, 100ms);
  EXPECT_EQ(answer.ending, Ending::failed);
  ASSERT_TRUE(answer.error.has_value());
  EXPECT_EQ(answer.error->code, ErrorCode::lane_lost);
  EXPECT_TRUE(scheduler_->ledger().residents(DeviceId("cpu")).empty());
  EXPECT_EQ(run(ask_now(smol_, ask_of(smol_), "Hello", no_steps)).ending, Ending::complete);
}
INSTANTIATE_TEST_SUITE_P(Phases, DyingLanes, testing::Bool(),
                         [](const auto& phase) { return phase.param ? "Writing" : "Reading"; });

Task<Error> refusal(Scheduler& scheduler, Ask ask, const Model& model, CostCard card,
                    AcquireProgress progress) {
  const auto lease = co_await scheduler.acquire(ask, model, card, std::move(progress));
  co_return lease ? Error{ErrorCode::internal, "was not refused"} : lease.error();
}

TEST_F(Lanes, KilledWhileLoadingFailsTheAskAndServesAgain) {
  engine();
  const CostCard card{gemma_.id,
                      DeviceId("cpu"),
                      Bytes(500'000'000),
                      Bytes(20'000),
                      Bytes(50'000'000),
                      {},
                      1000,
                      100,
                      0};
  std::optional<Time> struck;
  AcquireProgress progress;
  progress.loading = [&](double done) {
    // At 0 the worker may not have been started yet.
    if (done == 0 || struck) return;
    for (const pid_t pid : children_of(::getpid(), "kai-worker")) ::kill(pid, SIGKILL);
    struck = clock_->now();
  };
  const Error error = run(refusal(*scheduler_, ask_of(gemma_), gemma_, card, progress));
  EXPECT_EQ(error.code, ErrorCode::lane_lost) << error.message;
  ASSERT_TRUE(struck.has_value());
  EXPECT_LT(clock_->now() - *struck, 100ms);
  EXPECT_EQ(scheduler_->ledger().held(DeviceId("cpu")), Bytes(0));
  EXPECT_EQ(run(ask_now(gemma_, ask_of(gemma_), "What is the capital of France?", no_steps)).text,
            "Paris");
}

TEST_F(Lanes, AStoppedWorkerIsNoticedAndReplaced) {
  options_.silence_max = 2s;
  Ask ask = ask_of(smol_);
  ask.answer_max = Tokens(400);
  std::optional<Time> stopped;
  pid_t victim = 0;
  const Answer answer = run(ask_now(smol_, ask, "Write a long story.", [&](const auto& step) {
    if (stopped || !std::holds_alternative<event::Token>(step)) return;
    victim = children_of(::getpid(), "kai-worker").at(0);
    ::kill(victim, SIGSTOP);
    stopped = clock_->now();
  }));
  ASSERT_TRUE(stopped.has_value());
  EXPECT_EQ(answer.ending, Ending::failed);
  EXPECT_EQ(answer.error->code, ErrorCode::lane_lost);
  EXPECT_LT(clock_->now() - *stopped, 5s);
  EXPECT_NE(::kill(victim, 0), 0) << "the stopped worker is still there";
  EXPECT_EQ(run(ask_now(smol_, ask_of(smol_), "Hello", no_steps)).ending, Ending::complete);
}

// Half a second after the client left, the worker's count of steps stands still.
Task<bool> is_quiet(Clock& clock, std::string socket) {
  std::vector<std::int64_t> counters;
  for (int look = 0; look < 2; ++look) {
    co_await clock.sleep_until(clock.now() + 500ms);
    const auto status =
        co_await http::fetch(clock, socket, {"GET", "/status", ""}, clock.now() + 5s);
    if (!status) {
      ADD_FAILURE() << status.error().message;
      co_return false;
    }
    counters.push_back(wire::decode_status(status->body)->counter);
  }
  EXPECT_EQ(counters[0], counters[1]);
  co_return counters[0] == counters[1];
}

Task<Answer> leave_at(TaskGroup<Answer>& group, Clock& clock, Wait& moment) {
  co_await moment.until_resumed();
  group.cancel_all();
  auto done = co_await group.next(clock, Time::max());
  co_return std::move(done->value);
}

class LeavingLanes : public Lanes, public testing::WithParamInterface<bool> {};

TEST_P(LeavingLanes, AClientThatLeavesQuietsItsModel) {
  const bool while_writing = GetParam();
  Ask ask = ask_of(smol_);
  ask.context = Tokens(4096);
  ask.answer_max = Tokens(1000);
  std::string question = "Write a very long story about a river.";
  for (int count = 0; count < (while_writing ? 0 : 250); ++count) {
    question += " The river flows from the mountain to the sea.";
  }
  Wait moment;
  TaskGroup<Answer> group(io_.get_executor());
  group.start(ask_now(smol_, ask, question, [&](const auto& step) {
    if (std::holds_alternative<event::Token>(step) == while_writing) moment.resume();
  }));
  const Answer answer = run(leave_at(group, *clock_, moment));
  EXPECT_EQ(answer.ending, Ending::cancelled);
  EXPECT_TRUE(run(is_quiet(*clock_, folder_.path() + "/cpu.0.sock")));
}
INSTANTIATE_TEST_SUITE_P(Phases, LeavingLanes, testing::Bool(),
                         [](const auto& phase) { return phase.param ? "Writing" : "Reading"; });

// The events of a POST to a worker, up to `lines_max` of them; then the connection is closed.
Task<std::vector<wire::WorkerEvent>> told(Clock& clock, std::string socket, std::string target,
                                          std::string body, std::size_t lines_max) {
  std::vector<wire::WorkerEvent> events;
  auto lines = co_await http::open(clock, socket, {"POST", target, body}, clock.now() + 20s);
  while (lines && events.size() < lines_max) {
    const auto line = co_await (*lines)->next(clock.now() + 20s);
    if (!line || !*line) break;
    const auto event = wire::decode_event(**line);
    if (event && !std::holds_alternative<wire::Beat>(*event)) events.push_back(*event);
  }
  co_return events;
}

TEST_F(Lanes, AWorkerEmbedsUntilItsClientLeaves) {
  const std::string minilm = models_folder() + "/../embedding/all-MiniLM-L6-v2.F16.gguf";
  if (!std::filesystem::exists(minilm)) {
    GTEST_SKIP() << minilm << " is missing; run setup/models.sh embedding";
  }
  run(ask_now(smol_, ask_of(smol_), "What is the capital of France?", no_steps));
  const std::string socket = folder_.path() + "/cpu.0.sock";
  const ModelId model("minilm");
  const auto loaded = run(told(*clock_, socket, "/load",
                               wire::encode(wire::LoadRequest{model, minilm, Tokens(256), 1}), 99));
  ASSERT_FALSE(loaded.empty());
  ASSERT_TRUE(std::holds_alternative<wire::Loaded>(loaded.back()));

  const auto embed = [&](std::vector<std::string> texts, std::size_t lines_max) {
    return run(told(*clock_, socket, "/embed",
                    wire::encode(wire::EmbedRequest{model, std::move(texts)}), lines_max));
  };
  const auto two = embed({"Paris", "London"}, 99);
  ASSERT_EQ(two.size(), 3u);
  EXPECT_EQ(std::get<wire::Embedding>(two[0]).vector.size(), 384u);
  EXPECT_NE(std::get<wire::Embedding>(two[0]).vector, std::get<wire::Embedding>(two[1]).vector);
  EXPECT_EQ(std::get<wire::Done>(two[2]).ending, Ending::complete);

  std::string page;
  while (page.size() < 2000) page += "The river flows from the mountain to the sea. ";
  EXPECT_EQ(embed(std::vector<std::string>(256, page), 1).size(), 1u);
  EXPECT_TRUE(run(is_quiet(*clock_, socket)));
}

// What a cancelled fellow's chunk had begun is rolled back: the other conversation goes on as if
// alone.
TEST_F(Lanes, ACancelledReaderDoesNotDisturbItsFellow) {
  Ask reader = ask_of(smol_, 2);
  Ask writer = ask_of(smol_);
  reader.context = writer.context = Tokens(4096);
  reader.sequences = writer.sequences = 2;
  std::string book = "What is this about?";
  for (int count = 0; count < 300; ++count)
    book += " The river flows from the mountain to the sea.";
  Wait reading;
  TaskGroup<Answer> leaving(io_.get_executor());
  TaskGroup<Answer> staying(io_.get_executor());
  leaving.start(ask_now(smol_, reader, book, [&](const auto& step) {
    if (std::holds_alternative<event::Prefill>(step)) reading.resume();
  }));
  staying.start(ask_now(smol_, writer, "What is the capital of France?", no_steps));
  EXPECT_EQ(run(leave_at(leaving, *clock_, reading)).ending, Ending::cancelled);
  const auto answers = run(both(staying, *clock_));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].ending, Ending::complete);
  EXPECT_NE(answers[0].text.find("capital of France is Paris"), std::string::npos)
      << answers[0].text;
}

TEST_F(Lanes, MoreModelsThanMemoryTakeTurns) {
  devices_[0].capacity = Bytes(400'000'000);  // room for one of the two
  devices_[0].lanes = devices_[0].running = 1;
  for (int round = 0; round < 2; ++round) {
    for (const Model* model : {&smol_, &gemma_}) {
      const Answer answer =
          run(ask_now(*model, ask_of(*model), "What is the capital of France?", no_steps));
      EXPECT_NE(answer.text.find("Paris"), std::string::npos) << answer.text;
    }
  }
  EXPECT_EQ(scheduler_->ledger().residents(DeviceId("cpu")).size(), 1u);
}

TEST_F(Lanes, AFileThatIsNoModelIsRefusedByName) {
  Model broken = smol_;
  broken.id = ModelId("broken");
  broken.path = folder_.path() + "/broken.gguf";
  std::ofstream(broken.path) << "this is a text file";
  const Answer answer = run(ask_now(broken, ask_of(broken), "Hello", no_steps));
  ASSERT_TRUE(answer.error.has_value());
  EXPECT_EQ(answer.error->code, ErrorCode::model_refused);
  EXPECT_NE(answer.error->message.find("broken.gguf"), std::string::npos);
}

}  // namespace
}  // namespace kai
