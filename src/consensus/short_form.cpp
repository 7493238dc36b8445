// The point of a short factual answer, found in the sentence that gives it.
#include <algorithm>
#include <array>
#include <vector>

#include "consensus/forms.h"
#include "consensus/latex.h"
#include "consensus/number.h"
#include "consensus/spoken.h"
#include "consensus/statement.h"
#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr std::size_t point_max = 300;  // bytes of a canonical short answer

// The question's content words, folded and without their endings, to know a restatement by.
class Asked {
 public:
  explicit Asked(std::string_view question) : folded_(folded(question)) {
    for (const auto word : words_of(folded_)) {
      if (!is_function_word(word)) stems_.push_back(stem(word));
    }
    std::ranges::sort(stems_);
    // What a program prints is a literal: its case, blanks and signs are the answer.
    literal_ = question.contains("```") || question.contains("[PYTHON]") ||
               question.contains("\ndef ") || question.starts_with("def ") ||
               question.contains("assert ");
    yes_no_ = !words_of(folded_).empty() &&
              one_of(words_of(folded_).front(), {"is", "are", "was", "were", "do", "does", "did",
                                                 "has", "have", "had", "can", "could", "will",
                                                 "would", "should", "true", "yes"});
    year_ = has_phrase(folded_, "year") || folded_.starts_with("when ");
    plural_ = has_any_phrase(folded_, {"what are", "which are", "who are", "who were", "what were",
                                       "list", "name the", "names of"});
  }

  bool knows(std::string_view folded_word) const {
    return std::ranges::binary_search(stems_, stem(folded_word));
  }
  bool literal() const { return literal_; }
  bool yes_no() const { return yes_no_; }
  bool year() const { return year_; }
  bool plural() const { return plural_; }
  const std::string& words() const { return folded_; }

 private:
  static std::string_view stem(std::string_view word) {
    for (const std::string_view ending : {"ing", "ed", "es", "s"}) {
      if (word.size() > ending.size() + 2 && word.ends_with(ending)) {
        return word.substr(0, word.size() - ending.size());
      }
    }
    return word;
  }

  std::string folded_;
  std::vector<std::string_view> stems_;  // sorted, views into folded_
  bool literal_ = false, yes_no_ = false, year_ = false, plural_ = false;
};

// Content words of `part`: how many, and how many of them the question has too.
struct Coverage {
  int words = 0;
  int known = 0;
  double share() const { return words == 0 ? 0 : static_cast<double>(known) / words; }
};

Coverage coverage_of(std::string_view part, const Asked& asked) {
  Coverage coverage;
  const std::string text = folded(part);
  for (const auto word : words_of(text)) {
    if (is_function_word(word)) continue;
    ++coverage.words;
    if (asked.knows(word)) ++coverage.known;
  }
  return coverage;
}

std::string_view without_filler(std::string_view text) {
  static constexpr auto fillers = std::to_array<std::string_view>(
      {"sure", "certainly", "of course", "great question", "good question", "well", "so", "ok",
       "okay", "absolutely", "i think", "i believe", "answer", "final answer", "response",
       "based on", "therefore", "thus", "hello", "hi", "in fact"});
  for (bool more = true; more;) {
    more = false;
    for (const auto filler : fillers) {
      const std::string low = lowered(text.substr(0, filler.size()));
      if (low != filler || text.size() == filler.size()) continue;
      const char mark = text[filler.size()];
      if (!std::string_view(",!.:\n").contains(mark) && !filler.starts_with("i ")) continue;
      text = stripped(text.substr(filler.size()), ",!.:*_#");
      more = true;
    }
  }
  return text;
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
        " refers to ", " became ", " has been "}) {
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

// For "who": the name ends where a place or time begins.
std::string_view without_circumstance(std::string_view part) {
  const std::string low = lowered(part);
  std::size_t end = part.size();
  for (const std::string_view start : {" in ", " on ", " during ", " around ", " from ", " at "}) {
    const std::size_t at = low.find(start);
    if (at == std::string::npos || at == 0) continue;
    const std::string_view rest = std::string_view(low).substr(at + start.size());
    const bool time = !rest.empty() && (is_digit(rest[0]) || rest.starts_with("the "));
    if (time) end = std::min(end, at);
  }
  return part.substr(0, end);
}

// Function words and the question's own words go from both ends: "painted by Leonardo" -> "Leonardo".
std::string_view without_known_edges(std::string_view part, const Asked& asked) {
  auto words = words_of(part);
  const auto goes = [&](std::string_view word) {
    const std::string text = folded(word);
    return text.empty() || is_function_word(text) || asked.knows(text) ||
           one_of(text, {"located", "called", "named", "known", "approximately", "written",
                         "situated", "city", "indeed", "actually", "officially", "simply"});
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
std::string_view new_words(std::string_view sentence, const Asked& asked) {
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

// The part of a sentence that answers: without what it repeats of the question.
std::string_view point_of(std::string_view sentence, const Asked& asked) {
  constexpr std::size_t bare_words_max = 3;  // "Paris", "New York City": all point
  if (words_of(sentence).size() <= bare_words_max && !at_copula(sentence)) {
    return without_explanation(sentence, asked.plural());
  }
  if (const auto bold = emphasised(sentence)) {
    if (coverage_of(*bold, asked).share() < 0.5) sentence = *bold;
  }
  std::string_view part = sentence;
  if (const auto split = at_copula(sentence)) {
    const Coverage left = coverage_of(split->left, asked), right = coverage_of(split->right, asked);
    const bool left_repeats = is_pronoun(split->left) || left.share() > right.share() ||
                              (left.words == 0 && right.words > 0);
    if (!left_repeats && right.known == 0 && left.known == 0) {
      part = split->right;
    } else {
      part = left_repeats ? split->right : split->left;
    }
  } else if (coverage_of(sentence, asked).known > 0) {
    part = new_words(sentence, asked);
  }
  part = without_explanation(part, asked.plural());
  part = without_circumstance(part);
  return without_known_edges(part, asked);
}

std::optional<std::string> year_in(std::string_view text) {
  for (auto number = next_number(text, 0); number; number = next_number(text, number->end)) {
    const std::string_view digits = text.substr(number->begin, number->end - number->begin);
    if (digits.size() == 4 && std::ranges::all_of(digits, is_digit)) return number->value;
  }
  return std::nullopt;
}

// "yes" or "no", where the answer begins with it or its twin.
std::optional<std::string> yes_or_no(std::string_view text) {
  const std::string words = folded(text.substr(0, 60));
  const auto first = words_of(words);
  if (first.empty()) return std::nullopt;
  if (one_of(first[0], {"yes", "yeah", "yep", "true", "correct"})) return "yes";
  if (one_of(first[0], {"no", "nope", "false", "incorrect"})) return "no";
  return std::nullopt;
}

// Items in the order of the alphabet: "red, blue and green" is "blue, green, red".
std::optional<std::string> list_of(std::string_view point) {
  std::vector<std::string> items;
  std::string text = lowered(point);
  for (const std::string_view joint : {", and ", " and ", " & ", "\n"}) {
    for (std::size_t at = text.find(joint); at != std::string::npos; at = text.find(joint)) {
      text.replace(at, joint.size(), ", ");
    }
  }
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(", ", from), text.size());
    std::string item = folded(std::string_view(text).substr(from, end - from));
    if (item.starts_with("the ")) item.erase(0, 4);
    if (!item.empty()) items.push_back(std::move(item));
    from = end + 2;
  }
  if (items.size() < 2) return std::nullopt;
  std::ranges::sort(items);
  std::string result;
  for (const auto& item : items) result += (result.empty() ? "" : ", ") + item;
  return result;
}

// A number alone, or followed by units: its value.
std::optional<std::string> number_alone(std::string_view point, const Asked& asked) {
  const std::string text = without_latex(point);
  const auto number = next_number(text, 0);
  if (!number) {
    const std::string low = lowered(stripped(text, ".*_"));
    const auto word = next_number_word(low, 0);
    if (word && word->begin == 0 && word->end == low.size()) return word->value;
    return std::nullopt;
  }
  if (!stripped(std::string_view(text).substr(0, number->begin), "$*_`\"'").empty()) {
    return std::nullopt;
  }
  constexpr std::size_t unit_words_max = 3;
  const std::string rest = folded(std::string_view(text).substr(number->end));
  const auto words = words_of(rest);
  const auto is_unit = [&](std::string_view word) {
    return asked.knows(word) ||
           one_of(word, {"degrees", "degree", "celsius", "fahrenheit", "c", "f", "k", "kelvin",
                         "m", "km", "cm", "mm", "kg", "g", "meters", "metres", "kilometers",
                         "kilometres", "miles", "feet", "years", "days", "hours", "minutes",
                         "seconds", "dollars", "usd", "euros", "units", "s", "h", "per", "hour",
                         "second", "people", "square", "cubic"});
  };
  if (words.size() > unit_words_max || !std::ranges::all_of(words, is_unit)) return std::nullopt;
  if (std::string_view(text).substr(number->end).find_first_of("+*/^=<>(") != std::string::npos) {
    return std::nullopt;
  }
  return number->value + (number->percent ? "%" : "");
}

bool is_mathematics(std::string_view text) {
  return text.contains('\\') || text.find_first_of("^=<>+*[]{}|") != std::string_view::npos;
}

std::optional<std::string> form_of_point(std::string_view point, const Asked& asked) {
  point = stripped(point.substr(0, point_max), "*_`\"'.,;:!");
  if (asked.year()) {
    if (auto year = year_in(point)) return year;
  }
  if (auto number = number_alone(point, asked)) return number;
  if (asked.plural()) {
    if (auto list = list_of(point)) return list;
  }
  std::string form = is_mathematics(point) ? expression_form(point) : folded(point);
  for (const std::string_view article : {"the ", "a ", "an "}) {
    if (form.starts_with(article) && form.size() > article.size()) form.erase(0, article.size());
  }
  if (form.empty()) form = expression_form(point);
  if (form.empty()) return std::nullopt;
  return form;
}

// Blanks between its parts and the kind of quotes are no part of a list or map.
std::string tidy_collection(std::string_view value) {
  std::string result;
  char inside = 0;  // the quote of the string that `at` is in
  for (const char c : value) {
    if (inside == 0 && is_space(c)) continue;
    if (inside == 0 && (c == '\'' || c == '"')) {
      inside = c;
      result += '\'';
    } else if (c == inside) {
      inside = 0;
      result += '\'';
    } else {
      result += c;
    }
  }
  return result;
}

// A literal as it was written, quotes around it gone.
std::optional<std::string> literal_form(std::string_view text) {
  std::string_view value = stripped(text.substr(0, point_max), "`");
  if (value.size() < 2) return std::string(value);
  const bool quoted = value.front() == value.back() &&
                      (value.front() == '\'' || value.front() == '"') &&
                      value.substr(1, value.size() - 2).find(value.front()) == std::string::npos;
  if (quoted) return std::string(value.substr(1, value.size() - 2));
  if (std::string_view("[({").contains(value.front())) return tidy_collection(value);
  return std::string(value);
}

std::optional<std::string> stated(const Statement& statement, const Asked& asked) {
  const std::string_view text = trimmed(statement.text);
  // A program may print nothing: said in quotes, that is an answer.
  if (asked.literal() && (statement.cue == Cue::json || !text.empty())) return literal_form(text);
  if (text.empty() || is_refusal(text)) return std::nullopt;
  if (asked.yes_no()) {
    if (auto answer = yes_or_no(text)) return answer;
  }
  if (statement.cue == Cue::boxed || is_mathematics(text)) return form_of_point(text, asked);
  return form_of_point(point_of(text.substr(0, sentence_end(text, 0)), asked), asked);
}

}  // namespace

std::optional<std::string> short_form(const Reading& reading) {
  const Asked asked(reading.question);
  // A value in quotes or a box is exact; what words say around it only comments on it.
  const auto found = statements(reading.text);
  for (const bool exact : {true, false}) {
    for (const auto& statement : found) {
      if ((statement.cue != Cue::words) != exact || (reading.cut && !statement.ended)) continue;
      if (auto form = stated(statement, asked)) return form;
    }
  }
  const std::string_view text = without_filler(stripped(reading.text, "#*_>"));
  if (is_refusal(text)) return std::nullopt;
  if (asked.yes_no()) {
    if (auto answer = yes_or_no(text)) return answer;
  }
  const std::size_t end = sentence_end(text, 0);
  if (reading.cut && end == text.size()) return std::nullopt;
  const std::string_view sentence = trimmed(text.substr(0, end));
  if (asked.literal()) return literal_form(text.contains('\n') ? sentence : text);
  if (asked.year()) {
    if (auto year = year_in(sentence)) return year;
  }
  return form_of_point(point_of(sentence, asked), asked);
}

}  // namespace kai::consensus
