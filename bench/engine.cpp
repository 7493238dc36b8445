// The worker's engine against a bare loop over llama.cpp, and a batch against one by one.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "bench/models.h"
#include "bench/ordered_runner.h"
#include "bench/rows.h"
#include "tests/e2e/bare_loop.h"

namespace kai::bench {

namespace {

constexpr int rounds = 11;
constexpr int batch_rounds = 9;
constexpr int answer_tokens = 96;
constexpr const char* story = "Write a long story about a river that flows to the sea.";

wire::GenerateRequest request_for(const std::string& text, double temperature, std::uint64_t seed) {
  wire::GenerateRequest request;
  request.model = ModelId("m");
  request.messages = {{Role::user, text}};
  request.answer_max = Tokens(answer_tokens);
  request.sampling.temperature = temperature;
  request.sampling.seed = seed;
  return request;
}

std::string long_prompt() {
  std::string text = story;
  for (int count = 0; count < 30; ++count) text += " The river passes towns, bridges and mills.";
  return text;
}

Row against(std::string what, const std::string& other, const std::vector<double>& ours,
            const std::vector<double>& theirs, double reach) {
  std::vector<double> ratios;
  for (std::size_t index = 0; index < ours.size(); ++index) {
    ratios.push_back(ours[index] / theirs[index]);
  }
  const double ratio = median(ratios);
  return {std::move(what), median(ours),
          "tokens/s",      fmt::format("{}: {:.1f} tokens/s", other, median(theirs)),
          ratio,           fmt::format(">= {}", reach),
          ratio >= reach};
}

std::vector<Row> bare_rows(int threads) {
  OrderedRunner engine(threads);
  (void)engine.load(smollm2(), Tokens(1024), 1);
  std::vector<double> prefill, decode, bare_prefill, bare_decode;
  const std::string prompt = long_prompt();
  for (int round = 0; round < rounds; ++round) {
    const auto done = engine.generate({request_for(prompt, 0, 1)}).at(0);
    const auto bare = bare_loop(smollm2(), {{Role::user, prompt}}, {},
                                {.tokens_max = answer_tokens, .threads = threads});
    prefill.push_back(static_cast<double>(done.usage.prompt.count) / seconds(done.prefill));
    // The first token comes out of the prefill; each further one costs a decode.
    decode.push_back(static_cast<double>(done.usage.answer.count - 1) / seconds(done.decode));
    bare_prefill.push_back(bare.prompt_tokens / seconds(bare.prefill));
    bare_decode.push_back((bare.answer_tokens - 1) / seconds(bare.decode));
  }
  return {against(fmt::format("prefill, {} thread(s)", threads), "bare loop", prefill, bare_prefill,
                  0.98),
          against(fmt::format("decode, {} thread(s)", threads), "bare loop", decode, bare_decode,
                  0.98)};
}

Row batch_row() {
  const int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  OrderedRunner engine(threads);
  (void)engine.load(smollm2(), Tokens(1024), 4);
  const auto requests = [] {
    std::vector<wire::GenerateRequest> list;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) list.push_back(request_for(story, 0.8, seed));
    return list;
  };
  const auto tokens = [](const std::vector<wire::Done>& done) {
    double sum = 0;
    for (const auto& each : done) sum += static_cast<double>(each.usage.answer.count);
    return sum;
  };
  std::vector<double> together, apart;
  for (int round = 0; round < batch_rounds; ++round) {
    std::vector<wire::Done> done;
    const double batched = time_of([&] { done = engine.generate(requests()); });
    together.push_back(tokens(done) / batched);
    double sum = 0;
    const double alone = time_of([&] {
      for (auto& request : requests()) sum += tokens(engine.generate({request}));
    });
    apart.push_back(sum / alone);
  }
  return against(fmt::format("batch of 4 samples of one model, {} threads", threads),
                 "one after another", together, apart, 1.0);
}

}  // namespace

std::vector<Row> engine_rows() {
  start_runtime();
  std::vector<Row> rows = bare_rows(1);
  for (auto& row : bare_rows(2)) rows.push_back(std::move(row));
  rows.push_back(batch_row());
  return rows;
}

}  // namespace kai::bench
