// Questions and answers: the question, then the answers, between form feeds. First of any bytes,
// then of valid UTF-8, as the edges of kai make them: then what comes out is valid too.
#include "consensus/consensus.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "consensus/examples.h"
#include "planner/planner.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kai;

constexpr std::size_t members_max = 12;
constexpr ConsensusOptions options;

constexpr Shape shapes[] = {Shape::choice, Shape::number, Shape::short_text, Shape::code,
                            Shape::open};

// Of the input: what comes out is as good as that.
bool clean = false;

bool is_good(std::string_view text) {
  return !clean || fuzz::is_utf8(text);
}

void check_canonical(std::string_view question, std::string_view answer) {
  for (const Shape shape : shapes) {
    const auto form = canonical(shape, question, answer);
    if (!form) continue;
    ensure(!form->empty(), "a canonical form that says nothing");
    ensure(form->size() <= 2 * 32 * 1024 + 64, "a canonical form without bound");
    ensure(is_good(*form), "a canonical form that is no UTF-8");
  }
}

void check(const Verdict& verdict, std::size_t answers) {
  ensure(verdict.agreement >= 0 && verdict.agreement <= 1, "agreement beyond 0..1");
  ensure(verdict.agreeing <= verdict.voters, "more agree than voted");
  ensure(static_cast<std::size_t>(verdict.voters) <= answers, "more voted than answered");
  ensure((verdict.voters > 0) == !verdict.groups.empty(), "a vote without groups");
  ensure(is_good(verdict.text), "an answer that is no UTF-8");
  for (const auto& group : verdict.groups) {
    ensure(!group.members.empty() && group.weight > 0, "an empty group");
    ensure(is_good(group.answer), "a group that is no UTF-8");
  }
  for (const auto& dissent : verdict.dissent) {
    ensure(is_good(dissent.words), "dissent that is no UTF-8");
    ensure(dissent.words.size() <= 4UZ * options.dissent_chars_max + 24, "dissent without bound");
  }
}

void check_examples(std::string_view question) {
  const auto examples = examples_in(question);
  ensure(examples.size() <= 16, "examples without bound");
  for (const auto& [call, expected, printed] : examples) {
    ensure(!call.empty() && !expected.empty(), "half an example");
    ensure(is_good(call) && is_good(expected), "an example that is no UTF-8");
  }
}

void check_planner(std::string_view question) {
  const Complexity complexity = assess(question);
  ensure(complexity.difficulty >= 0 && complexity.difficulty <= 1, "difficulty beyond 0..1");
  ensure(is_good(complexity.why), "a reason that is no UTF-8");
}

void play(std::string_view text) {
  auto parts = fuzz::parts_of(text);
  parts.resize(std::min(parts.size(), members_max + 1));
  const std::string_view question = parts.front();
  check_planner(question);
  check_examples(question);
  std::vector<Ask> asks;
  std::vector<Answer> answers;
  for (std::size_t index = 1; index < parts.size(); ++index) {
    check_canonical(question, parts[index]);
    for (const auto& block : python_in(parts[index])) {
      ensure(!block.empty() && is_good(block), "code that is none");
    }
    Ask& ask = asks.emplace_back();
    ask.member = MemberId(fmt::format("m{}", index));
    ask.model = ModelId(fmt::format("m{}", index % 5));
    ask.weight = static_cast<double>(index % 3);
    Answer& answer = answers.emplace_back();
    answer.member = ask.member;
    answer.model = ask.model;
    answer.ending = static_cast<Ending>((parts[index].size() + index) % 5);
    answer.text = parts[index];
    const int trial = static_cast<int>((text.size() + index) % 4);  // 3: code is not run
    if (trial < 3) answer.run = RunResult{trial == 1, trial == 2, trial == 2 ? "f" : "", ""};
  }
  for (const Shape shape : {shape_of(question), shapes[text.size() % 5]}) {
    const Verdict verdict = decide(shape, question, asks, answers, options);
    check(verdict, answers.size());
    const auto heard = std::span(answers).first(answers.size() / 2);
    const Stop stop = may_stop(decide(shape, question, asks, heard, options), asks, heard);
    ensure(stop.now == !stop.why.empty(), "a stop without its reason");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  clean = false;
  play(text);
  clean = true;
  std::string repaired;
  utf8::replace_invalid(text.begin(), text.end(), std::back_inserter(repaired));
  play(repaired);
  return 0;
}
