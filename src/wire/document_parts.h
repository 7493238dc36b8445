// document_parts: what documents of a whole question and of one event have in common. Private to
// wire.
#pragma once

#include <vector>

#include "domain/answer.h"
#include "domain/outcome.h"
#include "domain/plan.h"
#include "domain/verdict.h"
#include "wire/json.h"

namespace kai::wire {

json::object encoded(const Complexity& complexity);
json::array encoded(const std::vector<LeftOut>& left_out);
json::object encoded(const Verdict& verdict);
json::object encoded(const Answer& answer);
json::object encoded(const Outcome& outcome);

}  // namespace kai::wire
