#include "consensus/alternatives.h"

#include <algorithm>
#include <array>
#include <string>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr std::size_t words_max = 3;  // of what is offered
constexpr std::size_t offers_max = 8;

bool is_offer(std::string_view part) {
  const auto words = words_of(part);
  return !words.empty() && words.size() <= words_max &&
         !one_of(lowered(words.front()), {"which", "what", "who", "whose", "how", "when", "where"});
}

// What stands between commas, a colon, and the last "or", from the end as long as it can be
// offered.
std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  const std::size_t link = lowered(list).rfind(" or ");
  if (link == std::string_view::npos) return parts;
  parts.push_back(stripped(list.substr(link + 4), ",;\"'*_"));
  std::string_view rest = stripped(list.substr(0, link), ",");
  while (parts.size() < offers_max) {
    const std::size_t at = rest.find_last_of(",:");
    const std::size_t from = at == std::string_view::npos ? 0 : at + 1;
    const std::string_view part = stripped(rest.substr(from), ",;\"'*_");
    if (!is_offer(part)) break;
    parts.push_back(part);
    if (at == std::string_view::npos || rest[at] == ':') break;
    rest = rest.substr(0, at);
  }
  if (parts.size() < 2 || !is_offer(parts.front())) parts.clear();
  return parts;
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
  return text[end] != '.' || end + 1 == text.size() || !is_digit(text[end + 1]);
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

bool is_answer_word(std::string_view word, const ShortQuestion& asked) {
  if (asked.knows(word) || one_of(word, {"answer", "option", "choice", "correct"})) return true;
  const auto means_it = [&](const auto& words) {
    return std::ranges::find(words, word) != words.end() &&
           std::ranges::any_of(words, [&](const char* other) { return asked.knows(other); });
  };
  return means_it(more) || means_it(less);
}

// Whether the words around what was named say of it what was asked: "is larger than", where it was
// asked what is larger, not "is smaller than". Nothing but small words says nothing against it.
bool says_so(std::string_view words, const ShortQuestion& asked) {
  bool others = false;
  const std::string plain_words = folded(words);
  for (const auto word : words_of(plain_words)) {
    if (is_function_word(word) || is_digit(word.front())) continue;
    if (is_answer_word(word, asked)) return true;
    others = true;
  }
  return !others;
}

// "Johann Wolfgang von Goethe", and no sentence.
bool is_bare(std::string_view low) {
  constexpr std::size_t bare_words_max = 5;
  const auto words = words_of(low);
  return words.size() <= bare_words_max && std::ranges::none_of(words, [](std::string_view word) {
           return one_of(word, {"is", "are", "was", "were", "has", "have"});
         });
}

// "9.9, because …", "9.9 since …".
bool explains(std::string_view behind) {
  if (behind.starts_with(',') || behind.starts_with(" -") || behind.starts_with(';')) return true;
  return starts_with_any(trimmed(behind), {"because", "since", "as ", "("});
}

}  // namespace

std::vector<std::string_view> alternatives_in(std::string_view question) {
  for (std::size_t from = 0; from < question.size();) {
    const std::size_t end = sentence_end(question, from);
    const std::string_view sentence = trimmed(question.substr(from, end - from));
    from = end + 1;
    if (end == question.size() || question[end] != '?') continue;
    const std::size_t comma = sentence.find(',');
    if (comma != std::string_view::npos &&
        starts_with_any(lowered(trimmed(sentence.substr(comma + 1))),
                        {"which ", "what ", "who "})) {
      if (auto parts = parts_of(sentence.substr(0, comma)); !parts.empty()) return parts;
    }
    // Without a sign before them it is not told where they begin.
    if (sentence.find_first_of(",:") == std::string_view::npos) continue;
    if (auto parts = parts_of(sentence); !parts.empty()) return parts;
  }
  return {};
}

std::string_view alternative_named(std::string_view sentence,
                                   const std::vector<std::string_view>& alternatives,
                                   const ShortQuestion& asked) {
  if (alternatives.empty()) return {};
  const std::string low = lowered(sentence);
  if (low.contains("n't ") ||
      has_any_phrase(low, {"not", "neither", "nor", "both", "equal", "same", "cannot"})) {
    return {};
  }
  const auto mentions = mentions_in(low, alternatives);
  if (mentions.empty()) return {};
  const Mention& first = mentions.front();
  const Mention& last = mentions.back();
  const std::string_view front = std::string_view(low).substr(0, first.begin);
  const std::string_view behind = std::string_view(low).substr(first.end);
  const bool leads = stripped(front, "*_#>\"'(").empty();
  if (leads && explains(behind)) return alternatives[first.which];
  const bool only = std::ranges::all_of(
      mentions, [&](const Mention& mention) { return mention.which == first.which; });
  if (only && (is_bare(low) || says_so(std::string(front) + ' ' + std::string(behind), asked))) {
    return alternatives[first.which];
  }
  if (leads && mentions.size() > 1 &&
      says_so(low.substr(first.end, mentions[1].begin - first.end), asked)) {
    return alternatives[first.which];
  }
  // "Between 9.11 and 9.9, the larger one is 9.9".
  const bool ends = stripped(std::string_view(low).substr(last.end), "*_.\"')!").empty();
  const std::string_view link = std::string_view(low).substr(0, last.begin);
  const bool said = stripped(link, "*_\"'(").ends_with(" is") || link.ends_with(": ");
  if (ends && said && says_so(link, asked)) return alternatives[last.which];
  return {};
}

}  // namespace kai::consensus
