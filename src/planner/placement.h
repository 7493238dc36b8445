// placement: which device holds a model, and when its lane gets to it. Private to planner.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "planner/planner.h"
#include "planner/prompt.h"

namespace kai {

// A device a candidate may run on.
struct Site {
  std::size_t device = 0;  // index into Fleet::devices
  CostCard card;
  bool resident = false;
};

// A model that may be asked.
struct Candidate {
  std::size_t model = 0;  // index into Fleet::models
  double skill = 0;       // 0..1
  int place = 0;          // in a learned order of asking; all 0: none was learned
  std::string instruction;
  PromptFit fit;
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
  Duration start{};  // when its lane is free
  Duration load{}, prefill{}, decode{};
  Duration end() const { return start + load + prefill + decode; }
};

// What is free and how many run at once, one per device.
struct Place {
  std::string name;
  Bytes free{};
  std::vector<Duration> lanes;  // when each is free
};

std::vector<Place> places_of(const PlanInput& input);

// Bytes a part takes on a site; the weights of a resident model are there already.
Bytes bytes_needed(const Part& part, const Site& site);

// The part alone on a site, from an idle lane.
Placed cost_on(const Part& part, const Site& site, DeviceKind kind);

// List scheduling: each part in turn goes where it ends first among the devices that have room
// for it. The error is a phrase for people: what it needed and what there was.
std::expected<std::vector<Placed>, std::string> place(std::span<const Part> parts,
                                                      std::vector<Place> places,
                                                      std::span<const Device> devices);

}  // namespace kai
