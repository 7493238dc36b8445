// Player: questions played to their end in virtual time, and what must hold of each.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "coordinator/coordinator.h"

namespace kai {

class Player {
 public:
  // Both must outlive this; the coordinator runs on `io`.
  Player(boost::asio::io_context& io, VirtualClock& clock) : io_(io), clock_(clock) {}

  // Each question comes at its Query::asked, at once if that is past, whether or not others are
  // being answered; the outcomes, in the queries' order. `patience` > 0: the users leave after that
  // time.
  std::vector<Outcome> play(Coordinator& coordinator, std::vector<Query> queries, OnEvent on_event,
                            Duration patience = Duration::zero());

 private:
  Task<Outcome> ask(Coordinator* coordinator, Query query, OnEvent on_event);

  boost::asio::io_context& io_;
  VirtualClock& clock_;
};

// A sentence for each promise that a question broke which ended at `ended`, when nothing else is
// being answered.
std::vector<std::string> broken_promises(const Outcome& outcome, Time ended,
                                         const Scheduler& scheduler);

}  // namespace kai
