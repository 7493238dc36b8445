// Inside consensus: which words of a sentence answer the question, and which only repeat it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kai::consensus {

// How exactly a question asks for a time. A year is no contradiction to a day in it, so days are
// told apart only where the day is what is asked for.
enum class When : std::uint8_t { no, year, day };

// What of a question bears on reading short answers. Keeps its content words, folded and without
// their endings, to know a restatement by.
class ShortQuestion {
 public:
  explicit ShortQuestion(std::string_view question);
  ShortQuestion(const ShortQuestion&) = delete;  // holds views into itself
  ShortQuestion& operator=(const ShortQuestion&) = delete;

  // Whether the question has this word too, in some form. Lower case, no accents.
  bool knows(std::string_view folded_word) const;
  // What a program prints: its case, blanks and signs are the answer.
  bool literal() const { return literal_; }
  bool who() const { return who_; }
  bool yes_no() const { return yes_no_; }
  When when() const { return when_; }
  bool plural() const { return plural_; }
  // Whether the order of a list is part of the answer.
  bool in_order() const { return in_order_; }

 private:
  std::string folded_;
  std::vector<std::string_view> stems_;  // sorted, views into folded_
  bool literal_ = false, who_ = false, yes_no_ = false, plural_ = false, in_order_ = false;
  When when_ = When::no;
};

// The part of a sentence that answers: "The capital of France is Paris, which …" gives "Paris".
// A view into `sentence`; all of it where nothing is recognised.
std::string_view point_of(std::string_view sentence, const ShortQuestion& asked);

}  // namespace kai::consensus
