// pc_storm: many questions by chance to small fleets on a PC in virtual time, with faults, and with
// another program that takes and gives back the GPU's memory while models load and answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/pc.h"

namespace kai {

struct StormOptions {
  std::uint64_t seed = 1;  // the same seed, the same storm
  int questions = 1000;
  double fault = 0.02;  // 0..1: chance of each fault; see Faults
  double theft = 0.02;  // 0..1: chance at each event that memory is taken, or given back
  bool watched = true;  // kai looks what others have taken, and one in ten of its readings fail
};

struct StormReport {
  int questions = 0;
  int answered = 0;
  std::int64_t faults = 0;
  int thefts = 0;
  int loads_without_memory = 0;     // that failed since another program had it
  int asked = 0;                    // members
  int asked_in_vain = 0;            // of these, who failed since there was no memory
  int moved = 0;                    // who was asked on another device for it
  double hours = 0;                 // virtual
  double gpu_peak = 0;              // 0..1 of the GPU's memory, by models
  std::vector<std::string> broken;  // a sentence for each promise or limit that was; at most 20
};

StormReport storm(const Pc& pc, const StormOptions& options);

}  // namespace kai
