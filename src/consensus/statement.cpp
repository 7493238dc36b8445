#include "consensus/statement.h"

#include <algorithm>
#include <optional>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr std::size_t statements_max = 8;

std::size_t skip(std::string_view text, std::size_t at, std::string_view marks) {
  while (at < text.size() && marks.contains(text[at])) ++at;
  return at;
}

// The value of a JSON string whose opening quote is before `from`. Escapes that LaTeX in badly
// escaped JSON would also show (\f, \t, \b) stay as they are.
Statement quoted(std::string_view text, std::size_t from) {
  Statement found{.cue = Cue::json, .text = {}};
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text[at] == '"') {
      found.ended = true;
      return found;
    }
    if (text[at] != '\\' || at + 1 == text.size()) {
      found.text += text[at];
      continue;
    }
    const char escaped = text[++at];
    if (escaped != '"' && escaped != '\\' && escaped != '/') found.text += '\\';
    found.text += escaped;
  }
  return found;
}

// An unquoted JSON value: a number, or a list, up to the comma or brace that ends it.
Statement bare_json(std::string_view text, std::size_t from) {
  std::size_t end = from;
  for (int depth = 0; end < text.size() && text[end] != '\n'; ++end) {
    if (text[end] == '[' || text[end] == '{' || text[end] == '(') ++depth;
    if (text[end] == ']' || text[end] == '}' || text[end] == ')') --depth;
    if (depth < 0 || (depth == 0 && text[end] == ',')) break;
  }
  return {Cue::json, std::string(trimmed(text.substr(from, end - from))), end < text.size()};
}

std::optional<Statement> boxed(std::string_view text, std::size_t from) {
  const std::size_t open = skip(text, from, " ");
  if (open >= text.size()) return std::nullopt;
  if (text[open] != '{') {
    return Statement{Cue::boxed, std::string(first_character(text.substr(open))), true};
  }
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) {
      return Statement{Cue::boxed, std::string(text.substr(open + 1, at - open - 1)), true};
    }
  }
  return Statement{Cue::boxed, std::string(text.substr(open + 1)), false};
}

// The line that begins at `from`, or, where nothing but marks is left of it, the next.
Statement rest_of_line(std::string_view text, std::size_t from, Cue cue) {
  std::size_t begin = skip(text, from, " \t*_:=`");
  if (begin < text.size() && text[begin] == '\n') begin = skip(text, begin, " \t\n*_#>`");
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  // A point at the very end of a text may be the one in "4.5".
  const std::size_t stop = sentence_end(text, begin);
  const bool ended =
      stop + 1 < text.size() || (stop > begin && stop < text.size() && !is_digit(text[stop - 1]));
  return {cue, std::string(trimmed(text.substr(begin, end - begin))), ended};
}

// Past "is", ":", "=" and the like, right behind the word "answer" or after "to the question …".
// Nothing: the word is used in passing.
std::optional<std::size_t> past_link(std::string_view low, std::size_t from) {
  constexpr std::size_t clause_max = 160;  // bytes between "answer to" and "is"
  std::size_t at = skip(low, from, "\"'*_` ");
  // "(answer)" and "answers" say nothing yet.
  if (at < low.size() && (low[at] == ':' || low[at] == '=')) return at + 1;
  if (low.substr(at).starts_with("is:")) return at + 3;
  const std::string_view rest = low.substr(at, clause_max);
  if (starts_with_any(rest, {"to ", "for ", "of ", "here ", "choice ", "option ", "letter "})) {
    const std::size_t stop = sentence_end(rest, 0);
    const std::size_t link = std::min(rest.find(" is "), rest.find(" is:"));
    const std::size_t colon = rest.find(": ");
    if (link < stop) return past_link(low, at + link);
    if (colon < stop) return at + colon + 1;
    return std::nullopt;
  }
  for (const std::string_view link :
       {"is ", "are ", "would be ", "should be ", "must be ", "will be ", "was ", "is\n"}) {
    if (!rest.starts_with(link)) continue;
    const std::string_view after = rest.substr(link.size());
    if (starts_with_any(after, {"not ", "correct", "incorrect", "wrong", "right", "given by",
                                "based on", "because", "obtained", "in the form", "given",
                                "provided", "written", "expressed", "as follows"})) {
      return std::nullopt;
    }
    return at + link.size();
  }
  return std::nullopt;
}

// "Answer:" as a heading above the whole text: what follows it at once is no statement.
bool is_heading(std::string_view text, std::size_t cue_at, const Statement& statement) {
  constexpr std::size_t statement_max = 80;  // bytes
  const std::size_t before = stripped(text.substr(0, cue_at), "#*_").size();
  return before <= 6 && statement.text.size() > statement_max;
}

std::optional<Statement> worded(std::string_view text, std::string_view low, std::size_t cue_at,
                                std::size_t word_size) {
  const auto value = past_link(low, cue_at + word_size);
  if (!value) return std::nullopt;
  const bool key = cue_at + word_size < text.size() && text[cue_at + word_size] == '"';
  const std::size_t begin = skip(text, *value, key ? " \t\n" : " \t*_");
  if (begin < text.size() && text[begin] == '"') return quoted(text, begin + 1);
  if (key) return bare_json(text, begin);
  Statement found = rest_of_line(text, *value, Cue::words);
  if (is_heading(text, cue_at, found)) return std::nullopt;
  return found;
}

struct Place {
  std::size_t at;
  std::size_t size;
  Cue cue;
};

// The last places of `cue_text`.
void collect(std::string_view text, std::string_view cue_text, Cue cue,
             std::vector<Place>& places) {
  std::vector<Place> found;
  for (std::size_t at = text.find(cue_text); at != std::string_view::npos;
       at = text.find(cue_text, at + cue_text.size())) {
    found.push_back({at, cue_text.size(), cue});
  }
  const std::size_t first = found.size() - std::min(found.size(), statements_max);
  places.insert(places.end(), found.begin() + static_cast<std::ptrdiff_t>(first), found.end());
}

// "___": a form that was not filled in.
bool is_blank(const Statement& statement) {
  return statement.text.contains('_') && stripped(statement.text, "_").empty();
}

}  // namespace

std::vector<Statement> statements(std::string_view text) {
  const std::string low = lowered(text);
  std::vector<Place> places;
  collect(low, "answer", Cue::words, places);
  collect(low, "correct option", Cue::words, places);
  collect(low, "correct choice", Cue::words, places);
  collect(text, "\\boxed", Cue::boxed, places);
  collect(text, "\n####", Cue::hashes, places);
  std::ranges::sort(places, std::ranges::greater{}, &Place::at);

  std::vector<Statement> found;
  for (const auto& [at, size, cue] : places) {
    if (found.size() == statements_max) break;
    std::optional<Statement> statement;
    if (cue == Cue::boxed) statement = boxed(text, at + size);
    if (cue == Cue::hashes) statement = rest_of_line(text, at + size, cue);
    if (cue == Cue::words) statement = worded(text, low, at, size);
    if (statement && !is_blank(*statement)) found.push_back(std::move(*statement));
  }
  return found;
}

std::optional<std::string> claim_in_front(std::string_view text) {
  const std::size_t end = sentence_end(text, 0);
  const std::string_view first = text.substr(0, end + 1);
  if (end >= text.size() || first.contains(':')) return std::nullopt;
  const auto found = statements(first);
  if (found.empty() || found.front().cue != Cue::words) return std::nullopt;
  return found.front().text;
}

}  // namespace kai::consensus
