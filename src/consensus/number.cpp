#include "consensus/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr int digits_max = 60;  // a longer number is not a value anybody compares

// digits * 10^exponent: exact, so that 0.1 is 0.1.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

std::string written(Decimal number) {
  const std::size_t leading = number.digits.find_first_not_of('0');
  if (leading == std::string::npos) return "0";
  number.digits.erase(0, leading);
  while (number.digits.back() == '0') {
    number.digits.pop_back();
    ++number.exponent;
  }
  const auto size = static_cast<int>(number.digits.size());
  std::string text = number.negative ? "-" : "";
  if (number.exponent > digits_max || size + number.exponent < -digits_max) {
    return fmt::format("{}{}e{}", text, number.digits, number.exponent);
  }
  if (number.exponent >= 0) return text + number.digits + std::string(number.exponent, '0');
  const int whole = size + number.exponent;
  if (whole <= 0) return text + "0." + std::string(-whole, '0') + number.digits;
  number.digits.insert(static_cast<std::size_t>(whole), 1, '.');
  return text + number.digits;
}

std::string written(double value) {
  std::string text = fmt::format("{:.10g}", value);
  return text == "-0" ? "0" : text;
}

double as_double(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Scanner {
 public:
  Scanner(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::size_t place() const { return at_; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  // Digits with separators and a decimal part. Nothing: no digit here.
  std::optional<Decimal> decimal() {
    Decimal number;
    if (!is_digit(peek()) && !(peek() == '.' && is_digit(peek(1)))) return std::nullopt;
    take_digits(number.digits);
    while (is_thousands_group()) {
      ++at_;
      take_digits(number.digits);
    }
    // "9,90 €": a comma before one or two digits that end the number is a decimal comma.
    const bool comma = peek() == ',' && is_digit(peek(1)) && !digit_or_mark(digits_ahead(1) + 1) &&
                       digits_ahead(1) <= 2 && !number.digits.empty();
    if ((peek() == '.' && is_digit(peek(1))) || comma) {
      ++at_;
      const std::size_t whole = number.digits.size();
      take_digits(number.digits);
      number.exponent = -static_cast<int>(number.digits.size() - whole);
    }
    exponent(number);
    return number;
  }

  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  void skip_blanks() {
    while (peek() == ' ') ++at_;
  }
  void move_to(std::size_t at) { at_ = at; }

 private:
  std::size_t digits_ahead(std::size_t from) const {
    std::size_t count = 0;
    while (is_digit(peek(from + count))) ++count;
    return count;
  }
  bool digit_or_mark(std::size_t ahead) const {
    return is_digit(peek(ahead)) ||
           ((peek(ahead) == ',' || peek(ahead) == '.') && is_digit(peek(ahead + 1)));
  }
  bool is_thousands_group() const {
    return (peek() == ',' || peek() == '\'') && digits_ahead(1) == 3;
  }
  void take_digits(std::string& digits) {
    while (is_digit(peek())) {
      digits += peek();
      ++at_;
    }
  }
  int small_integer(std::size_t limit) {
    int value = 0;
    for (std::size_t count = 0; is_digit(peek()) && count < limit; ++count, ++at_) {
      value = value * 10 + (peek() - '0');
    }
    return value;
  }
  // "e5", "E-3", "x 10^5", "* 10^{-5}"
  void exponent(Decimal& number) {
    const std::size_t back = at_;
    const bool letter = peek() == 'e' || peek() == 'E';
    if (letter) {
      ++at_;
    } else {
      skip_blanks();
      if (!take("x") && !take("*") && !take("\xC3\x97")) return move_to(back);
      skip_blanks();
      if (!take("10^")) return move_to(back);
      take("{");
      take("(");
    }
    const bool down = take("-");
    if (!down) take("+");
    if (!is_digit(peek()) || digits_ahead(0) > 4) return move_to(back);
    const int power = small_integer(4);
    if (letter && is_letter(peek())) return move_to(back);
    if (!letter && !take("}")) take(")");
    number.exponent += down ? -power : power;
  }

  std::string_view text_;
  std::size_t at_;
};

struct Scale {
  std::string_view word;
  int exponent;
  std::int64_t factor;
};
constexpr std::array<Scale, 5> scales{{{"hundred", 2, 100},
                                       {"thousand", 3, 1'000},
                                       {"million", 6, 1'000'000},
                                       {"billion", 9, 1'000'000'000},
                                       {"trillion", 12, 1'000'000'000'000}}};

int take_scale(Scanner& scan, std::string_view text) {
  const std::size_t back = scan.place();
  scan.skip_blanks();
  for (const auto& [word, exponent, factor] : scales) {
    const std::string here = lowered(text.substr(scan.place(), word.size() + 1));
    if (!here.starts_with(word)) continue;
    if (here.size() > word.size() && is_letter(here.back())) continue;
    scan.move_to(scan.place() + word.size());
    return exponent;
  }
  scan.move_to(back);
  return 0;
}

// "/2" behind a whole number, or " 1/2" behind one that makes it mixed. Zero below: no fraction.
std::optional<std::string> take_fraction(Scanner& scan, const Decimal& first) {
  const std::size_t back = scan.place();
  const auto fail = [&] {
    scan.move_to(back);
    return std::optional<std::string>();
  };
  std::optional<Decimal> above, below;
  if (scan.take("/")) {
    below = scan.decimal();
  } else if (first.exponent == 0 && scan.take(" ") && is_digit(scan.peek())) {
    above = scan.decimal();
    if (!scan.take("/")) return fail();
    below = scan.decimal();
  }
  if (!below || scan.peek() == '/') return fail();  // 9/11/2001 is a date
  Decimal unsigned_first = first;
  unsigned_first.negative = false;
  const double whole = as_double(written(std::move(unsigned_first)));
  const double divisor = as_double(written(*below));
  if (divisor == 0 || !std::isfinite(whole)) return fail();
  double value = above ? whole + as_double(written(*above)) / divisor : whole / divisor;
  if (above && as_double(written(*above)) >= divisor) return fail();
  return written(first.negative ? -value : value);
}

// Bytes of the currency sign that ends `before`; 0: none.
std::size_t currency_size(std::string_view before) {
  for (const std::string_view sign :
       {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xB9"}) {
    if (before.ends_with(sign)) return sign.size();
  }
  return 0;
}

// A minus is a sign unless it stands between two terms: "5-3" and "5 - 3" subtract.
bool is_negative(std::string_view text, std::size_t digit_at, std::size_t& begin) {
  const std::size_t at = digit_at - currency_size(text.substr(0, digit_at));
  if (at == 0 || text[at - 1] != '-') return false;
  const std::size_t minus = at - 1;
  if (minus > 0 && (is_word(text[minus - 1]) || text[minus - 1] == ')' || text[minus - 1] == '-')) {
    return false;
  }
  begin = minus;
  return true;
}

constexpr auto small_words = std::to_array<std::string_view>(
    {"zero",     "one",     "two",     "three",     "four",     "five",    "six",
     "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
     "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"});
constexpr auto tens_words = std::to_array<std::string_view>(
    {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"});

// What one word adds: nothing for a word that is no number.
std::optional<std::int64_t> value_of(std::string_view word) {
  if (const auto at = std::ranges::find(small_words, word); at != small_words.end()) {
    return at - small_words.begin();
  }
  if (const auto at = std::ranges::find(tens_words, word); at != tens_words.end()) {
    return 20 + 10 * (at - tens_words.begin());
  }
  return std::nullopt;
}

std::size_t word_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_letter(text[at])) ++at;
  return at;
}

// The next word of the same number: behind a blank, a hyphen or "and".
std::size_t next_in_number(std::string_view text, std::size_t end) {
  if (end >= text.size() || (text[end] != ' ' && text[end] != '-')) return text.size();
  return text.substr(end + 1).starts_with("and ") ? end + 5 : end + 1;
}

Number number_in_words(std::string_view text, std::size_t from) {
  std::int64_t total = 0, part = 0;
  std::int64_t factor_max = 1'000'000'000'000;  // scales only fall: "two million three thousand"
  std::size_t end = from;
  bool units = false;  // "seven five" are two numbers
  for (std::size_t at = from; at < text.size(); at = next_in_number(text, end)) {
    const std::size_t stop = word_end(text, at);
    const std::string_view word = text.substr(at, stop - at);
    const auto value = value_of(word);
    const auto scale = std::ranges::find(scales, word, &Scale::word);
    if (value) {
      if (units || (part % 100 != 0 && *value >= 10)) break;
      part += *value;
      units = *value < 20;
    } else if (scale == scales.end() || part == 0) {
      break;
    } else if (const std::int64_t factor = scale->factor; factor == 100) {
      if (part >= 100) break;
      part *= factor;
      units = false;
    } else {
      if (part >= 1000 || factor > factor_max) break;
      total += part * factor;
      factor_max = factor / 1000;
      part = 0;
      units = false;
    }
    end = stop;
  }
  return {.begin = from, .end = end, .value = fmt::format("{}", total + part)};
}

void take_percent(std::string_view text, Number& number) {
  const std::string_view rest = text.substr(number.end);
  const std::size_t blanks = rest.find_first_not_of(' ');
  if (blanks == std::string_view::npos) return;
  const std::string_view sign = rest.substr(blanks);
  if (sign.starts_with('%') || sign.starts_with("\\%")) {
    number.end += blanks + (sign[0] == '%' ? 1 : 2);
    number.percent = true;
  } else if (sign.starts_with("percent")) {
    number.end += blanks + 7;
    number.percent = true;
  }
}

}  // namespace

std::optional<Number> next_number(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    const bool point = text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1]);
    if (!is_digit(text[at]) && !point) continue;
    const bool in_word = at > 0 && (is_word(text[at - 1]) || text[at - 1] == '_');
    if (in_word && currency_size(text.substr(0, at)) == 0) {
      while (at < text.size() && (is_word(text[at]) || text[at] == '_')) ++at;
      if (at >= text.size()) break;
      continue;
    }
    Number number{.begin = at, .end = at, .value = {}};
    Scanner scan(text, at);
    auto decimal = scan.decimal();
    if (!decimal) continue;
    decimal->negative = is_negative(text, at, number.begin);
    if (auto fraction = take_fraction(scan, *decimal)) {
      number.value = std::move(*fraction);
    } else {
      decimal->exponent += take_scale(scan, text);
      number.value = written(std::move(*decimal));
    }
    number.end = scan.place();
    take_percent(text, number);
    return number;
  }
  return std::nullopt;
}

std::optional<Number> next_number_word(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size();) {
    if (!is_letter(text[at]) || (at > 0 && is_word(text[at - 1]))) {
      ++at;
      continue;
    }
    const std::size_t end = word_end(text, at);
    if (value_of(text.substr(at, end - at))) {
      Number number = number_in_words(text, at);
      if (at >= 6 && one_of(text.substr(at - 6, 6), {"minus "})) number.value.insert(0, 1, '-');
      take_percent(text, number);
      return number;
    }
    at = end;
  }
  return std::nullopt;
}

std::string hundredth(const Number& number) {
  std::string_view text = number.value;
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  const std::size_t mark = text.find('e');
  if (mark != std::string_view::npos) return number.value;
  const std::size_t point = std::min(text.find('.'), text.size());
  decimal.digits = std::string(text.substr(0, point));
  if (point < text.size()) decimal.digits += text.substr(point + 1);
  decimal.exponent = -static_cast<int>(text.size() - std::min(text.size(), point + 1)) - 2;
  return written(std::move(decimal));
}

}  // namespace kai::consensus
