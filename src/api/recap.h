// recap: a question's events made fewer without losing where they lead to. Pure.
#pragma once

#include <vector>

#include "domain/event.h"

namespace kai {

// What is told often and can wait a moment: words, and how far a load or a reading is. Words of one
// member become one event, of a progress the last counts.
class EventBatch {
 public:
  // False: it is not of that kind, and was not taken.
  bool take(const Event& event);
  bool empty() const { return events_.empty(); }
  // All taken since, in the order of their first; none is left.
  std::vector<Event> empty_out();

 private:
  std::vector<Event> events_;
};

// Where a question stands, as the fewest events that lead there: of each member the plan, its last
// step and its words so far, or its end; the draft so far; the last agreement.
class Recap {
 public:
  void take(const Event& event);
  const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<Event> events_;
};

}  // namespace kai
