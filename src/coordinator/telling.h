// One question while it is being told. Private to coordinator.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "consensus/examples.h"
#include "coordinator/coordinator.h"
#include "coordinator/streams.h"

namespace kai {

// Invariants: `emit` is called with rising times; `heard` has what each of outcome.answers says.
struct Coordinator::Telling {
  Outcome outcome;
  std::vector<Heard> heard;
  std::map<MemberId, std::vector<TokenOdds>> tokens;  // where they were asked for
  Streams streams;
  Drafting drafting;
  Shape shape = Shape::open;
  std::vector<double> skills, says;   // one per model of the fleet; says may be empty
  std::vector<AnswerLength> lengths;  // the same
  std::vector<int> order;             // the same; empty: none was learned
  Learned learned;
  Study study = Study::nothing;
  Usable usable;                  // of the fleet, as of its last plan
  std::map<ModelId, int> fallen;  // whose workers died at this question, and how often
  // Of these, who had been loaded: two of them, and it is the question that kills.
  std::set<ModelId> felled;
  // How often that was, where workers that die at the same moment count once: whoever killed them
  // all was rather not the question.
  int blows = 0;
  std::optional<Time> fell_at;
  std::vector<Example> examples;  // of a question for code
  Time deadline{};
  std::function<void(decltype(Event::what))> emit;
  std::map<MemberId, Ask> waiting;  // for a turn, or about to
  std::map<MemberId, Ask> moved;    // of these, who shall be asked on another device, and how
  std::set<MemberId> stays;         // who has moved often enough
  bool left = false;                // the user has; no further work for the question
  bool over = false;                // nothing is to be watched any more
  Wait stirred;                     // of the one that watches

  bool open() const { return shape == Shape::open; }
  void show(std::optional<event::Draft> draft) {
    if (draft) emit(*std::move(draft));
  }
};

}  // namespace kai
