// report: what is told of a question once it is over, around its answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/text.h"
#include "domain/outcome.h"

namespace kai {

// Dissent, what the deadline cut, and the summary:
// "  simple · 2 of 2 agree · 1.1 s · kai logs q_01J… for the details". A failed question has its
// error in place of these. No line is wider than `columns`.
std::vector<Line> closing_lines(const Outcome& outcome, int columns);

// For --verbose: why this tier, why it stopped, each member's timings, who was left out and why.
std::vector<Line> verbose_lines(const Outcome& outcome);

// Not empty: the answer is below what --min-confidence wants; says what was compared.
std::string below_confidence(const Outcome& outcome, double confidence_min);

// The beginning of a question's id that is enough for `kai logs`.
std::string short_id(const QueryId& id);

}  // namespace kai
