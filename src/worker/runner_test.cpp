// The runner on a real model, ordered about from the test's own thread.
#include "worker/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "worker/testing.h"

namespace kai {
namespace {

using testing_worker::StarterModels;

// What the runner tells, waited for by the test.
class Told {
 public:
  void tell(Runner::Id id, wire::WorkerEvent event) {
    const std::scoped_lock lock(mutex_);
    events_.emplace_back(id, std::move(event));
    arrived_.notify_all();
  }
  // The first event of `Kind` about `id`; fails the test after a minute.
  template <class Kind>
  void wait_for(Runner::Id id) {
    std::unique_lock lock(mutex_);
    const bool came = arrived_.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::ranges::any_of(events_, [&](const auto& entry) {
        return entry.first == id && std::holds_alternative<Kind>(entry.second);
      });
    });
    ASSERT_TRUE(came) << "order " << id;
  }
  void forget() {
    const std::scoped_lock lock(mutex_);
    events_.clear();
  }
  // Written for `id` so far.
  std::string text_of(Runner::Id id) {
    const std::scoped_lock lock(mutex_);
    std::string text;
    for (const auto& [about, event] : events_) {
      const auto* piece = std::get_if<wire::Piece>(&event);
      if (about == id && piece != nullptr) text += piece->text;
    }
    return text;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::pair<Runner::Id, wire::WorkerEvent>> events_;
};

class RunnerTest : public StarterModels {
 protected:
  wire::LoadRequest load_of(const std::string& name) const {
    return {ModelId(name), smollm2, Tokens(64), 1};
  }
  // Everything ordered so far is done when this returns.
  void settle() { told_.wait_for<wire::Failed>(runner_->unload(ModelId("nobody"))); }
  std::size_t residents() {
    settle();
    return runner_->status().models.size();
  }
  void SetUp() override {
    StarterModels::SetUp();
    if (IsSkipped()) return;
    start(1);
  }
  void start(int threads) {
    runner_ = std::make_unique<Runner>(
        *runtime_device("cpu"), threads,
        [this](Runner::Id id, wire::WorkerEvent event) { told_.tell(id, std::move(event)); });
  }

  Told told_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, HoldsWhatItLoadedUntilItIsUnloaded) {
  told_.wait_for<wire::Loaded>(runner_->load(load_of("a")));
  EXPECT_EQ(residents(), 1u);
  told_.wait_for<wire::Loaded>(runner_->unload(ModelId("a")));
  EXPECT_EQ(residents(), 0u);
}

TEST_F(RunnerTest, ALoadWhoseClientLeftLeavesNothingBehind) {
  const auto load = runner_->load(load_of("a"));
  told_.wait_for<wire::Loaded>(load);
  runner_->cancel(load);  // it never heard
  EXPECT_EQ(residents(), 0u);
}

TEST_F(RunnerTest, AModelTakenOverByAnotherLoadStays) {
  const auto first = runner_->load(load_of("a"));
  told_.wait_for<wire::Loaded>(first);
  told_.wait_for<wire::Loaded>(runner_->load(load_of("a")));
  runner_->cancel(first);
  EXPECT_EQ(residents(), 1u);
}

wire::GenerateRequest writing(const std::string& model, std::int64_t tokens) {
  wire::GenerateRequest request;
  request.model = ModelId(model);
  request.messages = {{Role::user, "Count from one to a hundred in words."}};
  request.answer_max = Tokens(tokens);
  return request;
}

// Threads that spin for one which has no core come to a standstill: 16 on two cores wrote a token
// in seconds.
TEST_F(RunnerTest, MoreThreadsThanCoresSoonBecomeFewer) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int many = std::min(8 * cores, 64);
  start(many);
  auto load = load_of("a");
  load.context = Tokens(512);
  told_.wait_for<wire::Loaded>(runner_->load(load));
  EXPECT_EQ(runner_->status().threads, many);
  told_.wait_for<wire::Done>(runner_->generate(writing("a", 64)));
  settle();
  EXPECT_LE(runner_->status().threads, std::max(2 * cores, many / 2));
}

// A prompt in several steps, of which some are begun anew with fewer threads, is read as it is.
TEST_F(RunnerTest, AStepThatIsGivenUpLeavesNoTrace) {
  auto load = load_of("a");
  load.context = Tokens(1024);
  auto request = writing("a", 24);
  request.sampling.temperature = 0;
  std::string& text = request.messages[0].text = "Read this: ";
  for (int line = 0; line < 40; ++line) text += "The rivers run down to the sea. ";
  text += "And now: what is the capital of France?";
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (const int threads : {1, std::min(8 * cores, 64)}) {
    start(threads);
    told_.forget();
    told_.wait_for<wire::Loaded>(runner_->load(load));
    const auto id = runner_->generate(request);
    told_.wait_for<wire::Done>(id);
    EXPECT_NE(told_.text_of(id).find("Paris"), std::string::npos) << told_.text_of(id);
  }
}

TEST_F(RunnerTest, HasAsManyThreadsAsItIsAllowed) {
  start(2);
  auto load = load_of("a");
  load.context = Tokens(512);
  told_.wait_for<wire::Loaded>(runner_->load(load));
  runner_->use_threads(1);
  told_.wait_for<wire::Done>(runner_->generate(writing("a", 8)));
  settle();
  EXPECT_EQ(runner_->status().threads, 1);
}

TEST_F(RunnerTest, AnOrderCancelledWhileAnotherRunsNeverBegins) {
  const auto first = runner_->load(load_of("a"));
  told_.wait_for<wire::Progress>(first);
  const auto second = runner_->load(load_of("b"));
  runner_->cancel(second);
  told_.wait_for<wire::Failed>(second);
  EXPECT_EQ(residents(), 1u);
}

}  // namespace
}  // namespace kai
