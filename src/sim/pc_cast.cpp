#include "sim/pc_cast.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "base/ensure.h"
#include "consensus/consensus.h"
#include "fleet/fleet.h"

namespace kai {

namespace {

constexpr std::size_t token_bytes = 4;
constexpr std::size_t sayings = 4;  // the right one, and three others

// What members say in the end, in a form that is understood of each shape.
constexpr std::array<std::array<std::string_view, sayings>, 5> said{{
    {"The answer is A.", "The answer is B.", "The answer is C.", "The answer is D."},
    {"The answer is 42.", "The answer is 41.", "The answer is 24.", "The answer is 7."},
    {"The answer is Vienna.", "The answer is Oslo.", "The answer is Lisbon.",
     "The answer is Athens."},
    {"```python\ndef f(x):\n    return x + 1\n```", "```python\ndef f(x):\n    return 2 * x\n```",
     "```python\ndef f(x):\n    return x - 1\n```", "```python\ndef f(x):\n    return -x\n```"},
    {"It rests on repeated measurement of small errors.",
     "Nobody has explained this fully so far, and views differ.",
     "History and culture matter more here than any rule.",
     "Mostly it depends upon energy, heat, and pressure."},
}};

constexpr auto samples = std::to_array<std::string_view>({
    "What is Python?",
    "Explain how machine learning works",
    "Analyze the ethical implications of AI consciousness",
    "Research and analyze the mathematical foundations of deep learning architectures",
    "What is the capital of Austria?",
    "Write a Python function that reverses a list. Explain how it works.",
    "Analyze and compare the trade-offs of monetary and fiscal policy in a deep recession",
    "Prove that there are infinitely many primes, and analyze why the proof needs no formula",
    "What is 17% of 2450?",
    "Compare merge sort and quick sort, and explain when to use which.",
    "Which of these is a prime?\nA) 4\nB) 9\nC) 7\nD) 21",
    "Write a function that parses a date such as 2024-02-29 and returns the day of the year.",
});

}  // namespace

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + token_bytes, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    tokens.emplace_back(text.substr(at, end - at));
    at = end;
  }
  if (tokens.empty()) tokens.emplace_back(" ");
  return tokens;
}

PcFleet fleet_of(const Pc& pc, std::vector<std::size_t> members) {
  PcFleet fleet{.pc = pc, .members = std::move(members), .priors = {}};
  for (const std::size_t member : fleet.members) {
    ModelFacts facts;
    facts.parameters = static_cast<std::int64_t>(pc.models[member].parameters);
    fleet.priors.push_back(prior_of(facts, ModelId(pc.models[member].name)));
  }
  return fleet;
}

CastQuestion written_question(const PcFleet& fleet, std::string text,
                              const WritingOptions& options) {
  ensure(fleet.priors.size() == fleet.members.size(), "a prior for each member");
  const auto shape = static_cast<std::size_t>(shape_of(text));
  const Tier tier = options.tier.value_or(assess(text).tier);
  const auto most = options.planner.tiers[static_cast<std::size_t>(tier)].answer_max.count;
  const double usual = options.planner.expected_answer * static_cast<double>(most);
  CastQuestion question{.text = std::move(text), .words = {}};
  for (std::size_t at = 0; at < fleet.members.size(); ++at) {
    const std::string& name = fleet.pc.models[fleet.members[at]].name;
    Random random(derive_seed(derive_seed(options.seed, name), question.text));
    const bool right = random.chance(fleet.priors[at]);
    const std::size_t saying = right ? 0 : 1 + random.below(sayings - 1);
    const auto drawn = std::llround(usual * (0.5 + random.unit()));
    const auto tokens =
        options.tokens ? options.tokens->count : std::min<std::int64_t>(drawn, most);
    const auto ending = tokens_of(said[shape][saying]);
    std::vector<std::string> words;
    while (std::cmp_less(words.size() + ending.size(), tokens)) {
      words.emplace_back(words.empty() ? "Well" : " so");
    }
    if (!words.empty()) words.back() += ".\n";
    words.insert(words.end(), ending.begin(), ending.end());
    question.words.push_back(std::move(words));
  }
  return question;
}

PcWorldOptions cast_options(const PcFleet& fleet, std::span<const CastQuestion> questions) {
  PcWorldOptions options{.members = fleet.members, .reads_as_planned = true};
  options.priors = fleet.priors;
  std::map<ModelId, std::size_t> places;
  for (std::size_t at = 0; at < fleet.members.size(); ++at) {
    places[ModelId(fleet.pc.models[fleet.members[at]].name)] = at;
  }
  std::map<std::string, const CastQuestion*> by_text;
  for (const auto& question : questions) by_text[question.text] = &question;
  options.words = [places = std::move(places), by_text = std::move(by_text)](
                      const ModelId& model, const std::string& question, Random&) {
    return by_text.at(question)->words.at(places.at(model));
  };
  return options;
}

std::span<const std::string_view> sample_questions() {
  return samples;
}

}  // namespace kai
