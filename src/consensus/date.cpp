#include "consensus/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr int day_max = 31, months = 12;

// Reads a text in lower case from one place on; each step moves on only where it finds its own.
class Scan {
 public:
  Scan(std::string_view low, std::size_t at) : low_(low), at_(at) {}

  std::size_t at() const { return at_; }

  // A number of `digits_min` to `digits_max` digits that no further digit follows.
  std::optional<int> number(std::size_t digits_min, std::size_t digits_max) {
    std::size_t end = at_;
    int value = 0;
    for (; end < low_.size() && is_digit(low_[end]) && end - at_ < digits_max; ++end) {
      value = value * 10 + (low_[end] - '0');
    }
    if (end - at_ < digits_min || (end < low_.size() && is_digit(low_[end]))) return std::nullopt;
    at_ = end;
    return value;
  }

  std::optional<int> month() {
    static constexpr auto names = std::to_array<std::string_view>(
        {"january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"});
    std::size_t end = at_;
    while (end < low_.size() && is_letter(low_[end])) ++end;
    const std::string_view word = low_.substr(at_, end - at_);
    constexpr std::size_t short_min = 3;  // "mar", "sept"
    if (word.size() < short_min) return std::nullopt;
    const auto name =
        std::ranges::find_if(names, [&](std::string_view one) { return one.starts_with(word); });
    if (name == names.end()) return std::nullopt;
    at_ = end;
    if (*name != word) sign('.');
    return static_cast<int>(name - names.begin()) + 1;
  }

  bool word(std::string_view expected) {
    if (!low_.substr(at_).starts_with(expected)) return false;
    const std::size_t end = at_ + expected.size();
    if (end < low_.size() && is_word(low_[end])) return false;
    at_ = end;
    return true;
  }

  bool sign(char expected) {
    if (at_ >= low_.size() || low_[at_] != expected) return false;
    ++at_;
    return true;
  }

  void blanks() {
    while (at_ < low_.size() && (is_space(low_[at_]) || low_[at_] == '*')) ++at_;
  }

  bool at_edge() const { return at_ >= low_.size() || !is_word(low_[at_]); }

 private:
  std::string_view low_;
  std::size_t at_;
};

bool is_day(int day) {
  return day >= 1 && day <= day_max;
}
bool is_month(int month) {
  return month >= 1 && month <= months;
}

// Runs `read` on a copy of `scan`, which goes on where it ended only if it found something.
template <typename Read>
auto attempt(Scan& scan, Read read) {
  Scan copy = scan;
  auto found = read(copy);
  if (found) scan = copy;
  return found;
}

// "14", "14th".
std::optional<int> read_day(Scan& scan) {
  const auto day = scan.number(1, 2);
  if (!day || !is_day(*day)) return std::nullopt;
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    if (scan.word(ending)) return day;
  }
  return scan.at_edge() ? day : std::nullopt;
}

// "1879", "44 BC", "AD 79".
std::optional<int> read_year(Scan& scan) {
  const bool era = scan.word("ad");
  if (era) scan.blanks();
  auto year = scan.number(1, 4);
  if (!year || *year == 0) return std::nullopt;
  Scan behind = scan;
  behind.blanks();
  for (const std::string_view before : {"bc", "bce", "b.c.", "b.c.e."}) {
    if (!behind.word(before)) continue;
    scan = behind;
    return -*year;
  }
  bool counted = era;
  for (const std::string_view after : {"ad", "ce", "a.d.", "c.e."}) {
    counted = counted || behind.word(after);
  }
  if (counted && !era) scan = behind;
  constexpr int plain_min = 1000;
  if (!scan.at_edge() || (!counted && *year < plain_min)) return std::nullopt;
  return year;
}

// What may stand between a month, or a day, and a year.
std::optional<int> read_year_behind(Scan& scan) {
  return attempt(scan, [](Scan& copy) {
    copy.sign(',');
    copy.blanks();
    if (copy.word("of") || copy.word("in")) copy.blanks();
    return read_year(copy);
  });
}

// "14 March 1879", "the 14th of March".
std::optional<Date> day_first(Scan& scan) {
  const auto day = read_day(scan);
  if (!day) return std::nullopt;
  scan.blanks();
  if (scan.word("of")) scan.blanks();
  const auto month = scan.month();
  if (!month) return std::nullopt;
  const int year = read_year_behind(scan).value_or(0);
  return Date{.year = year, .month = *month, .day = *day};
}

// "March 14, 1879", "March 1879"; a month alone is no date.
std::optional<Date> month_first(Scan& scan) {
  const auto month = scan.month();
  if (!month) return std::nullopt;
  if (const auto year = read_year_behind(scan)) return Date{.year = *year, .month = *month};
  scan.blanks();
  if (scan.word("the")) scan.blanks();
  const auto day = read_day(scan);
  if (!day) return std::nullopt;
  const int year = read_year_behind(scan).value_or(0);
  return Date{.year = year, .month = *month, .day = *day};
}

// "1879-03-14", "14.03.1879", "3/14/1879".
std::optional<Date> in_figures(Scan& scan) {
  const auto first = scan.number(1, 4);
  if (!first) return std::nullopt;
  for (const char mark : {'-', '/', '.'}) {
    if (!scan.sign(mark)) continue;
    const auto second = scan.number(1, 2);
    if (!second || !scan.sign(mark)) return std::nullopt;
    const auto third = scan.number(1, 4);
    if (!third || !scan.at_edge()) return std::nullopt;
    Date date{.year = *first, .month = *second, .day = *third};
    constexpr int year_min = 1000;
    if (*first < year_min) {
      // Americans write the month first, but never with full stops.
      const bool american = mark == '/' && is_month(*first);
      date = {.year = *third, .month = *second, .day = *first};
      if (american || !is_month(*second)) std::swap(date.month, date.day);
    }
    if (date.year < year_min || !is_month(date.month) || !is_day(date.day)) return std::nullopt;
    return date;
  }
  return std::nullopt;
}

std::optional<Date> year_alone(Scan& scan) {
  const auto year = read_year(scan);
  if (!year) return std::nullopt;
  return Date{.year = *year};
}

// Whether something can begin at `at`: not within a word, a number, or behind a sign of one.
bool begins(std::string_view low, std::size_t at) {
  if (at > 0 && (is_word(low[at - 1]) || low[at - 1] == '$')) return false;
  const bool parted = at > 1 && std::string_view(".,/-").contains(low[at - 1]);
  return !parted || !is_digit(low[at - 2]) || !is_digit(low[at]);
}

}  // namespace

std::string Date::iso() const {
  const std::string years = fmt::format("{}{:04}", year < 0 ? "-" : "", std::abs(year));
  if (month == 0) return years;
  const std::string front = year == 0 ? "-" : years;
  return fmt::format("{}-{:02}", front, month) + (day == 0 ? "" : fmt::format("-{:02}", day));
}

std::optional<Date> next_date(std::string_view text, std::size_t from) {
  const std::string low = lowered(text);
  for (std::size_t at = from; at < low.size(); ++at) {
    if (!is_letter(low[at]) && !is_digit(low[at])) continue;
    if (!begins(low, at)) continue;
    Scan scan(low, at);
    for (const auto read : {in_figures, day_first, month_first, year_alone}) {
      auto date = attempt(scan, read);
      if (!date) continue;
      date->begin = at;
      date->end = scan.at();
      return date;
    }
  }
  return std::nullopt;
}

}  // namespace kai::consensus
