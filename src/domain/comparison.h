// Comparison: four ways to answer the same questions of known answer, measured side by side.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"
#include "domain/verdict.h"

namespace kai {

// A question whose answer is known.
struct Problem {
  std::int64_t line = 0;  // of its file, from 1
  std::string question;
  std::string answer;
};

// best: the most skilled model alone · samples: the same model, several voices · adaptive: as kai
// answers without options · all: every model once, all of them heard.
enum class Arm : std::uint8_t { best, samples, adaptive, all };
inline constexpr std::array<Arm, 4> all_arms{Arm::best, Arm::samples, Arm::adaptive, Arm::all};

// What became of one problem in one arm.
struct ArmResult {
  bool answered = false;
  std::optional<bool> right;  // nothing: open text, which no rule can mark
  double agreement = 0;       // 0..1
  Duration latency{};
  Tokens written{};    // by all members
  Duration compute{};  // reading and writing, summed over members
};

// One model's part in the answers of the `all` arm.
struct ModelPart {
  ModelId model;
  std::optional<bool> right_without;  // the same answers decided without it; nothing: as for right
  Duration compute{};
};

// One problem, asked in every arm.
struct Trial {
  Shape shape = Shape::open;
  std::array<ArmResult, all_arms.size()> arms;  // in the order of all_arms
  std::vector<ModelPart> models;                // that the `all` arm asked

  const ArmResult& of(Arm arm) const { return arms[static_cast<std::size_t>(arm)]; }
};

struct Interval {
  double low = 0, high = 0;  // both 0..1
};

// Two ways on the same problems: how often only one of them was right.
struct Paired {
  int won = 0, lost = 0;
  double p = 1;  // 0..1: chance of so uneven a split if both were alike (two-sided sign test)
};

struct ArmSummary {
  Arm arm = Arm::best;
  int right = 0;
  int marked = 0;     // problems that could be marked; the same in every arm
  Interval accuracy;  // 95 %; 0..1 where nothing was marked
  Paired against_best;
  int unanswered = 0;    // of all problems
  double agreement = 0;  // 0..1, mean
  Duration latency_mean{}, latency_median{}, latency_p90{};
  Tokens written{};    // of all problems
  Duration compute{};  // of all problems
};

// What the `all` arm would have answered without one model.
struct ModelWorth {
  ModelId model;
  int marked = 0;         // problems in which it was asked and another one too
  int right_with = 0;     // of them
  int right_without = 0;  // of them
  Paired without;         // won: right only without it
  Duration compute{};     // that it took
};

struct Comparison {
  int problems = 0;
  int marked = 0;  // the rest asks for open text: time and agreement count, right or wrong does not
  std::array<ArmSummary, all_arms.size()> arms;  // in the order of all_arms
  std::vector<ModelWorth> models;                // by id
};

std::string_view to_string(Arm arm);

}  // namespace kai
