// What agreement by embeddings costs: a vector of an answer, and a decision that has them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/random.h"
#include "bench/models.h"
#include "bench/ordered_runner.h"
#include "bench/rows.h"
#include "consensus/consensus.h"

namespace kai::bench {

namespace {

constexpr int answers_of_a_question = 12;
constexpr std::size_t answer_size = 2000;  // characters
constexpr int rounds = 5;

// Words by chance out of a few hundred, so that two answers share some of them.
std::string answer_text(std::uint64_t seed) {
  constexpr std::string_view syllables[] = {"ri", "ver", "to", "wn", "bri", "dge", "sea",
                                            "mo", "un",  "ta", "in", "wa",  "ter", "fl"};
  Random random(seed);
  std::string text;
  while (text.size() < answer_size) {
    for (int count = 0; count < 2; ++count) text += syllables[random.below(std::size(syllables))];
    text += random.below(12) == 0 ? ". " : " ";
  }
  text.resize(answer_size);
  return text;
}

// Microseconds of decide() of answers that were heard.
double decide_time(const std::vector<Answer>& answers, const std::vector<Heard>& heard) {
  std::vector<Ask> asks;
  for (const Answer& answer : answers) {
    Ask& ask = asks.emplace_back();
    ask.member = answer.member;
    ask.model = answer.model;
    ask.weight = 1;
  }
  constexpr int calls = 100;
  std::vector<double> times;
  int voters = 0;
  for (int round = 0; round < rounds; ++round) {
    const double took = time_of([&] {
      for (int call = 0; call < calls; ++call) {
        voters += decide(Shape::open, asks, answers, heard, {}, {.taste = {1, 1}}).voters;
      }
    });
    times.push_back(took * 1e3 / calls);
  }
  return voters > 0 ? median(times) : 0;
}

}  // namespace

std::vector<Row> embedding_rows() {
  const std::string model = minilm();
  if (!std::filesystem::exists(model)) {
    return {{.what = "an embedding", .compared_with = "skipped: " + model + " is missing"}};
  }
  start_runtime();
  const int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  OrderedRunner engine(threads);
  if (const auto loaded = engine.load(model, Tokens(512), 1); !loaded) {
    return {{.what = "an embedding", .compared_with = loaded.error().message}};
  }
  std::vector<std::string> texts;
  for (std::uint64_t seed = 1; seed <= answers_of_a_question; ++seed) {
    texts.push_back(answer_text(seed));
  }
  std::vector<double> times;
  Result<std::vector<std::vector<float>>> vectors;
  for (int round = 0; round < rounds; ++round) {
    times.push_back(1e3 * time_of([&] { vectors = engine.embed(texts); }) / answers_of_a_question);
    if (!vectors) return {{.what = "an embedding", .compared_with = vectors.error().message}};
  }
  std::vector<Answer> answers;
  std::vector<Heard> by_words, by_meaning;
  for (std::size_t at = 0; at < texts.size(); ++at) {
    Answer& answer = answers.emplace_back();
    answer.member = MemberId(fmt::format("m{}", at));
    answer.model = ModelId(answer.member.text);
    answer.ending = Ending::complete;
    answer.text = texts[at];
    by_words.push_back(hear(Shape::open, "Why does a river flow?", answer));
    by_meaning.push_back(by_words.back());
    by_meaning.back().gist.embedding = std::move((*vectors)[at]);
  }
  const double value = decide_time(answers, by_meaning), words = decide_time(answers, by_words);
  return {{.what = fmt::format("an embedding of 2,000 characters, {} thread(s)", threads),
           .value = median(times),
           .unit = "ms"},
          {.what = "decide(), 12 open answers with embeddings",
           .value = value,
           .unit = "ms",
           .compared_with = fmt::format("by words: {:.3f} ms", words),
           .ratio = value / words,
           .reach = "<= 5",
           .met = value <= 5}};
}

}  // namespace kai::bench
