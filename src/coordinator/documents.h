// documents: what an answer in JSON counts as. Private to coordinator.
#pragma once

#include "domain/outcome.h"

namespace kai {

// Sets Answer::document of an answer to a question that asks for JSON, but not of one that failed;
// where the question has tools, words come out of their form and are compared as words.
void read_document(const Query& query, Answer& answer);

// Where JSON was asked for and nobody wrote a whole document, but somebody was cut at the length
// that the client gave: the outcome's text is then what the strongest of these has written, nobody
// voted, and its author's ending tells why. Whether it is so.
bool take_cut_document(Outcome& outcome);

}  // namespace kai
