// Two members on two lanes of one thread each, against one after the other on one lane of two:
// real workers, both models loaded beforehand.
#include <fmt/format.h>
#include <unistd.h>

#include <barrier>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/task_group.h"
#include "bench/models.h"
#include "bench/rows.h"
#include "engines/lane_engine.h"
#include "tests/e2e/bare_loop.h"
#include "worker/runtime.h"

namespace kai::bench {

namespace {

constexpr int rounds = 7;
constexpr int answer_tokens = 96;
constexpr const char* question = "Tell a long story about a river.";

// A form in which each of them writes on to the limit: the file's own for SmolLM2, which would end
// soon in another; plain words for Gemma, a base model.
ChatTemplate form_of(const std::string& path) {
  ChatTemplate chat;
  if (path == smollm2()) return chat;
  chat.user = {"Question: ", "\n"};
  chat.assistant = {"Answer:", "\n"};
  return chat;
}

struct Bench {
  Bench(int lanes, int threads, const std::string& name)
      : folder(std::filesystem::temp_directory_path() / name), device{.id = DeviceId("cpu")} {
    std::filesystem::create_directories(folder);
    device.lanes = lanes;
    device.threads_per_lane = threads;
    device.capacity = Bytes(8'000'000'000);
    LaneOptions options;
    options.worker = KAI_WORKER;
    options.folder = folder;
    engine.emplace(io.get_executor(), *clock, std::span(&device, 1), options);
    scheduler.emplace(std::span(&device, 1), *engine, *clock);
    for (const auto& path : {smollm2(), gemma3()}) {
      Model model;
      model.id = ModelId(std::filesystem::path(path).stem());
      model.path = path;
      model.chat = form_of(path);
      models.push_back(std::move(model));
    }
  }
  ~Bench() {
    engine.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  // Tokens a second of both members answering the same question.
  double rate() {
    std::optional<double> tokens;
    const double time = time_of([&] {
      boost::asio::co_spawn(io, ask_both(), [&](std::exception_ptr, double sum) { tokens = sum; });
      io.restart();
      while (!tokens) io.run_one();
    });
    return *tokens / time;
  }

  Task<double> ask_both() {
    TaskGroup<Answer> group(io.get_executor());
    for (const auto& model : models) group.start(ask_one(model));
    double sum = 0;
    while (auto done = co_await group.next(*clock, Time::max())) {
      sum += static_cast<double>(done->value.usage.answer.count);
    }
    co_return sum;
  }

  Task<Answer> ask_one(const Model& model) {
    Ask ask;
    ask.member = MemberId(model.id.text);
    ask.model = model.id;
    ask.device = device.id;
    ask.context = Tokens(256);
    ask.answer_max = Tokens(answer_tokens);
    ask.deadline = clock->now() + std::chrono::seconds(60);
    const CostCard card{model.id, device.id, Bytes(500'000'000), Bytes(25'000), Bytes(50'000'000)};
    const auto lease = co_await scheduler->acquire(ask, model, card, {});
    if (!lease) co_return Answer{};
    const std::vector<Message> messages{{Role::user, question}};
    co_return co_await engine->ask(messages, ask, model, *lease, [](const auto&) {});
  }

  std::filesystem::path folder;
  boost::asio::io_context io{1};
  std::unique_ptr<Clock> clock = make_real_clock(io.get_executor());
  Device device;
  std::vector<Model> models;
  std::optional<LaneEngine> engine;
  std::optional<Scheduler> scheduler;
};

// Seconds that a bare loop without kai reads and writes, loading apart.
double bare_seconds(const std::string& path, int threads, const std::function<void()>& loaded) {
  const auto text = bare_loop(
      path, {{Role::user, question}}, form_of(path),
      {.tokens_max = answer_tokens, .threads = threads, .past_end = true, .loaded = loaded});
  return seconds(text.prefill + text.decode);
}

// What two threads gain here for two bare loops beside each other against one after the other:
// the bound of what lanes can gain.
double bare_gain() {
  std::vector<double> gains;
  for (int round = 0; round < rounds; ++round) {
    const double after = bare_seconds(smollm2(), 2, [] {}) + bare_seconds(gemma3(), 2, [] {});
    std::barrier both(2);
    double one = 0, other = 0;
    {
      const auto meet = [&both] { both.arrive_and_wait(); };
      const std::jthread first([&] { one = bare_seconds(smollm2(), 1, meet); });
      const std::jthread second([&] { other = bare_seconds(gemma3(), 1, meet); });
    }
    gains.push_back(after / std::max(one, other));
  }
  return median(gains);
}

}  // namespace

std::vector<Row> lanes_rows() {
  std::vector<double> beside, after, ratios;
  {
    Bench two(2, 1, fmt::format("kai-bench-{}-two", ::getpid()));
    Bench one(1, 2, fmt::format("kai-bench-{}-one", ::getpid()));
    two.rate();  // loads
    one.rate();
    for (int round = 0; round < rounds; ++round) {
      beside.push_back(two.rate());
      after.push_back(one.rate());
      ratios.push_back(beside.back() / after.back());
    }
  }
  const double ratio = median(ratios);
  start_runtime();
  return {{"two members on two one-thread lanes", median(beside), "tokens/s",
           fmt::format("one after the other on two threads: {:.1f} tokens/s; two bare loops here: "
                       "{:.2f}",
                       median(after), bare_gain()),
           ratio, ">= 1.1", ratio >= 1.1}};
}

}  // namespace kai::bench
