// pc_trial: one question answered by kai and in the original way, on a PC in virtual time.
#pragma once

#include "domain/outcome.h"
#include "domain/pc_trial.h"
#include "sim/pc_cast.h"

namespace kai {

struct PcTried {
  PcTrial trial;
  Outcome outcome;  // of kai, with nothing loaded before
};

// `how`: its tier, mode, models, time limit, answer_max and hear_all count. The original way reads
// what kai's plan reads, and writes at most what that allows. Plays two worlds and two runs of the
// original way.
PcTried try_question(const PcFleet& fleet, const CastQuestion& question, const Query& how,
                     const CoordinatorOptions& options = without_study());

// What the question's plan is, before anything runs, with nothing loaded. Errors: as
// Coordinator::forecast().
Result<Forecast> forecast_question(const PcFleet& fleet, const CastQuestion& question,
                                   const Query& how,
                                   const CoordinatorOptions& options = without_study());

// What one way to run models took, from its events. Answering ends with the last one.
PcUse use_of(const Pc& pc, const PcRun& run);
std::vector<PcSpan> spans_of(const PcRun& run);
// Of one question's events; without the voices that never ran.
std::vector<PcSpan> spans_of(std::span<const Event> events);

}  // namespace kai
