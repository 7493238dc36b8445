// Inside consensus: a question that offers its answers, "Which is larger, 9.11 or 9.9?", and which
// of them a sentence names.
#pragma once

#include <string_view>
#include <vector>

#include "consensus/point.h"

namespace kai::consensus {

// What a question offers: "Which …, this or that?", "Which …: this, that or those?", "This or that,
// which …?", "Of this and that, which …?". Views into `question`, of three words at most each;
// empty: it offers nothing.
std::vector<std::string_view> alternatives_in(std::string_view question);

// "which is larger" of "9.11 or 9.9, which is larger": what a sentence asks that begins with what
// it offers. Empty: it does not.
std::string_view asked_behind_offers(std::string_view sentence);

// The one that a sentence gives for an answer: "9.9 is larger than 9.11", "9.11, because …", "It is
// Paris". Empty wherever that is not sure: a vote for the wrong one is worse than none.
std::string_view alternative_named(std::string_view sentence,
                                   const std::vector<std::string_view>& alternatives,
                                   const ShortQuestion& asked);

}  // namespace kai::consensus
