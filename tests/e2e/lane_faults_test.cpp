// Real workers that hang, run out of memory, or are given files that are none.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/e2e/lanes.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr auto no_steps = [](const auto&) {};

class LaneFaults : public Lanes {
 protected:
  Error load_error(const Model& model) {
    const Answer answer =
        run(ask_now(model, ask_of(model), "What is the capital of France?", no_steps));
    return answer.error.value_or(Error{ErrorCode::internal, "it answered: " + answer.text});
  }
  static pid_t worker() { return children_of(::getpid(), "kai-worker").at(0); }
  void expect_paris(const Model& model) {
    const Answer answer =
        run(ask_now(model, ask_of(model), "What is the capital of France?", no_steps));
    EXPECT_NE(answer.text.find("Paris"), std::string::npos)
        << answer.text << (answer.error ? answer.error->message : "");
  }
};

Task<Result<Residence::Loaded>> load_stopped(LaneEngine& engine, Clock& clock, const Model& model,
                                             std::optional<Time>& stopped) {
  co_return co_await engine.load({DeviceId("cpu"), 0}, model, {.context = Tokens(512)},
                                 clock.now() + 30s, [&](double done) {
                                   if (done == 0 || stopped) return;
                                   for (const pid_t pid : children_of(::getpid(), "kai-worker")) {
                                     ::kill(pid, SIGSTOP);
                                   }
                                   stopped = clock.now();
                                 });
}

TEST_F(LaneFaults, AWorkerStoppedWhileLoadingIsNoticedAndReplaced) {
  options_.silence_max = 2s;
  std::optional<Time> stopped;
  const auto loaded = run(load_stopped(engine(), *clock_, gemma_, stopped));
  ASSERT_TRUE(stopped.has_value());
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, ErrorCode::lane_lost);
  EXPECT_LT(clock_->now() - *stopped, 5s);
  expect_paris(gemma_);
}

TEST_F(LaneFaults, AWorkerStoppedWhileReadingIsNoticedAndReplaced) {
  options_.silence_max = 2s;
  Ask ask = ask_of(smol_);
  ask.context = Tokens(4096);
  std::string question = "Tell me about rivers.";
  for (int count = 0; count < 150; ++count) question += " The river flows to the sea.";
  std::optional<Time> stopped;
  const Answer answer = run(ask_now(smol_, ask, question, [&](const auto& step) {
    if (stopped || !std::holds_alternative<event::Prefill>(step)) return;
    ::kill(worker(), SIGSTOP);
    stopped = clock_->now();
  }));
  ASSERT_TRUE(stopped.has_value());
  ASSERT_TRUE(answer.error.has_value());
  EXPECT_EQ(answer.error->code, ErrorCode::lane_lost);
  EXPECT_LT(clock_->now() - *stopped, 5s);
  EXPECT_EQ(scheduler_->ledger().held(DeviceId("cpu")), Bytes(0));
  expect_paris(smol_);
}

// The address space of a worker that runs already is taken from it, and given back.
TEST_F(LaneFaults, ALoadWithoutMemoryIsSaidSoAndTheWorkerLives) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer's own address space is larger than any limit here";
#endif
  devices_[0].lanes = devices_[0].running = 1;
  expect_paris(smol_);
  const pid_t pid = worker();
  std::int64_t pages = 0;
  std::ifstream("/proc/" + std::to_string(pid) + "/statm") >> pages;
  rlimit old{};
  ASSERT_EQ(::prlimit(pid, RLIMIT_AS, nullptr, &old), 0);
  rlimit tight = old;
  tight.rlim_cur = static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE)) + 50'000'000;
  ASSERT_EQ(::prlimit(pid, RLIMIT_AS, &tight, nullptr), 0);
  const Error error = load_error(gemma_);
  EXPECT_EQ(error.code, ErrorCode::no_memory) << error.message;
  EXPECT_NE(error.message.find("cpu has too little memory free"), std::string::npos)
      << error.message;
  EXPECT_EQ(worker(), pid);
  expect_paris(smol_);
  ASSERT_EQ(::prlimit(pid, RLIMIT_AS, &old, nullptr), 0);
  // What was thought too small for it is so for a minute only; a smaller wish goes at once.
  EXPECT_LT(scheduler_->ledger().capacity(DeviceId("cpu")), devices_[0].capacity);
}

TEST_F(LaneFaults, WhatIsNoFileIsRefusedByNameAtOnce) {
  const auto path = [&](const std::string& name) { return folder_.path() + "/" + name; };
  std::ofstream(path("empty.gguf"));
  std::filesystem::create_directory(path("folder.gguf"));
  ASSERT_EQ(::mkfifo(path("pipe.gguf").c_str(), 0600), 0);
  std::filesystem::create_symlink(path("loop.gguf"), path("loop.gguf"));
  expect_paris(smol_);
  const pid_t pid = worker();
  for (const char* name : {"empty.gguf", "folder.gguf", "pipe.gguf", "loop.gguf", "gone.gguf"}) {
    Model model = smol_;
    model.id = ModelId(name);
    model.path = path(name);
    const Time start = clock_->now();
    const Error error = load_error(model);
    EXPECT_EQ(error.code, ErrorCode::model_refused) << name << ": " << error.message;
    EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    EXPECT_LT(clock_->now() - start, 2s) << name;
  }
  EXPECT_EQ(children_of(::getpid(), "kai-worker").at(0), pid);
  expect_paris(smol_);
}

TEST_F(LaneFaults, AFileReplacedWhileLoadedServesOnUntilItIsLoadedAnew) {
  devices_[0].lanes = devices_[0].running = 1;
  Model model = smol_;
  model.id = ModelId("mine");
  model.path = folder_.path() + "/mine.gguf";
  std::filesystem::copy_file(smollm2(), model.path);
  expect_paris(model);
  // In place, as an editor would: the same inode, cut to a few bytes.
  std::ofstream(model.path, std::ios::trunc) << "no model any more";
  expect_paris(model);
  run([](LaneEngine& lanes, Clock& clock, ModelId id) -> Task<bool> {
    co_await lanes.unload({DeviceId("cpu"), 0}, id, clock.now() + 5s);
    co_return true;
  }(engine(), *clock_, model.id));
  scheduler_->lane_lost({DeviceId("cpu"), 0});  // what lay there is gone
  const Error error = load_error(model);
  EXPECT_EQ(error.code, ErrorCode::model_refused) << error.message;
  EXPECT_NE(error.message.find("mine.gguf"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace kai
