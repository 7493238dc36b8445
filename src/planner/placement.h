// placement: what models take on the devices that can run them, and where each goes. Private to
// planner.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "planner/planner.h"
#include "planner/prompt.h"
#include "planner/seating.h"

namespace kai {

// A device a candidate may run on.
struct Site {
  std::size_t device = 0;  // index into Fleet::devices
  CostCard card;
  bool resident = false;
  bool in_use = false;  // by another question
};

// A model that may be asked.
struct Candidate {
  std::size_t model = 0;  // index into Fleet::models
  double skill = 0;       // 0..1
  double say = 0;         // > 0: in a vote
  int place = 0;          // in a learned order of asking; all 0: none was learned
  std::string instruction;
  PromptFit fit;
  AnswerLength length;      // known, or assumed
  double answer = 0;        // tokens of it that are expected, >= 1
  std::vector<Site> sites;  // at least one
};

// A candidate with as many voices as the plan gives it: they share weights, device and lane.
struct Part {
  const Candidate* candidate = nullptr;
  int voices = 1;
};

// A part on its device. Times are from the plan's start.
struct Placed {
  Part part;
  std::size_t device = 0;
  Duration start{};  // of its load; of its prefill where it is resident
  Duration load{};
  Duration wait{};  // loaded, for its turn
  Duration prefill{}, decode{};
  Duration end() const { return start + load + wait + prefill + decode; }
};

// What is free of each device, in the fleet's order.
std::vector<Berth> berths_of(const PlanInput& input);

// Bytes that a part takes on a site; the weights of a model in use are not its own.
Bytes bytes_needed(const Part& part, const Site& site);

// The tokens that an answer of at most `max` is expected to have, at least one.
double expected_tokens(const AnswerLength& length, Tokens max);

// The part alone on a site, from an idle lane.
Placed cost_on(const Part& part, const Site& site, DeviceKind kind);

// Each part on a device and in its turn there, in the order of starting to answer. The error is a
// phrase for people: a part fits nowhere even alone, what it needs and what there is.
struct Placing {
  std::span<const Berth> berths;
  std::span<const Device> devices;
  SeatingGoal goal;
};
std::expected<std::vector<Placed>, std::string> place(std::span<const Part> parts,
                                                      const Placing& placing);

// By when the last of `placed` has ended with a chance of nine in ten, by draws of how long the
// answers get and of how far the times are from their cards. At least one is placed.
Duration end_p90(std::span<const Placed> placed, const Placing& placing);

}  // namespace kai
