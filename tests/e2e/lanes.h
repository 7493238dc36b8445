// Fixture: real workers on real models, driven from a test's own io_context.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task_group.h"
#include "engines/lane_engine.h"

namespace kai {

inline std::string models_folder() {
  if (const char* given = std::getenv("KAI_TEST_MODELS")) return given;
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  return (data != nullptr ? std::string(data) : std::string(home) + "/.local/share") +
         "/kai/models";
}
inline std::string smollm2() {
  return models_folder() + "/SmolLM2-135M-Instruct.Q4_1.gguf";
}
inline std::string gemma3() {
  return models_folder() + "/gemma-3-270m.Q4_K_M.gguf";
}

// A folder of the test's own, gone with it.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = "/tmp/kai-test-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Ids of the processes whose parent is `parent` and whose command line holds `word`.
inline std::vector<pid_t> children_of(pid_t parent, const std::string& word) {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string text;
    std::getline(stat, text);
    const auto close = text.rfind(')');
    if (close == std::string::npos) continue;
    char state = 0;
    int parent_id = 0;
    if (std::sscanf(text.c_str() + close + 1, " %c %d", &state, &parent_id) != 2) continue;
    if (parent_id != parent || state == 'Z') continue;
    std::ifstream command(entry.path() / "cmdline");
    std::string line;
    std::getline(command, line);
    if (line.find(word) != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

class Lanes : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(smollm2()) || !std::filesystem::exists(gemma3())) {
      GTEST_SKIP() << "the starter models are not in " << models_folder() << "; run make setup";
    }
    devices_ = {{DeviceId("cpu"), DeviceKind::cpu, "cpu", Bytes(8'000'000'000), 2, 1}};
    options_.worker = KAI_WORKER;
    options_.folder = folder_.path();
    smol_.id = ModelId("smollm2:135m");
    smol_.path = smollm2();
    gemma_.id = ModelId("gemma3:270m");
    gemma_.path = gemma3();
    gemma_.chat.preamble = "Question: What colour is the sky?\nAnswer: Blue\n\n";
    gemma_.chat.user = {"Question: ", "\n"};
    gemma_.chat.assistant = {"Answer:", "\n\n"};
    gemma_.chat.stop = {"\n"};
  }

  LaneEngine& engine() {
    if (!engine_) {
      engine_ = std::make_unique<LaneEngine>(io_.get_executor(), *clock_, devices_, options_);
      scheduler_ = std::make_unique<Scheduler>(devices_, *engine_, *clock_);
      engine_->on_lane_lost([this](const LaneId& lane) { scheduler_->lane_lost(lane); });
    }
    return *engine_;
  }

  // Runs a task to its end in real time, at most a minute.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      result = std::move(value);
    });
    io_.restart();
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!result && std::chrono::steady_clock::now() < until) {
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(result.has_value()) << "the task did not end within a minute";
    return std::move(*result);
  }

  Ask ask_of(const Model& model, int sample = 1) const {
    Ask ask;
    ask.member = MemberId(model.id.text + (sample > 1 ? "#" + std::to_string(sample) : ""));
    ask.model = model.id;
    ask.sample = sample;
    ask.device = DeviceId("cpu");
    ask.context = Tokens(512);
    ask.answer_max = Tokens(48);
    ask.deadline = clock_->now() + std::chrono::seconds(30);
    return ask;
  }

  // Acquires a lane and asks. `on_step` sees every step.
  Task<Answer> ask_now(const Model& model, Ask ask, std::string question, OnStep on_step) {
    const CostCard card{
        model.id, ask.device, Bytes(300'000'000), Bytes(25'000), Bytes(50'000'000), {}, 1000,
        100,      0};
    LaneEngine& lanes = engine();
    auto lease = co_await scheduler_->acquire(ask, model, card, {});
    if (!lease) {
      Answer answer;
      answer.error = lease.error();
      co_return answer;
    }
    std::vector<Message> messages{{Role::user, std::move(question)}};
    co_return co_await lanes.ask(std::move(messages), ask, model, *lease, std::move(on_step));
  }

  TempFolder folder_;
  boost::asio::io_context io_{1};
  std::unique_ptr<Clock> clock_ = make_real_clock(io_.get_executor());
  std::vector<Device> devices_;
  LaneOptions options_;
  Model smol_, gemma_;
  std::unique_ptr<LaneEngine> engine_;
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace kai
