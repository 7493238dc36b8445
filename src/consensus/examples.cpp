#include "consensus/examples.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>

#include "consensus/literal.h"
#include "consensus/text.h"

namespace kai {

namespace {

using consensus::is_digit;
using consensus::is_letter;
using consensus::trimmed;

constexpr std::size_t question_max = 16 * 1024;
constexpr std::size_t examples_max = 16;

bool is_name(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

std::string_view name_of(std::string_view call) {
  return call.substr(0, call.find('('));
}

// Python's own functions: a question that mentions them asks for none of them.
bool is_built_in(std::string_view name) {
  return consensus::one_of(
      name, {"print", "len",   "range", "sorted", "sum",  "max",  "min",        "abs",  "int",
             "str",   "list",  "dict",  "set",    "open", "type", "tuple",      "any",  "all",
             "round", "input", "zip",   "map",    "repr", "ord",  "isinstance", "bool", "float"});
}

class Collector {
 public:
  void add(std::string_view call, std::string expected, bool printed = false) {
    if (examples_.size() == examples_max) return;
    if (!calls_.insert(std::string(call)).second) return;
    examples_.push_back({consensus::as_python(call), std::move(expected), printed});
  }
  std::vector<Example> take() { return std::move(examples_); }

 private:
  std::vector<Example> examples_;
  std::set<std::string> calls_;
};

// Skips blanks and the marks that set code apart in prose.
void skip_marks(std::string_view& text) {
  const auto first = text.find_first_not_of(" \t`*");
  text.remove_prefix(std::min(first, text.size()));
}

bool take(std::string_view& text, std::string_view words) {
  if (!text.starts_with(words)) return false;
  const auto rest = text.substr(words.size());
  if (is_name(words.back()) && !rest.empty() && is_name(rest[0])) return false;
  text = rest;
  return true;
}

// What stands between a call and its result: "==", "should return", "# Output:".
bool take_relation(std::string_view& text, bool asserts) {
  skip_marks(text);
  if (asserts && take(text, "is")) return true;
  if (take(text, "#") || take(text, "//")) {
    skip_marks(text);
    for (const std::string_view words : {"=>", "->", "==", "Output:", "output:", "Returns:",
                                         "Expected:", "returns", "should return", "Returns"}) {
      if (take(text, words)) break;
    }
    return true;
  }
  for (const std::string_view words : {"===",
                                       "==",
                                       "=>",
                                       "->",
                                       "\xE2\x86\x92",
                                       "returns",
                                       "should return",
                                       "must return",
                                       "will return",
                                       "would return",
                                       "shall return",
                                       "should be",
                                       "should equal",
                                       "gives",
                                       "should give",
                                       "evaluates to",
                                       "equals",
                                       "yields",
                                       "outputs",
                                       "should output",
                                       "return",
                                       "is expected to return"}) {
    if (!take(text, words)) continue;
    skip_marks(text);
    if (text.starts_with(':')) text.remove_prefix(1);
    return true;
  }
  return false;
}

// Whether a result can end before `rest`: no operator and no word that would change it.
bool ends_result(std::string_view rest) {
  skip_marks(rest);
  if (rest.empty()) return true;
  if (std::string_view(".,;:()!?\"'#").contains(rest[0])) return true;
  std::size_t size = 0;
  while (size < rest.size() && is_name(rest[size])) ++size;
  return consensus::one_of(rest.substr(0, size),
                           {"and", "because", "since", "but", "while", "whereas", "as", "so"});
}

// The call that begins at `at`, if one can: not the end of another name, of a method or an operand.
std::size_t call_at(std::string_view line, std::size_t at) {
  if (at > 0 && (is_name(line[at - 1]) || line[at - 1] == '.')) return 0;
  const auto before = trimmed(line.substr(0, at));
  if (!before.empty() && std::string_view("+-*/%^<>!~").contains(before.back())) {
    return 0;
  }
  for (const std::string_view word : {"def", "not", "or"}) {
    if (before == word || before.ends_with(" " + std::string(word))) return 0;
  }
  const std::size_t size = consensus::call_size(line.substr(at));
  return is_built_in(name_of(line.substr(at, size))) ? 0 : size;
}

// "- f(2) == 4", "1. f(2) == 4": without what makes it a list's item.
std::string_view without_bullet(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with("- ") || line.starts_with("* ") || line.starts_with("+ ")) {
    return trimmed(line.substr(2));
  }
  std::size_t digits = 0;
  while (digits < line.size() && is_digit(line[digits])) ++digits;
  const auto rest = line.substr(digits);
  const bool item = digits > 0 && (rest.starts_with(". ") || rest.starts_with(") "));
  return item ? trimmed(rest.substr(2)) : line;
}

// "assert is_even(4)" and "assert not is_even(3)", nothing but a message behind it.
bool collect_bare_assert(std::string_view line, Collector& found) {
  if (!take(line, "assert")) return false;
  line = trimmed(line);
  const bool denied = take(line, "not");
  line = trimmed(line);
  const std::size_t size = consensus::call_size(line);
  const auto rest = size == 0 ? line : trimmed(line.substr(size));
  if (size == 0 || (!rest.empty() && rest[0] != ',' && rest[0] != '#')) return false;
  if (is_built_in(name_of(line))) return true;
  found.add("bool(" + std::string(line.substr(0, size)) + ")", denied ? "False" : "True");
  return true;
}

void collect_relations(std::string_view line, Collector& found) {
  line = without_bullet(line);
  const bool asserts = line.starts_with("assert ");
  if (asserts && collect_bare_assert(line, found)) return;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const std::size_t size = call_at(line, at);
    if (size == 0) continue;
    std::string_view rest = line.substr(at + size);
    if (asserts || line.starts_with("print(")) {
      if (rest.starts_with(')')) rest.remove_prefix(1);
    }
    const auto call = line.substr(at, size);
    at += size - 1;
    if (!take_relation(rest, asserts)) continue;
    skip_marks(rest);
    const std::size_t result = consensus::literal_size(rest);
    if (result == 0 || !ends_result(rest.substr(result))) continue;
    found.add(call, consensus::as_python(rest.substr(0, result)));
  }
}

// ">>> f(2)" and the lines below it, up to an empty one, the next prompt or the end of a block.
void collect_prompt(std::span<const std::string_view> lines, Collector& found) {
  const auto call = trimmed(trimmed(lines[0]).substr(3));
  std::string_view bare = call;
  if (const auto comment = call.find("  #"); comment != std::string_view::npos) {
    bare = trimmed(call.substr(0, comment));
  }
  const bool prints = bare.starts_with("print(") && bare.ends_with(")");
  const auto inner = prints ? bare.substr(6, bare.size() - 7) : bare;
  if (inner.empty() || consensus::call_size(inner) != inner.size() || is_built_in(name_of(inner)))
    return;
  std::string shown;
  for (const auto& line : lines.subspan(1)) {
    const auto words = trimmed(line);
    if (words.empty() || words.starts_with(">>>") || words.starts_with("```") ||
        words.starts_with("\"\"\"") || words.starts_with("'''")) {
      break;
    }
    if (words.starts_with("...") || words.starts_with("Traceback")) return;
    shown += shown.empty() ? "" : "\n";
    shown += words;
  }
  if (!shown.empty()) found.add(bare, shown, true);
}

// The one function that the question names, as "def f(", "function `f`" or "function called f".
// Empty: none, or several.
std::string function_of(std::string_view question) {
  std::set<std::string> names;
  const auto look_behind = [&](std::string_view words, auto fits) {
    for (auto at = question.find(words); at != std::string_view::npos;
         at = question.find(words, at + 1)) {
      std::string_view rest = question.substr(at + words.size());
      const bool marked = rest.starts_with('`');
      skip_marks(rest);
      std::size_t size = 0;
      while (size < rest.size() && is_name(rest[size])) ++size;
      const auto name = rest.substr(0, size);
      if (size > 0 && !is_digit(name[0]) && fits(name, rest.substr(size), marked)) {
        names.emplace(name);
      }
    }
  };
  const auto any = [](auto, auto, bool) { return true; };
  look_behind("def ", [](auto, std::string_view rest, bool) { return rest.starts_with('('); });
  look_behind("function called ", any);
  look_behind("function named ", any);
  look_behind("function ", [](std::string_view name, std::string_view rest, bool marked) {
    return marked || rest.starts_with('(') || name.contains('_');
  });
  return names.size() == 1 ? *names.begin() : std::string();
}

// "nums = [1, 2], target = 3" or "[1, 2], 3" as arguments by their places. Empty: neither.
std::string arguments_in(std::string_view text) {
  std::string arguments;
  text = consensus::stripped(text, "`*");
  while (!text.empty()) {
    std::size_t name = 0;
    while (name < text.size() && is_name(text[name])) ++name;
    const auto behind = trimmed(text.substr(name));
    if (name > 0 && behind.starts_with('=')) text = trimmed(behind.substr(1));
    const std::size_t size = consensus::literal_size(text);
    if (size == 0) return {};
    arguments += (arguments.empty() ? "" : ", ") + consensus::as_python(text.substr(0, size));
    text = trimmed(text.substr(size));
    if (text.empty()) break;
    if (!text.starts_with(',')) return {};
    text = trimmed(text.substr(1));
  }
  return arguments;
}

// What stands behind `label`, in its line or, where nothing does, in the next that is not empty.
std::optional<std::string_view> labelled(std::span<const std::string_view> lines,
                                         std::string_view label) {
  if (lines.empty()) return std::nullopt;
  const auto line = consensus::stripped(without_bullet(lines[0]), "*");
  const auto at = line.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  auto words = consensus::stripped(line.substr(at + label.size()), "*:");
  for (const auto& below : lines.subspan(1)) {
    if (!words.empty()) break;
    words = trimmed(below);
    if (words.starts_with("```")) words = {};
  }
  return words;
}

// "Input: … Output: …", in one line or in lines close to each other.
void collect_input(std::span<const std::string_view> lines, const std::string& function,
                   Collector& found) {
  constexpr std::size_t lines_between_max = 6;
  auto input = labelled(lines, "Input:");
  if (!input || function.empty()) return;
  std::optional<std::string_view> output;
  if (const auto at = input->find("Output:"); at != std::string_view::npos) {
    output = trimmed(input->substr(at + 7));
    input = consensus::stripped(input->substr(0, at), ",;*");
  }
  for (std::size_t down = 1; !output && down < std::min(lines.size(), lines_between_max); ++down) {
    if (labelled(lines.subspan(down, 1), "Input:")) return;
    output = labelled(lines.subspan(down), "Output:");
  }
  if (!output) return;
  const std::string arguments = arguments_in(*input);
  const auto result = consensus::stripped(*output, "`*");
  const std::size_t size = consensus::literal_size(result);
  const auto rest = size == 0 ? result : trimmed(result.substr(size));
  if (arguments.empty() || size == 0 || !(rest.empty() || rest == ".")) return;
  found.add(function + "(" + arguments + ")", consensus::as_python(result.substr(0, size)));
}

}  // namespace

std::vector<Example> examples_in(std::string_view question) {
  const std::string text = consensus::plain(consensus::beginning(question, question_max));
  const auto lines = lines_of(text);
  const std::string function = function_of(text);
  Collector found;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const auto below = std::span(lines).subspan(at);
    if (trimmed(lines[at]).starts_with(">>>")) {
      collect_prompt(below, found);
    } else {
      collect_relations(lines[at], found);
      collect_input(below, function, found);
    }
  }
  return found.take();
}

}  // namespace kai
