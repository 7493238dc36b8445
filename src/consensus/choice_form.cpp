// Which option an answer picks.
#include <algorithm>

#include "consensus/forms.h"
#include "consensus/latex.h"
#include "consensus/spoken.h"
#include "consensus/statement.h"
#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr char upper(char c) {
  return is_letter(c) ? static_cast<char>(c & ~0x20) : c;
}

bool is_word_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_word(text[at]);
}

// "A)", "(A)", "A." or "A:" at `at`: the place behind it. Nothing: no label.
std::optional<std::size_t> past_label(std::string_view text, std::size_t at, char letter) {
  const bool bracket = at < text.size() && text[at] == '(';
  if (bracket) ++at;
  if (at + 1 >= text.size() || upper(text[at]) != letter) return std::nullopt;
  const char mark = text[at + 1];
  if (mark == ')') return at + 2;
  if (bracket || (mark != '.' && mark != ':') || !is_upper(text[at])) return std::nullopt;
  if (at + 2 < text.size() && !is_space(text[at + 2])) return std::nullopt;
  return at + 2;
}

struct Label {
  char letter;
  std::size_t begin, end;
};

// Where labels may stand: one a line is the clearest form and is tried first.
enum class Layout { lines, inline_capitals };

bool may_stand(std::string_view text, std::size_t at, Layout layout) {
  if (layout == Layout::inline_capitals) {
    const bool capital =
        is_upper(text[at]) || (text[at] == '(' && at + 1 < text.size() && is_upper(text[at + 1]));
    return capital && (at == 0 || is_space(text[at - 1]));
  }
  while (at > 0 && std::string_view(" \t*-").contains(text[at - 1])) --at;
  return at == 0 || text[at - 1] == '\n';
}

// The labels of the last list that begins with "A", each the successor of the one before.
std::vector<Label> labels_in(std::string_view question, Layout layout) {
  std::vector<Label> labels;
  for (std::size_t at = 0; at < question.size(); ++at) {
    if (question[at] != '(' && !is_letter(question[at])) continue;
    if (!may_stand(question, at, layout)) continue;
    const auto successor = static_cast<char>('A' + labels.size());
    for (const char letter : {successor, 'A'}) {
      if (letter > 'Z') continue;
      const auto end = past_label(question, at, letter);
      if (!end) continue;
      if (letter == 'A') labels.clear();
      labels.push_back({letter, at, *end});
      break;
    }
  }
  return labels;
}

bool asks_to_choose(std::string_view question) {
  return has_any_phrase(lowered(question), {"which", "choose", "select", "pick", "following",
                                            "option", "options", "correct", "answer"});
}

// Small letters one a line may also number the parts of one question.
std::vector<Label> labels_of(std::string_view question) {
  auto labels = labels_in(question, Layout::lines);
  if (labels.size() >= 2) {
    const std::size_t first = labels.front().begin;
    const bool small = !is_upper(question[first + (question[first] == '(' ? 1 : 0)]);
    if (!small || asks_to_choose(question)) return labels;
  }
  return labels_in(question, Layout::inline_capitals);
}

// "Answer with A, B or C": letters alone.
std::vector<Option> letters_named(std::string_view question) {
  const auto words = words_of(question);
  for (std::size_t at = 1; at + 1 < words.size(); ++at) {
    if (words[at] != "or") continue;
    const std::string_view last = stripped(words[at + 1], ".,;:?!\"')");
    const std::string_view before = stripped(words[at - 1], ".,;:\"'(");
    if (last.size() != 1 || before.size() != 1 || !is_upper(last[0]) || last[0] > 'J' ||
        before[0] + 1 != last[0]) {
      continue;
    }
    const auto count = static_cast<std::size_t>(last[0] - 'A') + 1;
    if (at + 1 < count) continue;
    const std::string_view first = stripped(words[at + 1 - count], ".,;:\"'(");
    if (first != "A") continue;
    std::vector<Option> options;
    for (char letter = 'A'; letter <= last[0]; ++letter) options.push_back({letter, {}});
    return options;
  }
  return {};
}

class Chooser {
 public:
  explicit Chooser(const Reading& reading)
      : options_(options_in(reading.question)), text_(reading.text) {
    for (const auto& option : options_) folded_.push_back(folded(option.text));
  }

  bool offers(char letter) const {
    const char last = options_.empty() ? 'J' : options_.back().letter;
    return letter >= 'A' && letter <= last;
  }

  // The letter at the beginning of what follows a cue; else the option whose text it is.
  std::optional<char> picked_by(std::string_view raw) const {
    const std::string tail = without_latex(raw.substr(0, 400));
    if (const auto letter = leading_letter(tail)) return letter;
    return named_in(std::string_view(tail).substr(0, sentence_end(tail, 0)));
  }

  std::optional<char> leading_letter(std::string_view tail) const {
    std::string_view rest = stripped(tail, "*_`\"'([{:-");
    bool announced = false;
    for (bool more = true; more;) {
      more = false;
      for (const std::string_view word :
           {"option ", "choice ", "letter ", "the ", "probably ", "likely ", "most ", "therefore ",
            "indeed ", "clearly ", "that ", "correct ", "answer "}) {
        if (!lowered(rest.substr(0, word.size())).starts_with(word)) continue;
        announced = announced || word == "option " || word == "choice " || word == "letter ";
        rest = stripped(rest.substr(word.size()), "*_`\"'([{:-");
        more = true;
      }
    }
    if (rest.empty() || !offers(upper(rest[0])) || !is_letter(rest[0])) return std::nullopt;
    if (rest.size() > 1 && (is_word(rest[1]) || rest[1] == '\'')) return std::nullopt;
    if (!announced && reads_as_article(rest)) return std::nullopt;
    return upper(rest[0]);
  }

  // "B) gold" on the first line, with the reasons below: unless the lines go through the options.
  std::optional<char> labelled_first() const {
    const std::string_view first = text_.substr(0, text_.find('\n'));
    const auto letter = labelled_in(first);
    if (!letter || !past_label(stripped(first, "*_#"), 0, *letter)) return std::nullopt;
    for (std::size_t at = text_.find('\n'); at < text_.size(); at = text_.find('\n', at + 1)) {
      const std::string_view line = stripped(text_.substr(at, 12), "*_#-");
      for (char other = 'A'; offers(other); ++other) {
        if (other != *letter && past_label(line, 0, other)) return std::nullopt;
      }
    }
    return letter;
  }

  // "Therefore, B."
  std::optional<char> last_word(std::string_view sentence) const {
    const auto words = words_of(sentence);
    if (words.empty()) return std::nullopt;
    if (words.size() > 1 && one_of(words[words.size() - 2], {"or", "and"})) return std::nullopt;
    const std::string_view word = stripped(words.back(), "*_`\"'().:");
    if (word.size() != 1 || !is_upper(word[0]) || !offers(word[0])) return std::nullopt;
    return word[0];
  }

  // The one option whose text stands in `sentence`. Nothing: none, or several.
  std::optional<char> named_in(std::string_view sentence) const {
    const std::string words = folded(sentence);
    std::size_t best = options_.size();
    for (std::size_t at = 0; at < options_.size(); ++at) {
      if (folded_[at].empty() || !has_phrase(words, folded_[at])) continue;
      // Of "iron" and "iron oxide" the longer is meant.
      if (best == options_.size() || has_phrase(folded_[at], folded_[best])) {
        best = at;
      } else if (!has_phrase(folded_[best], folded_[at])) {
        return std::nullopt;
      }
    }
    if (best == options_.size()) return std::nullopt;
    return options_[best].letter;
  }

  // The one letter written as a label, "(B)", "B)", "option B", in `part`. Nothing: none, or
  // several.
  std::optional<char> labelled_in(std::string_view part) const {
    std::optional<char> found;
    for (std::size_t at = 0; at < part.size(); ++at) {
      const bool bracket = part[at] == '(';
      if (!bracket && at > 0 && (is_word(part[at - 1]) || part[at - 1] == '(')) continue;
      const std::size_t letter_at = at + (bracket ? 1 : 0);
      if (letter_at >= part.size()) break;
      const char letter = upper(part[letter_at]);
      if (!is_letter(part[letter_at]) || !offers(letter)) continue;
      const bool labelled = letter_at + 1 < part.size() && part[letter_at + 1] == ')';
      if (!labelled && !is_announced(part, letter_at)) continue;
      if (found && *found != letter) return std::nullopt;
      found = letter;
    }
    return found;
  }

 private:
  // "a" and "A" before a word, "I" as a pronoun.
  static bool reads_as_article(std::string_view rest) {
    if (rest.size() == 1) return false;
    const bool small = !is_upper(rest[0]);
    if (rest[1] != ' ') return small && rest[1] != ')' && rest[1] != '.' && rest[1] != ',';
    if (small) return true;
    if (rest[0] != 'A' && rest[0] != 'I') return false;
    const std::string_view next = rest.substr(2);
    return !next.empty() && is_letter(next[0]) && !is_upper(next[0]) &&
           !starts_with_any(next, {"because", "since", "as ", "and ", "which", "is ", "with ",
                                   "for ", "due ", "but "});
  }

  static bool is_announced(std::string_view part, std::size_t letter_at) {
    if (!is_upper(part[letter_at]) || is_word_at(part, letter_at + 1)) return false;
    const std::string before = lowered(part.substr(0, letter_at));
    const std::string_view word = stripped(before, "*_`\"'(");
    return word.ends_with("option") || word.ends_with("choice");
  }

  std::vector<Option> options_;
  std::vector<std::string> folded_;
  std::string_view text_;
};

std::string_view last_sentence(std::string_view text) {
  std::string_view last = text;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = sentence_end(text, from);
    const std::string_view sentence = trimmed(text.substr(from, end - from));
    if (!sentence.empty()) last = sentence;
    from = end + 1;
  }
  return last;
}

std::optional<char> chosen(const Reading& reading) {
  const Chooser chooser(reading);
  const std::string_view text = reading.text;
  const std::string_view whole = stripped(text, "()[]{}.*_`\"':");
  // A lone "A" at a cut may be the beginning of "A noble metal".
  const bool lone = whole.size() == 1 && (!reading.cut || text.size() > 1);
  if (lone && chooser.offers(upper(whole[0]))) return upper(whole[0]);
  for (const auto& statement : statements(text)) {
    if (reading.cut && !statement.ended) continue;
    if (const auto letter = chooser.picked_by(statement.text)) return letter;
  }
  // "B) Paris", "B. Paris", "Option B": the label in front, where no other label follows.
  const std::string_view first = text.substr(0, sentence_end(text, 0));
  const std::string_view begin = stripped(first, "*_`\"'#");
  if (const auto letter = chooser.labelled_in(text)) return letter;
  if (const auto letter = chooser.labelled_first()) return letter;
  const bool letter_first =
      begin.size() > 1 && is_upper(begin[0]) && std::string_view(".:, ").contains(begin[1]);
  if (letter_first || (begin.size() == 1 && !reading.cut)) {
    if (const auto letter = chooser.leading_letter(begin)) return letter;
  }
  if (reading.cut) {
    const auto claim = claim_in_front(text);
    return claim ? chooser.picked_by(*claim) : std::nullopt;
  }
  if (is_refusal(text)) return std::nullopt;
  const std::string_view last = last_sentence(text);
  if (const auto letter = chooser.labelled_in(last)) return letter;
  if (const auto letter = chooser.last_word(last)) return letter;
  if (const auto letter = chooser.named_in(last)) return letter;
  if (const auto letter = chooser.named_in(first)) return letter;
  return chooser.named_in(text);
}

}  // namespace

std::vector<Option> options_in(std::string_view question) {
  const auto labels = labels_of(question);
  if (labels.size() < 2) return letters_named(question);
  std::vector<Option> options;
  for (std::size_t at = 0; at < labels.size(); ++at) {
    const bool last = at + 1 == labels.size();
    std::size_t end = last ? question.size() : labels[at + 1].begin;
    const std::size_t line = question.find('\n', labels[at].end);
    if (line < end) end = line;
    std::string_view text = question.substr(labels[at].end, end - labels[at].end);
    text = stripped(text, ",;*");
    if (text.ends_with(" or")) text.remove_suffix(3);
    options.push_back({labels[at].letter, stripped(text, ",;.?")});
  }
  return options;
}

std::optional<std::string> choice_form(const Reading& reading) {
  const auto letter = chosen(reading);
  if (!letter) return std::nullopt;
  return std::string(1, *letter);
}

}  // namespace kai::consensus
