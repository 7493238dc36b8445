#include "planner/features.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "planner/vocabulary.h"

namespace kai {

namespace {

// In a long text what is asked stands at its beginning or its end; between lies material, whose
// words say nothing of the demand.
constexpr std::size_t request_whole = 1200;
constexpr std::size_t request_edge = 400;

constexpr std::size_t long_word = 9;         // letters
constexpr std::size_t lookup_words_max = 5;  // "What is the Riemann hypothesis?"

// How the words of a text begin, two letters each: of the vocabulary's some hundred terms few begin
// like any of them, and only those need be looked for. Others may pass, none is kept out.
class Beginnings {
 public:
  void add(std::string_view word) { seen_.set(place_of(word)); }
  bool may_have(std::string_view term) const { return seen_.test(place_of(term)); }

 private:
  // Two words with the same two first letters have the same place.
  static std::size_t place_of(std::string_view word) {
    const auto letter_at = [word](std::size_t at) {
      return at < word.size() ? static_cast<unsigned char>(word[at]) % 32U : 0U;
    };
    // A word of one letter goes on with a space where the text is searched: 0, like that.
    return letter_at(0) * 32 + letter_at(1);
  }

  std::bitset<1024> seen_;
};

// A text's words, folded, one space around each, so that " why " finds whole words.
struct Words {
  std::string all = " ";
  std::string demanding = " ";  // those that stand where a demand stands, with their successor
  Beginnings beginnings{};      // of all
  std::size_t count = 0;
  std::size_t long_ones = 0;
};

bool letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c >= 0x80;
}

char folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool any_of(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Whether a verb after `word` asks for something: "please explain", "help me design".
bool invites(std::string_view word) {
  using namespace std::string_view_literals;
  static constexpr std::array inviting{"and"sv, "then"sv, "please"sv, "you"sv, "also"sv, "or"sv,
                                       "me"sv,  "us"sv,   "we"sv,     "i"sv,   "help"sv, "just"sv};
  return any_of(inviting, word) || (word.size() > 4 && word.ends_with("ly"));
}

// "I want to design": the verb before "to" is one of wanting.
bool wants(std::string_view word) {
  using namespace std::string_view_literals;
  static constexpr std::array wanting{"want"sv, "need"sv, "like"sv, "try"sv, "trying"sv,
                                      "you"sv,  "me"sv,   "us"sv,   "have"sv};
  return any_of(wanting, word);
}

Words words_of(std::string_view text) {
  Words words;
  bool demand_here = true;  // a sentence or clause begins
  bool keep_next = false;   // for verbs of two words
  std::string previous;
  std::string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    words.all += word + ' ';
    words.beginnings.add(word);
    if (demand_here || keep_next) words.demanding += word + ' ';
    keep_next = demand_here;
    ++words.count;
    if (word.size() >= long_word) ++words.long_ones;
    demand_here = invites(word) || (word == "to" && wants(previous));
    previous = std::exchange(word, {});
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    // U+2010..U+2027 are dashes, quotes and dots; of them ’ alone belongs to a word.
    if (text.substr(at).starts_with("\xe2\x80")) {
      if (at + 2 < text.size() && text[at + 2] == '\x99') {
        word += '\'';
      } else {
        end_word();
      }
      at += 2;
      continue;
    }
    const char c = folded(text[at]);
    if (letter(static_cast<unsigned char>(c))) {
      word += c;
      continue;
    }
    end_word();
    if (std::string_view(".?!:;,(\n").contains(c)) {
      demand_here = true;
      keep_next = false;
    }
  }
  end_word();
  return words;
}

// Of `terms`, those in `part`: all of the words or the demanding ones.
std::size_t hits(const Words& words, const std::string& part,
                 std::span<const std::string_view> terms) {
  std::size_t count = 0;
  for (const auto term : terms) {
    if (!words.beginnings.may_have(term)) continue;
    const bool stem = term.ends_with('*');
    std::string wanted = " ";
    wanted += stem ? term.substr(0, term.size() - 1) : term;
    if (!stem) wanted += ' ';
    if (part.contains(wanted)) ++count;
  }
  return count;
}

std::size_t demanded(const Words& words, std::span<const std::string_view> verbs) {
  return hits(words, words.demanding, verbs);
}

std::size_t named(const Words& words, std::span<const std::string_view> terms) {
  return hits(words, words.all, terms);
}

double share(std::size_t count, double enough) {
  return std::min(1.0, static_cast<double>(count) / enough);
}

// A demand by its verb counts full, one that only other words suggest counts `suggested`.
double demand(const Words& words, std::span<const std::string_view> verbs,
              std::span<const std::string_view> others, double suggested) {
  if (demanded(words, verbs) > 0) return 1;
  return named(words, others) > 0 ? suggested : 0;
}

bool starts(const Words& words, std::string_view opening) {
  return words.all.starts_with(" " + std::string(opening) + " ");
}

bool starts_with_any(const Words& words, std::span<const std::string_view> openings) {
  return std::ranges::any_of(openings, [&](std::string_view one) { return starts(words, one); });
}

std::size_t count_of(std::string_view text, char wanted) {
  return static_cast<std::size_t>(std::ranges::count(text, wanted));
}

// Runs of digits; "3.14" and "1,000" are one.
std::size_t numbers_in(std::string_view text) {
  std::size_t count = 0;
  bool inside = false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !inside) ++count;
    inside = digit || (inside && (c == '.' || c == ','));
  }
  return count;
}

// Lines that begin like "1.", "2)", "- ", "* ", "(a)".
std::size_t list_items(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
    if (line.size() < 3) continue;
    const bool bullet = (line[0] == '-' || line[0] == '*') && line[1] == ' ';
    const bool marked = line[0] != ' ' && (line[1] == '.' || line[1] == ')') && line[2] == ' ';
    const bool bracketed = line[0] == '(' && line[2] == ')';
    if (bullet || marked || bracketed) ++count;
  }
  return count;
}

std::size_t sentences_in(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    const bool ends = text[at] == '.' || text[at] == '?' || text[at] == '!';
    if (ends && (text[at + 1] == ' ' || text[at + 1] == '\n')) ++count;
  }
  return count;
}

// "append(3)", but not "item(s)".
bool calls_something(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '(' && letter(static_cast<unsigned char>(folded(text[at - 1]))) &&
        !text.substr(at).starts_with("(s)")) {
      return true;
    }
  }
  return false;
}

// 0: none, 1: a piece of code. Prose with one such sign counts half.
double code_in(std::string_view text) {
  if (text.contains("```")) return 1;
  std::size_t signs = calls_something(text) ? 1 : 0;
  for (const std::string_view sign : {"{", "};", "();", "def ", "#include", "return ", "==", "->",
                                      "SELECT ", "</", "import ", " = ", "[]", "!="}) {
    if (text.contains(sign)) ++signs;
  }
  return share(signs, 2);
}

// Where the first sentences of a text end; its size where it has fewer.
std::size_t sentences_end(std::string_view text, std::size_t sentences) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (std::string_view(".?!\n").contains(text[at]) && --sentences == 0) return at + 1;
  }
  return text.size();
}

// A long text's first line or two sentences, and its last.
std::string request_of(std::string_view text) {
  if (text.size() <= request_whole) return std::string(text);
  const std::string_view head = text.substr(0, request_edge);
  const std::string_view tail = text.substr(text.size() - request_edge);
  const std::size_t line = head.find('\n');
  const std::size_t last = tail.substr(0, tail.size() - 1).find_last_of(".?!\n");
  return std::string(head.substr(0, std::min(line, sentences_end(head, 2)))) + "\n" +
         std::string(last == std::string_view::npos ? tail : tail.substr(last + 1));
}

double length_of(std::string_view text) {
  constexpr double short_text = 80;   // characters that cost nothing
  constexpr double long_text = 4000;  // and those from which more adds nothing
  if (static_cast<double>(text.size()) <= short_text) return 0;
  const double size = static_cast<double>(text.size());
  return std::min(1.0, std::log(size / short_text) / std::log(long_text / short_text));
}

// Marks that are followed by a word: those of prose, not of numbers or code.
std::size_t marks_in(std::string_view text, char mark) {
  std::size_t count = 0;
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    const auto next = static_cast<unsigned char>(folded(text[at + 2]));
    if (text[at] == mark && text[at + 1] == ' ' && letter(next)) ++count;
  }
  return count;
}

double parts_of(std::string_view text, std::string_view request, const Words& words, bool code) {
  namespace v = vocabulary;
  const auto beyond_first = [](std::size_t count) { return count > 1 ? count - 1 : 0; };
  const std::size_t demands = demanded(words, v::explaining) + demanded(words, v::comparing) +
                              demanded(words, v::making) + demanded(words, v::analysing) +
                              demanded(words, v::researching) + demanded(words, v::proving);
  std::size_t parts = beyond_first(demands) + beyond_first(count_of(request, '?'));
  if (!code) {
    parts += list_items(text) + marks_in(request, ';') + beyond_first(marks_in(request, ','));
  }
  return share(parts, 4);
}

// "Should we …?", "Would a tax …?", "Is it moral to …?": asks for a judgement.
bool asks_for_judgement(const Words& words) {
  if (starts(words, "should") && !starts(words, "should i")) return true;
  if (starts(words, "would") && !starts(words, "would you") && !starts(words, "would it")) {
    return true;
  }
  return starts_with_any(words, vocabulary::yes_no_openers) &&
         named(words, vocabulary::contested) > 0;
}

// The six demands; everything else stays 0.
Features demands_of(const Words& words, bool lookup) {
  namespace v = vocabulary;
  Features f;
  f.analysis = asks_for_judgement(words) ? 1 : demand(words, v::analysing, v::analysis, 1);
  f.research = demand(words, v::researching, v::research, 0.7);
  f.proof = named(words, v::proof_wanted) > 0 ? 1 : demand(words, v::proving, v::proof, 0.5);
  // Of the everyday demands the highest counts; that there are several counts as parts.
  if (f.analysis > 0) return f;
  f.comparison = demand(words, v::comparing, v::comparison, 1);
  if (f.comparison > 0) return f;
  f.explanation = demand(words, v::explaining, v::explanation, 1);
  if (f.explanation > 0) return f;
  f.making = demand(words, v::making, {}, 0);
  if (!lookup) f.making = std::max(f.making, demand(words, {}, v::product, 1));
  return f;
}

}  // namespace

Features features_of(std::string_view question) {
  const std::string request = request_of(question);
  const Words words = words_of(request);
  const bool wording = starts_with_any(words, vocabulary::wordings);
  const bool lookup = wording || starts_with_any(words, vocabulary::fact_openers);
  // "What is a theorem?" names a deep thing and asks little.
  const bool nothing_more = wording || (lookup && words.count <= lookup_words_max);

  const bool asks_more = !nothing_more || asks_for_judgement(words);

  Features f = asks_more ? demands_of(words, lookup) : Features{};
  f.length = length_of(question);
  f.sentences = share(sentences_in(question), 6);
  const bool demanding =
      f.explanation + f.comparison + f.making + f.analysis + f.research + f.proof > 0;
  f.fact = lookup && !demanding ? 1 : 0;
  f.depth = share(named(words, vocabulary::depth), 3);
  f.abstraction = share(words.long_ones, 5);
  f.scope = named(words, vocabulary::scope) > 0 ? 1 : 0;
  f.constraints = share(named(words, vocabulary::constraint), 4);
  f.code = code_in(question);
  f.parts = parts_of(question, request, words, f.code > 0);
  f.numbers = share(numbers_in(question), 5);
  f.brevity = named(words, vocabulary::brevity) > 0 ? 1 : 0;
  return f;
}

}  // namespace kai
