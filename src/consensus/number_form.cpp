// What number an answer gives: the one behind its last statement, else the one its conclusion
// ends on.
#include <algorithm>
#include <vector>

#include "consensus/forms.h"
#include "consensus/latex.h"
#include "consensus/number.h"
#include "consensus/spoken.h"
#include "consensus/statement.h"
#include "consensus/text.h"

namespace kai::consensus {

namespace {

// What of the question bears on reading numbers.
struct Asked {
  bool percent = false;  // speaks of percent: 50% and 50 are then one, else 50% is 0.5
  std::string noun;      // "how many cups …": "cup"
};

Asked asked_in(std::string_view question) {
  Asked asked;
  const std::string low = lowered(question);
  asked.percent = low.contains('%') || low.contains("percent");
  std::size_t at = low.rfind("how many ");
  if (at == std::string::npos) return asked;
  for (const auto word : words_of(std::string_view(low).substr(at + 9, 60))) {
    const std::string_view noun = stripped(word, ",.?!\"'");
    if (noun.size() < 3 || one_of(noun, {"more", "fewer", "less", "total", "different", "of"})) {
      continue;
    }
    asked.noun = noun.substr(0, noun.ends_with('s') ? noun.size() - 1 : noun.size());
    break;
  }
  return asked;
}

std::string value_of(const Number& number, const Asked& asked) {
  return number.percent && !asked.percent ? hundredth(number) : number.value;
}

// Behind the last "=", which is where a calculation ends; all where there is none.
std::string_view result_of(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  return equals == std::string_view::npos ? text : text.substr(equals + 1);
}

constexpr std::string_view root = "\xE2\x88\x9A", pi = "\xCF\x80";

// "2sqrt(3)", "3pi", "x^2+1", "221_3": a number stands in it, but is not its value.
bool is_expression(std::string_view text, const Number& number) {
  const std::string before = lowered(text.substr(0, number.begin));
  if (before.contains("sqrt") || before.contains(root) || has_phrase(before, "pi") ||
      before.ends_with('^'))
    return true;
  const std::string after = lowered(trimmed(text.substr(number.end)));
  if (after.empty()) return false;
  if (starts_with_any(after, {"sqrt", root, pi, "_"}) || std::string_view("^+*").contains(after[0]))
    return true;
  if (after.starts_with("pi") && (after.size() == 2 || !is_letter(after[2]))) return true;
  const bool attached = number.end < text.size() && text[number.end] == after[0];
  return attached && std::string_view("xyznki").contains(after[0]) &&
         (after.size() == 1 || !is_letter(after[1]));
}

bool is_list(std::string_view text, const Number& first) {
  const std::string_view start = trimmed(text);
  if (!start.empty() && std::string_view("([{").contains(start[0]) && start.contains(',')) {
    return true;
  }
  const std::string_view rest = text.substr(first.end);
  return rest.starts_with(", ") && next_number(rest.substr(0, 6), 0).has_value();
}

std::optional<std::string> value_in(const Statement& statement, const Asked& asked) {
  constexpr std::size_t looked_at_max = 400;  // bytes
  constexpr std::size_t words_max = 4;        // of a claim without a number: "no solution"
  const std::string text = without_latex(beginning(statement.text, looked_at_max));
  const bool exact = statement.cue == Cue::json || statement.cue == Cue::boxed;
  std::string_view part = exact ? text : std::string_view(text).substr(0, sentence_end(text, 0));
  part = result_of(part);
  if (const auto number = next_number(part, 0)) {
    if (is_expression(part, *number) || (exact && is_list(part, *number))) {
      return expression_form(part);
    }
    return value_of(*number, asked);
  }
  const std::string low = lowered(part);
  if (const auto number = next_number_word(low, 0)) return value_of(*number, asked);
  if (!exact || words_of(low).size() > words_max || is_refusal(part)) return std::nullopt;
  std::string claim = expression_form(part);
  if (claim.empty()) return std::nullopt;
  return claim;
}

struct Candidate {
  Number number;
  bool in_brackets = false;
  bool bold = false;
  bool asked = false;  // followed by what was asked for
  bool behind_equals = false;
};

// "1." or "2)" at a line's start, "Step 3": they count lines, not things.
bool is_enumerator(std::string_view line, const Number& number) {
  if (number.end < line.size() && trimmed(line.substr(0, number.begin)).empty()) {
    const char mark = line[number.end];
    if ((mark == '.' || mark == ')') && number.end + 1 < line.size()) return true;
  }
  return lowered(line.substr(0, number.begin)).ends_with("step ");
}

bool is_followed_by(std::string_view text, std::size_t from, const std::string& noun) {
  if (noun.empty()) return false;
  constexpr std::size_t words_max = 3;
  std::size_t count = 0;
  for (const auto word : words_of(text.substr(from, 60))) {
    if (++count > words_max) return false;
    if (lowered(stripped(word, "*_.,")).starts_with(noun)) return true;
  }
  return false;
}

Candidate judged(std::string_view sentence, Number number, const Asked& asked) {
  Candidate candidate;
  const std::string_view before = sentence.substr(0, number.begin);
  candidate.in_brackets = std::ranges::count(before, '(') > std::ranges::count(before, ')');
  const std::size_t bold = before.rfind("**");
  std::size_t marks = 0;
  for (std::size_t at = before.find("**"); at != std::string_view::npos;
       at = before.find("**", at + 2)) {
    ++marks;
  }
  candidate.bold = bold != std::string_view::npos && marks % 2 == 1;
  candidate.asked = is_followed_by(sentence, number.end, asked.noun);
  const std::size_t equals = sentence.rfind('=');
  candidate.behind_equals = equals != std::string_view::npos && number.begin > equals;
  candidate.number = std::move(number);
  return candidate;
}

std::vector<Candidate> candidates_in(std::string_view sentence, const Asked& asked) {
  constexpr std::size_t candidates_max = 64;
  std::vector<Candidate> found;
  std::size_t at = 0;
  while (found.size() < candidates_max) {
    auto number = next_number(sentence, at);
    if (!number) break;
    at = number->end;
    if (!is_enumerator(sentence, *number)) {
      found.push_back(judged(sentence, std::move(*number), asked));
    }
  }
  return found;
}

// Numbers in words count beside digits only where the thing asked for follows them.
std::vector<Candidate> word_candidates_in(std::string_view sentence, const Asked& asked) {
  std::vector<Candidate> found;
  const std::string low = lowered(sentence);
  for (auto number = next_number_word(low, 0); number;) {
    const std::size_t next = number->end;
    found.push_back(judged(sentence, std::move(*number), asked));
    number = next_number_word(low, next);
  }
  return found;
}

// The number a sentence is about. The order of these signs was chosen by reasoning, not fitted.
const Candidate* best_of(const std::vector<Candidate>& candidates) {
  const bool any_outside =
      std::ranges::any_of(candidates, [](const auto& candidate) { return !candidate.in_brackets; });
  const auto last_that = [&](auto holds) -> const Candidate* {
    for (auto at = candidates.rbegin(); at != candidates.rend(); ++at) {
      if (holds(*at) && !(any_outside && at->in_brackets)) return &*at;
    }
    return nullptr;
  };
  const Candidate* best = last_that([](const Candidate& c) { return c.bold; });
  if (best == nullptr) best = last_that([](const Candidate& c) { return c.asked; });
  if (best == nullptr) best = last_that([](const Candidate& c) { return c.behind_equals; });
  if (best == nullptr) best = last_that([](const Candidate&) { return true; });
  return best;
}

// "42", "12 apples." in front, with the reasons behind it.
std::optional<std::string> leading_value(std::string_view text, const Asked& asked) {
  constexpr std::size_t words_max = 4;
  const std::size_t end = sentence_end(text, 0);
  const std::string_view first = stripped(text.substr(0, end), "*_#`");
  const std::size_t words = words_of(first).size();
  if (words == 0 || words > words_max || end == text.size()) return std::nullopt;
  const bool enumerates =
      words == 1 && text[end] == '.' && end + 1 < text.size() && text[end + 1] == ' ';
  auto number = next_number(first, 0);
  if (!number || enumerates || number->begin > 1) return std::nullopt;
  return value_of(*number, asked);
}

std::vector<std::string_view> sentences_in(std::string_view text) {
  std::vector<std::string_view> sentences;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = sentence_end(text, from);
    if (end > from) sentences.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return sentences;
}

std::optional<std::string> concluding_value(std::string_view raw, const Asked& asked) {
  const std::string text = without_latex(raw);
  const auto sentences = sentences_in(text);
  for (auto sentence = sentences.rbegin(); sentence != sentences.rend(); ++sentence) {
    auto candidates = candidates_in(*sentence, asked);
    std::erase_if(candidates, [&](const Candidate& c) { return c.in_brackets; });
    if (candidates.empty() && !asked.noun.empty()) {
      candidates = word_candidates_in(*sentence, asked);
      std::erase_if(candidates, [](const Candidate& c) { return !c.asked; });
    }
    if (candidates.empty()) candidates = candidates_in(*sentence, asked);
    if (const auto* best = best_of(candidates)) return value_of(best->number, asked);
  }
  for (const auto sentence : sentences) {
    auto candidates = word_candidates_in(sentence, asked);
    const auto is_one = [](const Candidate& c) { return c.number.value == "1"; };
    if (!std::ranges::all_of(candidates, is_one)) std::erase_if(candidates, is_one);
    if (const auto* best = best_of(candidates)) return value_of(best->number, asked);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> number_form(const Reading& reading) {
  const Asked asked = asked_in(reading.question);
  for (const auto& statement : statements(reading.text)) {
    if (reading.cut && !statement.ended) continue;
    if (auto value = value_in(statement, asked)) return value;
  }
  if (auto value = leading_value(reading.text, asked)) return value;
  // Without a statement, the last number of a cut text is one of its way, not its end.
  if (reading.cut) {
    const auto claim = claim_in_front(reading.text);
    return claim ? leading_value(*claim, asked) : std::nullopt;
  }
  if (is_refusal(reading.text)) return std::nullopt;
  return concluding_value(reading.text, asked);
}

}  // namespace kai::consensus
