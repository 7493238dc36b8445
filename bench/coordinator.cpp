// The coordinator's own cost: whole questions on scripted members in virtual time, so that what is
// measured is kai itself (and the script, which makes it an upper bound).
#include <fmt/format.h>

#include <unistd.h>

#include <charconv>
#include <fstream>

#include "base/process.h"
#include "bench/rows.h"
#include "sim/world.h"

namespace kai::bench {

namespace {

constexpr int members = 12;
constexpr int rounds = 5;

WorldOptions world_of(int models, int tokens) {
  WorldOptions options;
  options.models = models;
  options.tokens = tokens;
  options.memory = Bytes(64'000'000'000);
  options.digest = false;
  return options;
}

// Mode::all asks every model once and open text is not settled before all have answered.
void play(World& world, int questions, int& tokens) {
  for (int index = 0; index < questions; ++index) {
    Query query = world.query("Explain how machine learning works");
    query.mode = Mode::all;
    const auto played = world.play(std::move(query));
    for (const auto& answer : played.outcome.answers) {
      tokens += static_cast<int>(answer.usage.answer.count);
    }
  }
}

// Processor seconds and tokens of a question with answers of so many tokens.
struct Cost {
  double seconds = 0;
  double tokens = 0;
};
Cost cost_of(int models, int tokens, int questions) {
  World world(world_of(models, tokens));
  int written = 0;
  play(world, 20, written);  // warm
  written = 0;
  const double start = processor_seconds();
  play(world, questions, written);
  return {(processor_seconds() - start) / questions, static_cast<double>(written) / questions};
}

// "Collected : 123456" on callgrind's stderr is lost with run_process; its file has "summary:".
double instructions_of(const std::string& self, int questions, int tokens) {
  const std::string out = fmt::format("/tmp/kai-callgrind-{}.out", ::getpid());
  const auto ran =
      run_process({"/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, self,
                   "--play", std::to_string(questions), std::to_string(tokens)},
                  std::chrono::minutes(3));
  double instructions = 0;
  std::ifstream file(out);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("summary: ")) continue;
    std::from_chars(line.data() + 9, line.data() + line.size(), instructions);
  }
  ::unlink(out.c_str());
  return ran && ran->status == 0 ? instructions : 0;
}

// Of one question: what 80 more of them cost, so that what happens once is not in it. 0: no
// valgrind.
double instructions_per_question(const std::string& self, int tokens) {
  const double few = instructions_of(self, 20, tokens);
  const double many = instructions_of(self, 100, tokens);
  return few > 0 && many > 0 ? (many - few) / 80 : 0;
}

Row limit(std::string what, double value, std::string unit, double most) {
  return {std::move(what), value, std::move(unit), "", 0, fmt::format("<= {}", most),
          value <= most};
}

}  // namespace

void play_questions(int questions, int tokens) {
  World world(world_of(members, tokens));
  int written = 0;
  play(world, questions, written);
}

std::vector<Row> coordinator_rows(const std::string& self) {
  std::vector<double> bare, slope;
  for (int round = 0; round < rounds; ++round) {
    const Cost few = cost_of(members, 1, 200);
    const Cost many = cost_of(members, 65, 100);
    bare.push_back(few.seconds * 1e3);
    slope.push_back((many.seconds - few.seconds) / (many.tokens - few.tokens) * 1e6);
  }
  std::vector<Row> rows{limit("coordinator, 12 members, a question", median(bare), "ms CPU", 2),
                        limit("coordinator, 12 members, a token", median(slope), "us CPU", 1)};
  const double brief = instructions_per_question(self, 1);
  const double wordy = instructions_per_question(self, 65);
  if (brief > 0 && wordy > 0) {
    rows.push_back(
        {"coordinator, a question (callgrind)", brief / 1e6, "M instr.", "", 0, "", true});
    rows.push_back({"coordinator, a token (callgrind)", (wordy - brief) / (64 * members), "instr.",
                    "", 0, "", true});
  }
  std::vector<double> rates;
  for (int round = 0; round < rounds; ++round) {
    World world(world_of(3, 32));
    int written = 0;
    constexpr int questions = 2000;
    rates.push_back(questions / time_of([&] { play(world, questions, written); }));
  }
  const double rate = median(rates);
  rows.push_back(
      {"simulated questions, 3 members x 32 tokens", rate, "1/s", "", 0, ">= 2000", rate >= 2000});
  return rows;
}

}  // namespace kai::bench
