// Inside consensus: how alike two open answers are, by their words or by given embeddings.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kai::consensus {

// What is compared of an open answer. Made once an answer, compared often.
struct Gist {
  std::vector<std::uint64_t> words;    // content words, hashed, sorted, each once
  std::vector<std::uint64_t> numbers;  // the same of numbers
  std::uint64_t counting = 0;          // of the numbers in their order
  bool negated = false;                // holds a "not", "no", "never" …
  bool brief = false;                  // a sentence or two: one word may turn its meaning
  std::vector<float> embedding;        // of length one, by one model for all; empty: none was made
};

// The question's own words are left out: every answer repeats them. Without an embedding.
Gist gist_of(std::string_view question, std::string_view answer);

// Whether two answers say roughly the same. Symmetric. Neither words nor embeddings tell "is" from
// "is not" (cosine .90), nor "9.11, then 9.9" from "9.9, then 9.11" (.99), so brief answers must
// also agree in negation, not differ in their numbers, nor name the same ones in another order.
bool is_similar(const Gist& a, const Gist& b);

// Cosine of the two sets of words, 0..1.
double overlap(const Gist& a, const Gist& b);

// Cosine of the two embeddings, -1..1; 0 where one is missing or of another model's size.
double nearness(const Gist& a, const Gist& b);

// Whether both have embeddings that can be compared.
bool are_embedded(const Gist& a, const Gist& b);

}  // namespace kai::consensus
