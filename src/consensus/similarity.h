// Inside consensus: how alike two open answers are, by their words.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kai::consensus {

// What is compared of an open answer. Made once an answer, compared often.
struct Gist {
  std::vector<std::uint64_t> words;    // content words, hashed, sorted, each once
  std::vector<std::uint64_t> numbers;  // the same of numbers
  bool negated = false;                // holds a "not", "no", "never" …
  bool brief = false;                  // a sentence or two: one word may turn its meaning
};

// The question's own words are left out: every answer repeats them.
Gist gist_of(std::string_view question, std::string_view answer);

// Whether two answers say roughly the same. Symmetric. Words alone do not tell "is" from "is not",
// nor 9.9 from 9.11, so brief answers must also agree in negation and not differ in their numbers.
bool is_similar(const Gist& a, const Gist& b);

// Cosine of the two sets of words, 0..1.
double overlap(const Gist& a, const Gist& b);

}  // namespace kai::consensus
