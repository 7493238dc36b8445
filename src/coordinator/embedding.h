// embedding: texts turned into vectors, beside the questions that are being answered.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/embedded.h"
#include "domain/model.h"
#include "engines/lane_engine.h"
#include "scheduler/machine_lock.h"
#include "scheduler/scheduler.h"

namespace kai {

struct EmbeddingCrew {
  Clock& clock;
  Scheduler& scheduler;
  LaneEngine& engine;
  MachineLock& lock;
};

// Has `model` loaded where `card` says and turns `texts` into vectors, until `until`; of a text
// longer than the model reads, its beginning. Cancelling the task ends it. Errors: overloaded
// (another kai has the machine), those of Scheduler::acquire and of LaneEngine::embed.
Task<Result<Embedded>> embed(EmbeddingCrew crew, Model model, CostCard card,
                             std::vector<std::string> texts, Time until);

}  // namespace kai
