// The canonical form of a short factual answer: a name, a date, yes or no, a few words.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "consensus/alternatives.h"
#include "consensus/date.h"
#include "consensus/forms.h"
#include "consensus/latex.h"
#include "consensus/list.h"
#include "consensus/number.h"
#include "consensus/point.h"
#include "consensus/spoken.h"
#include "consensus/statement.h"
#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr std::size_t point_max = 300;  // bytes of a canonical short answer

std::string_view without_filler(std::string_view text) {
  static constexpr auto fillers = std::to_array<std::string_view>(
      {"sure",   "certainly",    "of course", "great question", "good question", "well",
       "so",     "ok",           "okay",      "absolutely",     "i think",       "i believe",
       "answer", "final answer", "response",  "based on",       "therefore",     "thus",
       "hello",  "hi",           "in fact"});
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

// The first date in `text`, as exactly as the question asks for it; of those that are less exact,
// the first. "In 1879, on March 14" is one date.
std::optional<std::string> time_in(std::string_view text, const ShortQuestion& asked) {
  if (asked.when() == When::no) return std::nullopt;
  std::optional<Date> rough;
  for (auto date = next_date(text, 0); date; date = next_date(text, date->end)) {
    if (asked.when() == When::year && date->year != 0) date->month = date->day = 0;
    if (date->year == 0 && rough) date->year = rough->year;
    const bool exact = asked.when() == When::day ? date->day != 0 : date->year != 0;
    if (exact) return date->iso();
    if (!rough) rough = date;
  }
  if (!rough) return std::nullopt;
  return rough->iso();
}

Order order_of(const ShortQuestion& asked) {
  return asked.in_order() ? Order::counts : Order::counts_not;
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

// "Pluto is not a planet": no, in so many words. The opposite cannot be told from a restatement.
bool denies(std::string_view sentence) {
  const std::string low = lowered(sentence);
  return has_phrase(low, "not") || low.contains("n't ");
}

// A number alone, or followed by units: its value.
std::optional<std::string> number_alone(std::string_view point, const ShortQuestion& asked) {
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
           one_of(word,
                  {"degrees", "degree", "celsius",    "fahrenheit", "c",       "f",      "k",
                   "kelvin",  "m",      "km",         "cm",         "mm",      "kg",     "g",
                   "meters",  "metres", "kilometers", "kilometres", "miles",   "feet",   "years",
                   "days",    "hours",  "minutes",    "seconds",    "dollars", "usd",    "euros",
                   "units",   "s",      "h",          "per",        "hour",    "second", "people",
                   "square",  "cubic"});
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

std::optional<std::string> form_of_point(std::string_view point, const ShortQuestion& asked) {
  point = stripped(beginning(point, point_max), "*_`\"'.,;:!?");
  if (auto time = time_in(point, asked)) return time;
  if (auto number = number_alone(point, asked)) return number;
  if (asked.plural() || is_enumeration(point)) {
    if (auto list = list_form(items_of(point), order_of(asked))) return list;
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

// Without the marks of JSON that was escaped once too often: \"abc\" gives abc.
std::string_view without_escaped_quotes(std::string_view value) {
  if (!value.starts_with("\\\"")) return value;
  value.remove_prefix(2);
  for (const std::string_view end : {"\\\"\"", "\\\"", "\""}) {
    if (value.ends_with(end)) return value.substr(0, value.size() - end.size());
  }
  return value;
}

// Whether the blanks at a literal's ends are its own: inside quotes they are.
enum class Ends { blanks_dropped, blanks_kept };

// A literal as it was written, quotes around it gone; the empty text is "".
std::string literal_form(std::string_view text, Ends ends) {
  const std::string_view all = beginning(text, point_max);
  const std::string_view value = without_escaped_quotes(stripped(all, "`"));
  const bool keeps = ends == Ends::blanks_kept && !text.empty() && !all.contains('`');
  if (value == "\"\"" || value == "''") return "\"\"";
  if (value.empty()) return keeps ? std::string(all) : "\"\"";
  const bool quoted = value.size() > 1 && value.front() == value.back() &&
                      (value.front() == '\'' || value.front() == '"') &&
                      value.substr(1, value.size() - 2).find(value.front()) == std::string::npos;
  if (quoted) return std::string(value.substr(1, value.size() - 2));
  if (value.size() > 1 && std::string_view("[({").contains(value.front())) {
    return tidy_collection(value);
  }
  const bool bare = value.data() == stripped(all, "").data();
  return std::string(keeps && bare ? all : value);
}

using Offered = std::vector<std::string_view>;

std::optional<std::string> stated(const Statement& statement, const ShortQuestion& asked,
                                  const Offered& offered) {
  const std::string_view text = trimmed(statement.text);
  // A program may print nothing: said in quotes, that is an answer.
  const bool says_nothing = statement.cue == Cue::json && statement.ended;
  if (asked.literal() && says_nothing) return literal_form(statement.text, Ends::blanks_kept);
  if (asked.literal() && !text.empty()) return literal_form(text, Ends::blanks_dropped);
  if (text.empty() || is_refusal(text)) return std::nullopt;
  if (asked.yes_no()) {
    if (auto answer = yes_or_no(text)) return answer;
  }
  const auto named = alternative_named(text.substr(0, sentence_end(text, 0)), offered, asked);
  if (!named.empty()) return form_of_point(named, asked);
  if (statement.cue == Cue::boxed || is_mathematics(text)) return form_of_point(text, asked);
  return form_of_point(point_of(text.substr(0, sentence_end(text, 0)), asked), asked);
}

}  // namespace

std::optional<std::string> short_form(const Reading& reading) {
  const ShortQuestion asked(reading.question);
  const bool offers = !asked.yes_no() && !asked.literal() && !asked.plural();
  const Offered offered = offers ? alternatives_in(reading.question) : Offered();
  // A value in quotes or a box is exact; what words say around it only comments on it.
  const auto found = statements(reading.text);
  for (const bool exact : {true, false}) {
    for (const auto& statement : found) {
      if ((statement.cue != Cue::words) != exact || (reading.cut && !statement.ended)) continue;
      if (auto form = stated(statement, asked, offered)) return form;
    }
  }
  const std::string_view text = without_filler(stripped_front(reading.text, "#*_>"));
  if (is_refusal(text)) return std::nullopt;
  if (asked.yes_no()) {
    if (auto answer = yes_or_no(text)) return answer;
  }
  if (!reading.cut && !asked.literal()) {
    auto lines = listed_lines(reading.text);
    if (asked.plural() || lines.alone) {
      if (auto list = list_form(std::move(lines.items), order_of(asked))) return list;
    }
  }
  const std::size_t end = sentence_end(text, 0);
  if (reading.cut && end == text.size()) return std::nullopt;
  const std::string_view sentence = trimmed(text.substr(0, end));
  if (asked.yes_no() && denies(sentence)) return "no";
  if (asked.literal()) {
    return literal_form(text.contains('\n') ? sentence : text, Ends::blanks_dropped);
  }
  const auto named = alternative_named(sentence, offered, asked);
  if (!named.empty()) return form_of_point(named, asked);
  if (auto time = time_in(sentence, asked)) return time;
  return form_of_point(point_of(sentence, asked), asked);
}

}  // namespace kai::consensus
