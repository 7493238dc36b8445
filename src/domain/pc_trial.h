// PcTrial: one question on a PC in virtual time, answered by kai and in the original way.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

// What one way to answer took, from nothing loaded.
struct PcUse {
  Duration time{};      // 0: nobody could be asked so
  double gpu_busy = 0;  // 0..1 of the time: its bandwidth or arithmetic in use
  double cpu_busy = 0;  // the same of the CPU
  Bytes gpu_peak{};     // of the GPU's memory, the most at a time
  Bytes loaded{};       // over the link to the GPU
};

// What one model did, from the question's asking on. Zero-length parts did not happen.
struct PcSpan {
  std::string model;
  double share = 1;  // 0..1 of it on the GPU
  Duration load_from{}, load_to{};
  Duration read_from{}, read_to{};
  Duration write_to{};  // from read_to on
};

struct PcTrial {
  std::string question;
  Tier tier = Tier::simple;
  Shape shape = Shape::open;
  std::string error;     // not empty: why there is no answer; the other ways were not tried then
  bool partial = false;  // the deadline cut members that could have changed the outcome
  int models = 0;        // that the original way asks
  int asked = 0;         // voices of all its plans
  int heard = 0;         // of them, that said something until the outcome was settled
  double agreement = 0;  // 0..1
  Duration predicted{}, predicted_p90{};  // by the plan, with everybody heard
  PcUse kai;
  PcUse kai_all;         // kai with nobody stopped early
  bool all_cut = false;  // … but not all were heard to their end: the deadline came, or they failed
  PcUse same;            // the original way with the models that kai asked, all of them awaited
  Duration same_settled{};                    // … until the vote is settled by kai's own rules
  PcUse original;                             // the original way: every model, all of them awaited
  std::vector<std::string> original_refused;  // models that it cannot load: memory lacks
  std::vector<PcSpan> kai_spans, same_spans;  // of who got to load or read, as they began

  bool answered() const { return error.empty(); }
};

}  // namespace kai
