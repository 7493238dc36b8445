// Inside consensus: whose voice weighs what, and what several voices weigh together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "domain/answer.h"
#include "domain/plan.h"

namespace kai::consensus {

// An answer with its say. Points into the spans it was made from.
struct Voice {
  const Answer* answer = nullptr;
  std::size_t place = 0;  // among the answers, as given
  std::size_t order = 0;  // of its ask in the plan; behind all of them for a member not asked
  double weight = 0;      // > 0
};

// A member's say, > 0: weights that are no usable number count as none, and none still counts a
// trace, so that a panel of unknown members can decide among themselves.
double say(double weight);

// Strongest first: by weight, then complete answers before cut ones, then in the plan's order.
// Failed answers are left out. The order of `answers` has no influence on the order given.
std::vector<Voice> voices_of(std::span<const Ask> asks, std::span<const Answer> answers);

// Whether `ask`, should it answer completely, would come before `voice`.
bool outranks(const Ask& ask, std::size_t order, const Voice& voice);

// What came of running an answer's code, worst first: failing an example outweighs passing others.
enum class Trial : std::uint8_t { failed, unknown, passed };
Trial trial_of(const Answer& answer);

// What voices weigh together. Voices of one model share its errors, so its strongest counts fully,
// the next a half, then a quarter …: n samples count at most twice one, w (1 - 1/2^n) / (1 - 1/2).
// Voices of different models are summed: their correlation is in their weights. Adding a voice
// never makes the sum smaller, and never larger by more than that voice would weigh alone.
class Tally {
 public:
  // In any order.
  void add(const ModelId& model, double weight);
  double sum() const;

 private:
  struct Share {
    const ModelId* model;
    double weight;
  };
  std::vector<Share> shares_;
};

}  // namespace kai::consensus
