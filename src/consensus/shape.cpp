// The shape of a question, by rules on its words. In doubt a question is open: an open answer is
// shown as it is, while a wrong closed shape would compare what cannot be compared.
#include <algorithm>

#include "consensus/alternatives.h"
#include "consensus/consensus.h"
#include "consensus/forms.h"
#include "consensus/text.h"

namespace kai {

namespace {

using namespace consensus;

constexpr std::size_t side_max = 2000;  // bytes looked at of either end of a question

// The question in lower case, and what several rules ask of it.
struct Asked {
  std::string raw;      // case kept
  std::string low;      // plain, lower case, without opening politeness
  std::string request;  // of low: from the last sentence with a question mark on; all without one
  std::size_t words = 0;
};

// "Can you tell me", "please": what comes behind them is the question.
std::string_view without_politeness(std::string_view low) {
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view opening :
         {"please ", "can you ", "could you ", "would you ", "will you ", "tell me ", "kindly ",
          "do you know ", "i want to know ", "i would like to know ", "i'd like to know ", "hi, ",
          "hello, ", "hey, ", "quick question: ", "question: ", "so, ", "just "}) {
      if (!low.starts_with(opening)) continue;
      low = trimmed(low.substr(opening.size()));
      more = true;
    }
  }
  return low;
}

// A word problem tells its story first and asks at its end.
std::string_view request_of(std::string_view low) {
  const std::size_t mark = low.rfind('?');
  if (mark == std::string_view::npos) return low;
  std::size_t begin = 0;
  for (std::size_t end = sentence_end(low, 0); end < mark; end = sentence_end(low, end + 1)) {
    begin = end + 1;
  }
  return trimmed(low.substr(begin));
}

Asked read(std::string_view question) {
  Asked asked{.raw = plain(bounded(trimmed(question), side_max)), .low = {}, .request = {}};
  const std::string low = lowered(asked.raw);
  asked.low = without_politeness(low);
  asked.request = without_politeness(request_of(asked.low));
  asked.words = words_of(asked.low).size();
  return asked;
}

bool asks_for_words(const Asked& asked) {
  return has_any_phrase(
             asked.request,
             {"explain", "describe",  "discuss",   "compare",       "contrast",   "analyze",
              "analyse", "essay",     "summarize", "summarise",     "elaborate",  "justify",
              "why",     "prove",     "show that", "pros and cons", "advantages", "step by step",
              "story",   "poem",      "paragraph", "overview",      "translate",  "paraphrase",
              "rewrite", "brainstorm"}) ||
         starts_with_any(asked.request, {"how do ", "explain", "describe"}) ||
         starts_with_any(
             asked.low, {"how do ", "how does ", "how can ", "how to ", "how should ", "how would ",
                         "how is ", "how are ", "how did ", "what if ", "tell ", "give me ",
                         "suggest ", "list ", "write ", "create ", "make ", "should i ", "help "});
}

bool names_language(const std::string& low) {
  return has_any_phrase(
      low, {"python", "javascript", "typescript", "java",  "c++",     "c#",   "rust",
            "golang", "in go",      "bash",       "shell", "sql",     "html", "css",
            "ruby",   "php",        "kotlin",     "swift", "haskell", "lua",  "perl",
            "in c",   "powershell", "fortran",    "scala", "matlab",  "in r", "regex"});
}

// A verb of making with a thing of code within the next few words: "write me a small function".
bool asks_to_make(const std::string& low, bool language) {
  constexpr std::size_t reach = 7;  // words
  const auto words = words_of(low);
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (!one_of(words[at],
                {"write",    "implement", "create", "code",     "develop", "generate", "build",
                 "design",   "fix",       "debug",  "refactor", "rewrite", "optimize", "optimise",
                 "complete", "give",      "show",   "provide",  "program", "convert",  "port"})) {
      continue;
    }
    for (std::size_t ahead = at + 1; ahead < std::min(words.size(), at + reach + 1); ++ahead) {
      const std::string_view thing = stripped(words[ahead], ".,:;!?()\"'`");
      if (one_of(thing, {"function", "functions", "program", "regex", "algorithm", "subroutine",
                         "makefile", "dockerfile", "decorator", "parser", "unittest"})) {
        return true;
      }
      if (language && one_of(thing, {"script", "class", "code", "method", "query", "app", "page",
                                     "snippet", "module", "test", "tests", "one-liner", "loop",
                                     "application", "statement", "expression"})) {
        return true;
      }
      if (thing == "code" && ahead + 1 < words.size() && words[ahead + 1] != "of") return true;
      if (words[ahead].ends_with('.') || words[ahead].ends_with('?')) break;
    }
  }
  return false;
}

bool holds_code(const std::string& raw) {
  return raw.contains("```") || raw.contains("\ndef ") || raw.starts_with("def ") ||
         raw.contains("#include") || raw.contains("[PYTHON]") || raw.contains("=> {");
}

// What a program prints or returns: short, and compared as written.
bool asks_for_output(const Asked& asked) {
  const std::string& low = asked.low;
  const bool output =
      has_any_phrase(low, {"the output of", "output when", "does this print", "what is printed",
                           "what does this return", "complete the assertion", "will be printed",
                           "will this print", "does it print", "what is returned"}) ||
      (has_phrase(asked.request, "what does") &&
       has_any_phrase(low, {"return", "print", "output", "evaluate to"}));
  return output && !has_any_phrase(low, {"explain", "why"});
}

bool is_code_request(const Asked& asked) {
  if (has_any_phrase(asked.request, {"how many", "how much"})) return false;
  if (starts_with_any(asked.low, {"what ", "why ", "who ", "when ", "which ", "explain ",
                                  "describe ", "how many ", "is ", "are "})) {
    return false;
  }
  if (asks_to_make(asked.low, names_language(asked.low))) return true;
  return holds_code(asked.raw) && has_any_phrase(asked.low, {"fix", "complete", "refactor",
                                                             "rewrite", "translate", "optimize"});
}

// "17% of 2450", "5 + 7", "12*3": digits with a sign between them and hardly any words.
bool is_arithmetic(const std::string& low) {
  bool digit = false, sign = false, second = false;
  int letters = 0;
  for (std::size_t at = 0; at < low.size(); ++at) {
    const char c = low[at];
    if (is_digit(c)) (sign ? second : digit) = true;
    if (digit && std::string_view("+*/^%").contains(c)) sign = true;
    if (digit && c == '-' && at > 0 && at + 1 < low.size() &&
        (is_space(low[at + 1]) || is_digit(low[at + 1]))) {
      sign = true;
    }
    if (digit && (c == 'x' || c == '=') && at > 0 && !is_letter(low[at - 1])) sign = true;
    letters += is_letter(c) ? 1 : 0;
  }
  constexpr int letters_max = 24;  // "what is the result of …"
  return digit && sign && second && letters <= letters_max;
}

bool is_mathematics(const std::string& raw) {
  return std::ranges::count(raw, '$') >= 2 || raw.contains("\\[") || raw.contains("\\(") ||
         raw.contains("\\begin{");
}

// What a story counts with beside digits.
bool is_figure(std::string_view word) {
  return one_of(word, {"two",   "three",   "four",   "five",   "six",     "seven",    "eight",
                       "nine",  "ten",     "twelve", "dozen",  "hundred", "thousand", "half",
                       "third", "quarter", "twice",  "double", "triple",  "doubled",  "tripled"});
}

int figures_in(std::string_view low) {
  int figures = 0;
  for (std::size_t at = 0; at < low.size(); ++at) {
    const bool begins = at == 0 || (!is_digit(low[at - 1]) && !is_letter(low[at - 1]));
    if (is_digit(low[at]) && begins) ++figures;
  }
  for (const auto word : words_of(low)) {
    if (is_figure(stripped(word, ".,;:?!\"'()"))) ++figures;
  }
  return figures;
}

// "… in meters?", "Express … in feet.": a request that ends in the unit of its answer.
bool names_unit(std::string_view request) {
  const auto words = words_of(request);
  if (words.size() < 3) return false;
  const std::string_view unit = stripped(words.back(), ".?!)\"'");
  return one_of(words[words.size() - 2], {"in", "square", "cubic"}) &&
         one_of(unit, {"meters",     "metres",  "feet",   "inches",    "yards",   "miles",
                       "kilometers", "km",      "cm",     "degrees",   "units",   "minutes",
                       "hours",      "seconds", "days",   "weeks",     "months",  "years",
                       "dollars",    "euros",   "cents",  "percent",   "gallons", "liters",
                       "litres",     "pounds",  "ounces", "kilograms", "kg",      "grams"});
}

// The sentence that asks: of a request without a question mark the last one, where it is long.
std::string_view asking_sentence(std::string_view request, std::size_t words_max) {
  while (words_of(request).size() > words_max) {
    const std::size_t end = sentence_end(request, 0);
    const std::string_view rest = trimmed(request.substr(std::min(end + 1, request.size())));
    if (rest.empty()) break;
    request = rest;
  }
  return request;
}

// A story with figures in it that asks for one more.
bool is_word_problem(const Asked& asked) {
  constexpr int figures_min = 2;
  constexpr std::size_t request_words_max = 60;
  const std::string_view request = asking_sentence(asked.request, request_words_max);
  if (words_of(request).size() > request_words_max) return false;
  const int figures = figures_in(asked.low);
  if (figures > 0 && names_unit(request)) return true;
  if (figures < figures_min) return false;
  if (has_any_phrase(request, {"how long", "how big", "how far", "how fast", "how high", "how wide",
                               "how large", "how often", "what place"})) {
    return true;
  }
  return has_any_phrase(request,
                        {"what", "what's", "find", "calculate", "determine", "whats", "express"}) &&
         has_any_phrase(
             request,
             {"average",   "total",       "price",      "cost",       "distance", "salary",
              "weight",    "height",      "width",      "length",     "profit",   "age",
              "discount",  "temperature", "difference", "score",      "value",    "measure",
              "amount",    "number",      "radius",     "area",       "volume",   "time",
              "mean",      "maximum",     "minimum",    "smallest",   "largest",  "greatest",
              "rate",      "depth",       "sum",        "integer",    "base",     "probability",
              "income",    "perimeter",   "ratio",      "percentage", "combined", "capacity",
              "likelihood"});
}

bool asks_for_number(const Asked& asked) {
  const std::string& low = asked.low;
  if (is_arithmetic(low) || is_word_problem(asked)) return true;
  if (has_any_phrase(low,
                     {"how many",        "how old",           "how tall",       "how far",
                      "how heavy",       "how deep",          "how fast",       "what percent",
                      "what percentage", "calculate",         "square root",    "the remainder",
                      "solve for",       "what number",       "the number of",  "the probability",
                      "what fraction",   "the sum of",        "the product of", "the value of",
                      "the area of",     "the volume of",     "the average of", "boiling point",
                      "melting point",   "what is the total", "in total"})) {
    return true;
  }
  // "How much do you have to pay?" asks for a number, "How much do you know of it?" for words.
  if (has_phrase(low, "how much") &&
      !has_any_phrase(low, {"how much do you know", "how much do you like", "how much do you love",
                            "how much do you care", "how much do you enjoy", "how much of a"})) {
    return true;
  }
  return is_mathematics(asked.raw) && has_any_phrase(low, {"find", "compute", "what", "determine",
                                                           "evaluate", "simplify", "express"});
}

// "What is the capital of France?" has a short answer; "What is Python?" and "What is the
// difference between …" have none.
bool asks_what_is_short(std::string_view rest) {
  if (!starts_with_any(rest, {"the ", "france's ", "your name"})) {
    // "Japan's currency": a possessive asks for one thing.
    return rest.contains("'s ") && words_of(rest).size() <= 6;
  }
  if (has_any_phrase(rest, {"meaning",      "purpose",    "role",    "difference",   "differences",
                            "best way",     "point of",   "history", "impact",       "importance",
                            "significance", "definition", "concept", "relationship", "process",
                            "benefit",      "benefits",   "effect",  "effects",      "cause",
                            "causes",       "reason",     "reasons", "main idea",    "theory",
                            "function of",  "structure",  "future",  "use of",       "nature",
                            "best",         "like",       "steps",   "implications", "moral"})) {
    return false;
  }
  if (has_any_phrase(
          rest, {"capital", "name",   "title",    "currency",     "symbol",          "color",
                 "colour",  "year",   "date",     "word",         "opposite",        "formula",
                 "plural",  "author", "language", "abbreviation", "atomic number",   "population",
                 "most",    "first",  "last",     "only",         "main ingredient", "unit"})) {
    return true;
  }
  const auto words = words_of(rest);
  return words.size() > 1 && words[1].size() > 4 && words[1].ends_with("est");  // superlatives
}

bool asks_short_wh(const std::string& low) {
  const auto words = words_of(low);
  if (words.size() < 2) return false;
  const std::string_view first = words[0], second = words[1];
  for (const std::string_view opening : {"what is ", "what was ", "what's ", "whats "}) {
    if (low.starts_with(opening)) {
      return asks_what_is_short(std::string_view(low).substr(opening.size()));
    }
  }
  if (starts_with_any(low, {"what are the ", "what were the "})) {
    return has_any_phrase(low, {"names of", "colors", "colours", "capitals"});
  }
  if (first == "who") {
    // "Who is Ada Lovelace?" is answered by a life, "Who wrote …" by a name.
    const bool is = one_of(second, {"is", "was", "are", "were"});
    return !is || (words.size() > 3 && one_of(words[2], {"the", "known", "called"}));
  }
  if (first == "whose" || first == "whom") return true;
  if (first == "when" || first == "where") {
    return one_of(second, {"is", "was", "were", "are", "did", "does", "do", "will"}) &&
           !has_any_phrase(low, {"can i", "should i", "do i"});
  }
  // "On which continent is …", "From what country does … come"; "In what ways …" wants words.
  const bool led = one_of(first, {"in", "on", "at", "from", "to", "by", "of", "with", "for",
                                  "under", "during", "into", "near", "after"}) &&
                   one_of(second, {"which", "what"});
  if (first == "which" || led) {
    return !has_any_phrase(low, {"of the following", "best", "most effective"}) &&
           !(led && words.size() > 2 &&
             one_of(words[2], {"way", "ways", "sense", "manner", "extent", "respect", "respects",
                               "case", "cases", "circumstances", "conditions", "situations",
                               "context", "reason", "reasons", "purpose"}));
  }
  if (first == "what") {
    if (low.starts_with("what does ")) return has_any_phrase(low, {"stand for", "equal"});
    return one_of(
        second, {"year",      "country",  "city",     "language", "color", "colour",     "planet",
                 "animal",    "currency", "day",      "month",    "river", "mountain",   "ocean",
                 "continent", "element",  "gas",      "company",  "state", "team",       "word",
                 "date",      "time",     "chemical", "metal",    "organ", "instrument", "sport"});
  }
  return false;
}

bool asks_yes_or_no(const Asked& asked) {
  constexpr std::size_t words_max = 15;
  const std::string& low = asked.low;
  if (has_any_phrase(low, {"yes or no", "true or false"})) return true;
  if (asked.words > words_max || !low.contains('?')) return false;
  if (has_any_phrase(low, {"good", "better", "best", "bad", "ethical", "moral", "worth", "should",
                           "or", "you", "i", "we", "there"})) {
    return false;
  }
  return starts_with_any(
      low, {"is ", "are ", "was ", "were ", "do ", "does ", "did ", "has ", "have ", "can "});
}

bool asks_short(const Asked& asked) {
  constexpr std::size_t words_max = 40;
  const std::string& low = asked.low;
  if (has_any_phrase(low, {"one word", "single word", "one sentence only", "just the name",
                           "only the name", "answer briefly with", "in two words"})) {
    return true;
  }
  if (asks_yes_or_no(asked)) return true;
  if (asked.words > words_max) return false;
  if (asked.words <= 10 && starts_with_any(low, {"capital of ", "the capital of ", "name the ",
                                                 "currency of ", "author of "})) {
    return true;
  }
  const std::string_view behind = asked_behind_offers(asked.request);
  return asks_short_wh(behind.empty() ? low : std::string(behind));
}

}  // namespace

Shape shape_of(std::string_view question) {
  const Asked asked = read(question);
  if (asked.low.empty()) return Shape::open;
  if (options_in(asked.raw).size() >= 2) return Shape::choice;
  if (asks_for_output(asked)) return Shape::short_text;
  if (is_code_request(asked)) return Shape::code;
  const bool terse = has_any_phrase(asked.low, {"one word", "yes or no", "true or false"});
  if (!terse && asks_for_words(asked)) return Shape::open;
  if (!terse && asks_for_number(asked)) return Shape::number;
  return asks_short(asked) ? Shape::short_text : Shape::open;
}

}  // namespace kai
