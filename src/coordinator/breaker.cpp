#include "coordinator/breaker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace kai {

namespace {

constexpr std::size_t why_max = 300;  // bytes
constexpr int doublings_max = 40;

std::string duration_words(Duration duration) {
  const double left = std::ceil(seconds(duration));
  if (left < 120) return fmt::format("{:.0f} s", left);
  if (left < 2 * 3600) return fmt::format("{:.0f} min", std::ceil(left / 60));
  return fmt::format("{:.0f} h", std::ceil(left / 3600));
}

// Null: there are none. Of a list that may be changed, deaths that may be.
auto find_in(auto& deaths, const ModelId& model, const DeviceId& device) {
  const auto found = std::ranges::find_if(
      deaths, [&](const Deaths& one) { return one.model == model && one.device == device; });
  return found == deaths.end() ? nullptr : &*found;
}

}  // namespace

const Deaths& Breaker::died(const ModelId& model, const DeviceId& device, WallTime now,
                            std::string why) {
  Deaths* known = find_in(deaths_, model, device);
  if (known == nullptr) known = &deaths_.emplace_back(Deaths{model, device, 0, {}, {}});
  ++known->in_a_row;
  known->last = now;
  known->why = why.substr(0, why_max);
  return *known;
}

std::optional<Deaths> Breaker::answered(const ModelId& model, const DeviceId& device) {
  const Deaths* known = find_in(deaths_, model, device);
  if (known == nullptr) return std::nullopt;
  Deaths forgiven = *known;
  forgiven.in_a_row = 0;
  std::erase_if(deaths_, [&](const Deaths& one) { return &one == known; });
  return forgiven;
}

std::string Breaker::out(const ModelId& model, const DeviceId& device, WallTime now) const {
  const Deaths* known = find_in(deaths_, model, device);
  if (known == nullptr || known->in_a_row < options_.deaths_max) return {};
  const int doublings = std::min(known->in_a_row - options_.deaths_max, doublings_max);
  const Duration pause = std::min(
      options_.pause_max, from_seconds(seconds(options_.pause_first) * std::exp2(doublings)));
  const Duration passed = now - known->last;
  if (passed < Duration::zero() || passed >= pause) return {};
  return fmt::format("{} on {} {} times in a row, is tried again in {}; the last: {}",
                     hosts_.contains(device) ? "failed" : "killed its worker", device.text,
                     known->in_a_row, duration_words(pause - passed), known->why);
}

std::string Breaker::out(const ModelId& model, WallTime now) const {
  for (const auto& one : deaths_) {
    if (one.model != model) continue;
    if (std::string why = out(model, one.device, now); !why.empty()) return why;
  }
  return {};
}

namespace {

// Of `cards` those that `why_out` says nothing of; a model that has none left is refused with what
// it says of the last. Where nobody would be left, all are kept.
template <class WhyOut>
Usable without(const Fleet& fleet, std::span<const CostCard> cards, WhyOut why_out) {
  Usable usable{fleet, {}};
  bool anybody = false;
  for (auto& model : usable.fleet.models) {
    std::string why;
    bool somewhere = false;
    for (const auto& card : cards) {
      if (card.model != model.id) continue;
      std::string out = why_out(card);
      if (out.empty()) {
        somewhere = true;
        usable.cards.push_back(card);
      } else {
        why = std::move(out);
      }
    }
    if (!model.refused.empty()) continue;
    if (!somewhere && !why.empty()) model.refused = std::move(why);
    anybody = anybody || somewhere;
  }
  if (!anybody) return {fleet, {cards.begin(), cards.end()}};
  return usable;
}

}  // namespace

Usable without_broken(const Fleet& fleet, std::span<const CostCard> cards, const Breaker& breaker,
                      WallTime now) {
  return without(fleet, cards,
                 [&](const CostCard& card) { return breaker.out(card.model, card.device, now); });
}

Usable without_lost(Usable usable, const std::map<DeviceId, std::string>& out) {
  if (out.empty()) return usable;
  return without(usable.fleet, usable.cards, [&](const CostCard& card) {
    const auto found = out.find(card.device);
    return found == out.end() ? std::string() : found->second;
  });
}

}  // namespace kai
