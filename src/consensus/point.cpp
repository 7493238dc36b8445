#include "consensus/point.h"

#include <algorithm>
#include <optional>
#include <span>

#include "consensus/list.h"
#include "consensus/text.h"

namespace kai::consensus {

namespace {

std::string_view stem(std::string_view word) {
  for (const std::string_view ending : {"ing", "ed", "es", "s"}) {
    if (word.size() > ending.size() + 2 && word.ends_with(ending)) {
      return word.substr(0, word.size() - ending.size());
    }
  }
  return word;
}

// Content words of `part`: how many, and how many of them the question has too.
struct Coverage {
  int words = 0;
  int known = 0;
  double share() const { return words == 0 ? 0 : static_cast<double>(known) / words; }
};

Coverage coverage_of(std::string_view part, const ShortQuestion& asked) {
  Coverage coverage;
  const std::string text = folded(part);
  for (const auto word : words_of(text)) {
    if (is_function_word(word)) continue;
    ++coverage.words;
    if (asked.knows(word)) ++coverage.known;
  }
  return coverage;
}

struct Split {
  std::string_view left, right;
};

// At the first "is", "was", "are" … of a sentence.
std::optional<Split> at_copula(std::string_view sentence) {
  const std::string low = lowered(sentence);
  std::size_t best = std::string::npos, size = 0;
  for (const std::string_view copula :
       {" is ", " was ", " are ", " were ", "'s ", " would be ", " = ", " stands for ",
        " refers to ", " became ", " has been ", " returns ", " prints ", " evaluates to "}) {
    const std::size_t at = low.find(copula);
    // A possessive is no copula: only pronouns shorten "is".
    if (copula == "'s " && !one_of(std::string_view(low).substr(0, std::min(at, low.size())),
                                   {"it", "that", "he", "she", "there", "what"})) {
      continue;
    }
    if (at < best) {
      best = at;
      size = copula.size();
    }
  }
  if (best == std::string::npos) return std::nullopt;
  return Split{trimmed(sentence.substr(0, best)), trimmed(sentence.substr(best + size))};
}

bool is_pronoun(std::string_view part) {
  return one_of(lowered(stripped(part, "*_")), {"it", "that", "this", "he", "she", "they", "there",
                                                "these", "those", "here", "i"});
}

// Cuts what only explains the point: from a clause's beginning, a bracket, a comma's apposition.
std::string_view without_explanation(std::string_view part, bool list) {
  const std::string low = lowered(part);
  std::size_t end = part.size();
  for (const std::string_view clause :
       {" which ", " who ", " that ", " because ", " since ", " located ", " situated ", " (",
        " - ", " where ", "; ", " while ", " and is ", " and was ", " and it ", " as of ",
        " as the ", ": "}) {
    const std::size_t at = low.find(clause);
    if (at > 0) end = std::min(end, at);
  }
  if (!list) {
    std::size_t comma = low.find(", ");
    if (comma > 0) end = std::min(end, comma);
  }
  return part.substr(0, end);
}

// Cuts "in 1928"; for "who", where the point is a name, also "in the 16th century".
std::string_view without_circumstance(std::string_view part, bool who) {
  const std::string low = lowered(part);
  std::size_t end = part.size();
  for (const std::string_view start : {" in ", " on ", " during ", " around ", " from ", " at "}) {
    const std::size_t at = low.find(start);
    if (at == std::string::npos || at == 0) continue;
    const std::string_view rest = std::string_view(low).substr(at + start.size());
    const bool time = !rest.empty() && (is_digit(rest[0]) || (who && rest.starts_with("the ")));
    if (time) end = std::min(end, at);
  }
  return part.substr(0, end);
}

// Function words and the question's own words go from both ends: "painted by Leonardo" ->
// "Leonardo".
std::string_view without_known_edges(std::string_view part, const ShortQuestion& asked) {
  auto words = words_of(part);
  const auto goes = [&](std::string_view word) {
    const std::string text = folded(word);
    return text.empty() || is_function_word(text) || asked.knows(text) ||
           one_of(text,
                  {"located", "called", "named", "known", "approximately", "written", "situated",
                   "city", "indeed", "actually", "sir", "dr", "officially", "simply"});
  };
  std::size_t from = 0, to = words.size();
  while (from < to && goes(words[from])) ++from;
  while (to > from && goes(words[to - 1])) --to;
  if (from == to) return part;
  const char* begin = words[from].data();
  const char* end = words[to - 1].data() + words[to - 1].size();
  return {begin, static_cast<std::size_t>(end - begin)};
}

// The longest run of words that are not the question's; among equals the first, and one with a
// capital before any other: the subject of "Leonardo da Vinci painted it".
std::string_view new_words(std::string_view sentence, const ShortQuestion& asked) {
  const auto words = words_of(sentence);
  std::size_t best_from = 0, best_to = 0;
  bool best_capital = false;
  for (std::size_t at = 0; at < words.size();) {
    const auto is_new = [&](std::size_t place) {
      const std::string text = folded(words[place]);
      return !text.empty() && !is_function_word(text) && !asked.knows(text);
    };
    if (!is_new(at)) {
      ++at;
      continue;
    }
    const std::size_t from = at;
    bool capital = false;
    while (at < words.size() && is_new(at)) {
      const std::string_view word = stripped(words[at], "*_\"'(");
      capital = capital || (!word.empty() && is_upper(word[0]));
      ++at;
      if (words[at - 1].ends_with(',')) break;
    }
    const bool better = best_to == best_from || (capital && !best_capital);
    if (better) {
      best_from = from;
      best_to = at;
      best_capital = capital;
    }
  }
  if (best_from == best_to) return sentence;
  const char* begin = words[best_from].data();
  const char* end = words[best_to - 1].data() + words[best_to - 1].size();
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::optional<std::string_view> emphasised(std::string_view sentence) {
  const std::size_t open = sentence.find("**");
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = sentence.find("**", open + 2);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view inside = trimmed(sentence.substr(open + 2, close - open - 2));
  if (inside.empty() || inside.ends_with(':')) return std::nullopt;
  return inside;
}

// "the English playwright William Shakespeare": the capitals at the end, with the small words that
// names have inside. All of `part` where it does not end in a capital.
std::string_view name_in(std::string_view part) {
  const auto words = words_of(part);
  std::size_t from = words.size();
  for (std::size_t at = words.size(); at-- > 0;) {
    const std::string_view word = stripped(words[at], "*_\"'(");
    const bool capital = !word.empty() && (is_upper(word[0]) || !is_letter(word[0]));
    if (capital) from = at;
    if (!capital && !one_of(word, {"da", "de", "di", "del", "der", "den", "van", "von", "la", "le",
                                   "of", "the", "al", "bin", "ibn", "y"})) {
      break;
    }
  }
  if (from == words.size()) return part;
  return part.substr(static_cast<std::size_t>(words[from].data() - part.data()));
}

// One side of a sentence repeats the question, the other answers. Where both repeat it, the shorter
// answers: "9.9 is larger than 9.11"; where neither does, what is said comes last.
bool answers_first(const Split& split, const ShortQuestion& asked) {
  const Coverage left = coverage_of(split.left, asked), right = coverage_of(split.right, asked);
  if (left.share() != right.share()) return left.share() < right.share();
  return left.known > 0 && left.words < right.words;
}

// Bold words may stress the question's subject as well as the answer.
bool repeats(std::string_view bold, const ShortQuestion& asked) {
  return !is_digit(bold.front()) && coverage_of(bold, asked).share() >= 0.5;
}

When when_in(std::string_view question) {
  if (has_any_phrase(question, {"year", "years", "decade", "century"})) return When::year;
  const bool when = question.starts_with("when ");
  if (has_any_phrase(question, {"date", "what day", "which day", "birthday"})) return When::day;
  if (when && has_any_phrase(question, {"born", "die", "died", "day", "exactly"})) return When::day;
  return when ? When::year : When::no;
}

// "What are …", "Which countries border …", "Name three …", "List …".
bool asks_for_several(std::string_view question, std::span<const std::string_view> words) {
  if (has_any_phrase(question, {"what are", "which are", "who are", "who were", "what were", "list",
                                "name the", "names of", "name all", "give all", "prime factors"})) {
    return true;
  }
  constexpr std::size_t looked_at = 5;  // "On which two continents …"
  for (std::size_t at = 0; at + 1 < std::min(words.size(), looked_at); ++at) {
    if (!one_of(words[at], {"which", "what", "name", "give", "the"})) continue;
    const std::string_view next = words[at + 1];
    if (one_of(next, {"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"})) {
      return true;
    }
    const bool plural = next.size() > 4 && next.ends_with('s') && !next.ends_with("ss") &&
                        !next.ends_with("us") && !next.ends_with("is");
    if (plural && one_of(words[at], {"which", "what"})) return true;
  }
  return false;
}

}  // namespace

ShortQuestion::ShortQuestion(std::string_view question) : folded_(folded(question)) {
  const auto words = words_of(folded_);
  for (const auto word : words) {
    if (!is_function_word(word)) stems_.push_back(stem(word));
  }
  std::ranges::sort(stems_);
  literal_ = question.contains("```") || question.contains("[PYTHON]") ||
             question.contains("\ndef ") || question.starts_with("def ") ||
             (question.contains("assert ") && question.contains("=="));
  const bool polite = words.size() > 1 && words[1] == "you";  // "Can you tell me …"
  yes_no_ =
      !words.empty() && !polite &&
      one_of(words.front(), {"is", "are", "was", "were", "do", "does", "did", "has", "have", "had",
                             "can", "could", "will", "would", "should", "true", "yes"});
  who_ = !words.empty() && one_of(words.front(), {"who", "whose", "whom"});
  when_ = when_in(folded_);
  plural_ = asks_for_several(folded_, words);
  in_order_ = has_any_phrase(
      folded_, {"order", "ordered", "sequence", "sort", "sorted", "rank", "ranking", "in turn",
                "from smallest", "from largest", "from lowest", "from highest", "steps"});
}

bool ShortQuestion::knows(std::string_view folded_word) const {
  return std::ranges::binary_search(stems_, stem(folded_word));
}

std::string_view point_of(std::string_view sentence, const ShortQuestion& asked) {
  constexpr std::size_t bare_words_max = 3;  // "Paris", "New York City": all point
  const auto split = at_copula(sentence);
  const bool bare = !split && words_of(sentence).size() <= bare_words_max;
  std::string_view part = sentence;
  if (const auto bold = emphasised(sentence); bold && !repeats(*bold, asked)) {
    part = *bold;
  } else if (split) {
    part = is_pronoun(split->left) || !answers_first(*split, asked) ? split->right : split->left;
  } else if (!bare && coverage_of(sentence, asked).known > 0) {
    part = new_words(sentence, asked);
  }
  part = without_explanation(part, asked.plural() || is_enumeration(part));
  if (!bare) part = without_circumstance(part, asked.who());
  if (asked.who() && !bare) part = name_in(part);
  return without_known_edges(part, asked);
}

}  // namespace kai::consensus
