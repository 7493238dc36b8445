// documents: what an answer in JSON counts as. Private to coordinator.
#pragma once

#include "domain/outcome.h"

namespace kai {

// Sets Answer::document of an answer to a question that asks for JSON, but not of one that failed;
// where the question has tools, words come out of their form and are compared as words.
void read_document(const Query& query, Answer& answer);

}  // namespace kai
