// assess: a weighted sum of a question's features, cut into tiers. Transparent on purpose: `why`
// names the terms that decided, and each weight can be argued about.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "planner/features.h"
#include "planner/planner.h"

namespace kai {

namespace {

struct Term {
  double Features::* feature;
  double weight;           // difficulty added where the feature is 1
  std::string_view words;  // for people
};

constexpr double bias = 0.10;
constexpr std::array<double, 3> tier_from{0.25, 0.50, 0.78};  // of medium, complex, expert

constexpr std::array<Term, 17> terms{{
    {&Features::fact, -0.10, "asks for a fact"},
    {&Features::explanation, 0.25, "asks to explain"},
    {&Features::comparison, 0.27, "asks to compare"},
    {&Features::making, 0.25, "asks to make something"},
    {&Features::analysis, 0.42, "asks to analyse"},
    {&Features::research, 0.55, "asks for research"},
    {&Features::proof, 0.70, "asks for a proof"},
    {&Features::depth, 0.18, "a deep subject"},
    {&Features::abstraction, 0.08, "abstract words"},
    {&Features::scope, 0.10, "wants depth"},
    {&Features::constraints, 0.08, "constraints"},
    {&Features::parts, 0.10, "several parts"},
    {&Features::code, 0.08, "code"},
    {&Features::numbers, 0.05, "numbers"},
    {&Features::length, 0.12, "long"},
    {&Features::sentences, 0.05, "several sentences"},
    {&Features::brevity, -0.15, "wants it short"},
}};

// The terms that moved the sum most, strongest first.
std::string why(const Features& features) {
  constexpr double worth_saying = 0.04;
  constexpr std::size_t phrases_max = 3;
  std::array<Term, terms.size()> moved = terms;
  for (auto& term : moved) term.weight *= features.*term.feature;
  std::ranges::sort(moved, std::ranges::greater{},
                    [](const Term& term) { return std::pair(std::abs(term.weight), term.words); });
  std::string phrase;
  for (const auto& term : std::span(moved).first(phrases_max)) {
    if (std::abs(term.weight) < worth_saying) break;
    if (!phrase.empty()) phrase += "; ";
    phrase += term.words;
  }
  return phrase.empty() ? "short, nothing special asked" : phrase;
}

}  // namespace

Complexity assess(std::string_view question) {
  const Features features = features_of(question);
  double sum = bias;
  for (const auto& term : terms) sum += term.weight * features.*term.feature;
  const double difficulty = std::clamp(sum, 0.0, 1.0);
  const auto above =
      std::ranges::count_if(tier_from, [&](double from) { return difficulty >= from; });
  return {difficulty, static_cast<Tier>(above), why(features)};
}

bool is_chat_task(const Query& query, const PlannerOptions& options) {
  if (query.mode != Mode::adaptive || !query.models.empty() || query.synthesize) return false;
  std::string_view question = query.question();
  question.remove_prefix(std::min(question.find_first_not_of(" \t\r\n"), question.size()));
  return std::ranges::any_of(options.chat_tasks, [&](const std::string& beginning) {
    return question.starts_with(beginning);
  });
}

Complexity assess(const Query& query, const PlannerOptions& options) {
  if (!is_chat_task(query, options)) return assess(query.question());
  return {0, Tier::simple, "a chat program's own task"};
}

}  // namespace kai
