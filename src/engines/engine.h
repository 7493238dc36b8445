// Engine: the one interface to whatever answers: lanes of this machine, hosts, a script in tests.
#pragma once

#include <functional>
#include <string>

#include "base/task.h"
#include "domain/answer.h"
#include "domain/event.h"
#include "domain/model.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "scheduler/scheduler.h"

namespace kai {

// Receives the steps of one ask: Prefill and Token. Called on kai's one thread.
using OnStep = std::function<void(decltype(Event::what))>;

class Engine {
 public:
  virtual ~Engine() = default;

  // Answers as far as it gets until ask.deadline or the task's cancellation: an Answer always
  // comes back, its ending says how far. The lease's model is loaded. Fills everything but what
  // the story knows itself (member, sample, queued and load times).
  virtual Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model,
                           const Lease& lease, OnStep on_step) = 0;

  // Not empty: why nobody can be asked on that device now, for people.
  virtual std::string out(const DeviceId&) const { return {}; }
};

}  // namespace kai
