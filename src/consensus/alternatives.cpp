#include "consensus/alternatives.h"

#include <algorithm>
#include <array>
#include <string>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr std::size_t offer_words_max = 3;
constexpr std::size_t offers_max = 8;

bool is_offer(std::string_view part) {
  const auto words = words_of(part);
  return !words.empty() && words.size() <= offer_words_max;
}

bool asks(std::string_view part) {
  return has_any_phrase(lowered(part), {"which", "what", "who", "whose", "whom"});
}

// The sign that stands before the last part of `list`: one with a blank behind it, so neither that
// of 1,000 nor that of 10:30.
std::size_t last_sign(std::string_view list) {
  for (std::size_t at = list.size(); at-- > 0;) {
    if ((list[at] == ',' || list[at] == ':') && at + 1 < list.size() && list[at + 1] == ' ') {
      return at;
    }
  }
  return std::string_view::npos;
}

// Every word of `words` is small, or one of what may stand there.
bool only_of(std::string_view words, std::initializer_list<std::string_view> others) {
  const std::string low = folded(words);
  return std::ranges::all_of(words_of(low), [&](std::string_view word) {
    return is_function_word(word) || one_of(word, others);
  });
}

struct Mention {
  std::size_t begin, end;
  std::size_t which;
};

// "9.9" stands neither in "9.95" nor in "-9.9", nor "York" in "Yorkshire".
bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin > 0) {
    const char before = text[begin - 1];
    if (is_word(before) || (before == '-' && is_digit(text[begin]))) return false;
    if (before == '.' && begin > 1 && is_digit(text[begin - 2])) return false;
  }
  if (end == text.size()) return true;
  if (is_word(text[end])) return false;
  return !std::string_view(".,:").contains(text[end]) || end + 1 == text.size() ||
         !is_digit(text[end + 1]);
}

// In their order; of two that lie in each other, the longer one.
std::vector<Mention> mentions_in(std::string_view low,
                                 const std::vector<std::string_view>& alternatives) {
  std::vector<Mention> found;
  for (std::size_t which = 0; which < alternatives.size(); ++which) {
    const std::string word = lowered(alternatives[which]);
    for (std::size_t at = low.find(word); at != std::string_view::npos;
         at = low.find(word, at + word.size())) {
      if (stands_alone(low, at, at + word.size())) found.push_back({at, at + word.size(), which});
    }
  }
  std::erase_if(found, [&](const Mention& one) {
    return std::ranges::any_of(found, [&](const Mention& other) {
      return other.begin <= one.begin && one.end <= other.end &&
             other.end - other.begin > one.end - one.begin;
    });
  });
  std::ranges::sort(found, {}, &Mention::begin);
  return found;
}

// Words that say the same of numbers: who is asked what is larger may say what is bigger.
constexpr std::array more{"larger",  "bigger",  "greater",  "higher",  "more",
                          "largest", "biggest", "greatest", "highest", "most"};
constexpr std::array less{"smaller",  "less",   "lesser", "lower", "fewer",
                          "smallest", "lowest", "fewest", "least"};

bool is_asked(std::string_view word, const ShortQuestion& asked) {
  if (asked.knows(word)) return true;
  const auto means_it = [&](const auto& words) {
    return std::ranges::find(words, word) != words.end() &&
           std::ranges::any_of(words, [&](const char* other) { return asked.knows(other); });
  };
  return means_it(more) || means_it(less);
}

enum class Says : std::uint8_t { nothing, it, something_else };

// What words beside an alternative say of it: what was asked ("is larger", where it was asked what
// is larger), nothing ("it is"), or something else: one word of it is enough.
Says said_by(std::string_view words, const ShortQuestion& asked) {
  if (words.find_first_of("<>=+*/0123456789") != std::string_view::npos) {
    return Says::something_else;
  }
  Says said = Says::nothing;
  const std::string low = folded(words);
  for (const auto word : words_of(low)) {
    if (is_asked(word, asked)) {
      said = Says::it;
      continue;
    }
    const bool turns = one_of(word, {"more", "most", "less", "least", "after", "before", "over",
                                     "under", "above", "below"});
    const bool plain =
        one_of(word, {"answer", "option", "choice", "correct", "number", "value", "one"});
    if (turns || (!plain && !is_function_word(word))) return Says::something_else;
  }
  return said;
}

// "Johann Wolfgang von Goethe", "the United States of America": a name and no sentence.
bool is_name(std::string_view sentence) {
  constexpr std::size_t name_words_max = 5;
  const auto words = words_of(sentence);
  return words.size() <= name_words_max && std::ranges::all_of(words, [](std::string_view word) {
           const std::string_view bare = stripped(word, "*_\"'(),.;!`");
           if (bare.empty() || is_upper(bare.front()) || is_digit(bare.front())) return true;
           return one_of(bare, {"the", "a", "an", "of", "von", "van", "de", "da", "del"});
         });
}

// "9.9, because …", "9.9 since …", "9.9 (…".
bool explains(std::string_view behind) {
  return starts_with_any(stripped_front(behind, ",;-"), {"because ", "since ", "("});
}

// Up to what it is compared with, or why.
std::string_view without_comparison(std::string_view words) {
  for (const std::string_view end : {" than ", " because ", " since ", ", ", "; ", " ("}) {
    words = words.substr(0, words.find(end));
  }
  return words;
}

struct Offers {
  std::vector<std::string_view> offers;  // the last first
  std::string_view rest;                 // of the sentence
};

// "…: this, that or those". Without `link` before the last one: none.
Offers offers_at_end(std::string_view sentence, std::string_view link) {
  const std::size_t at = lowered(sentence).rfind(link);
  if (at == std::string_view::npos) return {};
  Offers found{.offers = {stripped(sentence.substr(at + link.size()), ";\"'*_")},
               .rest = stripped(sentence.substr(0, at), ",")};
  const std::string_view last = found.offers.front();
  if (last_sign(last) != std::string_view::npos || !is_offer(last)) return {};
  while (found.offers.size() < offers_max) {
    const std::size_t sign = last_sign(found.rest);
    if (sign == std::string_view::npos) break;
    const std::string_view part = stripped(found.rest.substr(sign + 1), ",;\"'*_");
    if (!is_offer(part) || asks(part)) break;
    found.offers.push_back(part);
    const bool ends = found.rest[sign] == ':';
    found.rest = found.rest.substr(0, sign);
    if (ends) break;
  }
  return found;
}

// "This, that or those, which …", "Of this and that, which …"; `rest` is what is asked.
Offers offers_in_front(std::string_view sentence) {
  const std::string low = lowered(sentence);
  std::size_t sign = 0;
  do {
    sign = low.find_first_of(",:;", sign + 1);
    if (sign == std::string::npos) return {};
  } while (
      !starts_with_any(std::string_view(low).substr(sign + 1), {" which ", " what ", " who "}));

  std::string_view list = sentence.substr(0, sign);
  bool led = false;
  for (const std::string_view opening : {"of ", "between ", "among ", "out of "}) {
    if (led || !low.starts_with(opening)) continue;
    list = list.substr(opening.size());
    led = true;
  }
  Offers found = offers_at_end(list, led && !low.contains(" or ") ? " and " : " or ");
  const std::string_view first = stripped(found.rest, "\"'*_");
  if (found.offers.empty() || !is_offer(first) || last_sign(first) != std::string_view::npos) {
    return {};
  }
  found.offers.push_back(first);
  found.rest = trimmed(sentence.substr(sign + 1));
  return found;
}

}  // namespace

std::vector<std::string_view> alternatives_in(std::string_view question) {
  for (std::size_t from = 0; from < question.size();) {
    const std::size_t end = sentence_end(question, from);
    const std::string_view sentence = trimmed(question.substr(from, end - from));
    from = end + 1;
    if (end == question.size() || question[end] != '?') continue;
    if (auto front = offers_in_front(sentence); !front.offers.empty()) return front.offers;
    auto [offers, rest] = offers_at_end(sentence, " or ");
    // What is left asks: else an offer was not seen as one.
    const std::size_t sign = last_sign(rest);
    if (offers.size() > 1 && asks(rest.substr(sign == std::string_view::npos ? 0 : sign))) {
      return std::move(offers);
    }
  }
  return {};
}

std::string_view asked_behind_offers(std::string_view sentence) {
  return offers_in_front(sentence).rest;
}

std::string_view alternative_named(std::string_view sentence,
                                   const std::vector<std::string_view>& alternatives,
                                   const ShortQuestion& asked) {
  if (alternatives.empty()) return {};
  const std::string low = lowered(sentence);
  if (low.contains("n't") ||
      has_any_phrase(
          low, {"no", "not", "never", "neither", "nor", "both", "equal", "same", "cannot", "hardly",
                "wrong", "incorrect", "but", "seems", "looks", "unlike", "however"})) {
    return {};
  }
  const auto mentions = mentions_in(low, alternatives);
  if (mentions.empty()) return {};
  const Mention& first = mentions.front();
  const Mention& last = mentions.back();
  if (mentions.size() == 1 && is_name(sentence)) return alternatives[first.which];
  const std::string_view all = low;
  // "9.9 is larger than 9.11", "9.9, because …".
  if (only_of(all.substr(0, first.begin), {"think", "believe", "thus", "so", "therefore"})) {
    const std::string_view behind = all.substr(first.end);
    if (explains(behind)) return alternatives[first.which];
    const std::string_view claim = without_comparison(behind);
    const bool alone = mentions.size() == 1 || mentions[1].begin >= first.end + claim.size();
    if (alone && behind.starts_with(' ') && said_by(claim, asked) == Says::it) {
      return alternatives[first.which];
    }
  }
  // "It is 9.9", "Between the two, the larger number is 9.9, because …".
  const std::size_t comma = all.substr(0, last.begin).rfind(", ");
  const std::size_t from = comma == std::string_view::npos ? 0 : comma + 2;
  const std::string_view front = stripped(all.substr(from, last.begin - from), "*_\"'(`");
  const std::string_view behind = stripped_front(all.substr(last.end), "*_\"')`");
  if (!stripped(behind, ".!").empty() && !explains(behind)) return {};
  if (!front.ends_with(" is") && !front.ends_with(" was")) return {};
  const Says said = said_by(front, asked);
  const bool only = mentions.size() == 1;
  if (said == Says::it || (only && from == 0 && said == Says::nothing)) {
    return alternatives[last.which];
  }
  return {};
}

}  // namespace kai::consensus
