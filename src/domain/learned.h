// Learned: what answered questions taught about one shape of question. Plain values: learning/
// fits them, consensus/ applies them. The defaults stand for "nothing learned yet".
#pragma once

#include <array>
#include <cstddef>

namespace kai {

// Where a vote stands, as the numbers that the learned rules read; see standing() in consensus.
inline constexpr std::size_t standing_size = 10;
using Standing = std::array<double, standing_size>;

// A logistic curve: the chance is 1 / (1 + exp(-sum of theta * standing)).
struct Logistic {
  Standing theta{};
  bool operator==(const Logistic&) const = default;
};

// When a vote may end before its outcome is certain.
struct StopRule {
  bool learned = false;   // false: only where nothing to come can change the outcome
  Logistic stays;         // the chance that the leader is also the leader of the full vote
  double stay_min = 0.9;  // 0.5..1: stop from here on
  bool operator==(const StopRule&) const = default;
};

// How sure a verdict is. No labels: nothing is called confidence.
struct ConfidenceCurve {
  int labels = 0;  // questions of known answer behind it
  Logistic right;
  bool operator==(const ConfidenceCurve&) const = default;
};

// Which of several open answers is liked: what is added to a member's weight for how central and
// how long its answer is among those of one question. Zeros: the strongest member's answer.
struct Taste {
  double centrality = 0;
  double length = 0;
  bool operator==(const Taste&) const = default;
};

struct Learned {
  Taste taste;
  StopRule stop;
  ConfidenceCurve confidence;
  bool operator==(const Learned&) const = default;
};

}  // namespace kai
