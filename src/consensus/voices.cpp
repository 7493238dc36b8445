#include "consensus/voices.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

namespace kai::consensus {

namespace {

// Against any weight that was learned, nothing; among weights of zero, a vote each.
constexpr double say_min = 1e-6;
constexpr double say_max = 1e6;
constexpr double sample_discount = 0.5;  // of a model's next voice against the one before

}  // namespace

double say(double weight) {
  if (std::isnan(weight)) return say_min;
  return std::clamp(weight, say_min, say_max);
}

std::vector<Voice> voices_of(std::span<const Ask> asks, std::span<const Answer> answers) {
  std::vector<Voice> voices;
  voices.reserve(answers.size());
  for (std::size_t place = 0; place < answers.size(); ++place) {
    const Answer& answer = answers[place];
    if (answer.ending == Ending::failed) continue;
    const auto ask = std::ranges::find(asks, answer.member, &Ask::member);
    const auto order = static_cast<std::size_t>(ask - asks.begin());
    voices.push_back({&answer, place, order, say(ask == asks.end() ? 0 : ask->weight)});
  }
  using Rank = std::tuple<double, bool, std::size_t, int, const std::string&, const std::string&>;
  std::ranges::sort(voices, {}, [](const Voice& voice) {
    const Answer& answer = *voice.answer;
    return Rank(-voice.weight, answer.ending != Ending::complete, voice.order, answer.sample,
                answer.member.text, answer.text);
  });
  return voices;
}

bool outranks(const Ask& ask, std::size_t order, const Voice& voice) {
  const double weight = say(ask.weight);
  if (weight != voice.weight) return weight > voice.weight;
  return voice.answer->ending != Ending::complete || order < voice.order;
}

Trial trial_of(const Answer& answer) {
  if (!answer.run || answer.run->passed + answer.run->failed == 0) return Trial::unknown;
  return answer.run->failed > 0 ? Trial::failed : Trial::passed;
}

void Tally::add(const ModelId& model, double weight) {
  shares_.push_back({&model, weight});
}

double Tally::sum() const {
  auto shares = shares_;
  std::ranges::sort(shares, std::ranges::greater{}, &Share::weight);
  double sum = 0;
  for (std::size_t at = 0; at < shares.size(); ++at) {
    const auto before = std::ranges::count_if(
        shares.begin(), shares.begin() + static_cast<std::ptrdiff_t>(at),
        [&](const Share& share) { return *share.model == *shares[at].model; });
    sum += shares[at].weight * std::pow(sample_discount, before);
  }
  return sum;
}

}  // namespace kai::consensus
