// feed: what outcomes and readings mean for the history. Pure.
#pragma once

#include <optional>
#include <vector>

#include "domain/hardware.h"
#include "domain/outcome.h"
#include "domain/recorded.h"
#include "monitor/alerts.h"
#include "monitor/history.h"
#include "monitor/monitor.h"

namespace kai {

void put(History& history, const Outcome& outcome);
// `before`: the reading some `since` earlier, for what is counted; nothing: there was none.
void put(History& history, const HardwareReading& reading,
         const std::optional<HardwareReading>& before, Duration since);
void put(History& history, const Monitor::Standing& standing);
void put(History& history, Feedback::Kind said);
// Of each rule the largest value.
void put(History& history, const std::vector<Measured>& measured);

// What a question shows of models: loads it waited for, asks that failed.
std::vector<Annotation> annotations_of(const Outcome& outcome, WallTime now);

// Without an answer, though the client wanted one and asked for something that can be done.
bool is_failure(const Outcome& outcome);
// The deadline left it without an answer, or with a partial one.
bool is_late(const Outcome& outcome);

}  // namespace kai
