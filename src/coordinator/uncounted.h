// uncounted: what stands where nobody's answer counts. Private to coordinator.
#pragma once

#include "domain/outcome.h"

namespace kai {

// Whether somebody's answer ended where the client wanted: at its `answer_max`, or perhaps at one
// of its stop strings. Others would be ended there too, so that asking them gains nothing.
bool ended_as_asked(const Outcome& outcome);

// Where nobody voted, but somebody wrote words and was cut at the length allowed: the outcome's
// text is then what the strongest of these wrote, nobody voted, and its author's ending tells why.
// The same for a whole answer that says nothing to compare, where its model alone was named or a
// stop string may have ended it. No words at all are an answer only where the client's own length
// or stop string left none, or the model alone was named. Whether it is so; false changes nothing.
bool take_uncounted(Outcome& outcome);

// Why there is no answer, with what each member did. late: the deadline has passed.
Error no_answer(const Outcome& outcome, bool late);

}  // namespace kai
