// Optimum: the shortest that a PC can take for all answers of some models, over a finite space of
// ways, each as ordered.h plays it:
//  - any of the models on the GPU, in any order, each with all of its layers there, or with a
//    quarter, a half, three quarters or, where it does not fit wholly, the most layers that fit;
//  - the others wholly on the CPU, those first that take longest.
// The play is not the planner's: it gives bandwidth where a plan gives turns, lets the CPU answer
// beside a split model, and takes what prefills, tokens and loads take by the PC's formulas.
//
// Ways are tried by depth-first branch and bound over the GPU's list. A part of a list is given up
// where no way that begins so can be shorter than the best so far, since the makespan is at least
//  1. the GPU's list with every stretch as long as alone: all its times are sums and maxima of
//     stretches (a load waits for the one before and for ends that free its bytes, an answer for
//     its load and the one before), and sharing only makes a stretch longer;
//  2. the CPU's list, likewise, and what all answers use of the CPU together, which has one second
//     a second;
//  3. of models that are not placed yet, any mean of the GPU's and of the CPU's seconds, w and 1-w,
//     with each model where it adds the least to that mean: whatever they do, the longer of two is
//     no shorter than their mean (Lagrange relaxation). The largest of several w counts.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/ordered.h"

namespace kai {

struct OptimumOptions {
  Tokens context{640};                 // that KV caches are made for; prompt and answer fit in
  std::int64_t nodes_max = 5'000'000;  // beginnings of GPU lists that are looked at
  int layers = 40;                     // >= 1, of each model, all of one size
};

struct Optimum {
  PcOrder order;       // the best found
  Seconds makespan{};  // of it
  Seconds bound{};     // proven: no way is shorter; the makespan where the search came to its end
  std::int64_t nodes = 0;
  int plays = 0;
};

// members: places in pc.models, each once, 1 to 7. The same input gives the same result.
Optimum find_optimum(const Pc& pc, const std::vector<std::size_t>& members,
                     const PcQuestion& question, const OptimumOptions& options);

// The same by playing every way, to check it: 4^n * n! of some 10 us and more.
Optimum try_every_way(const Pc& pc, const std::vector<std::size_t>& members,
                      const PcQuestion& question, const OptimumOptions& options);

}  // namespace kai
