#include "cli/alert_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace kai {

namespace {

constexpr int name_columns = 22;
constexpr int subject_columns = 24;
constexpr int text_columns = 140;  // of a summary or a remedy

std::string ago(Duration length) {
  const double count = std::max(0.0, seconds(length));
  if (count < 120) return fmt::format("{:.0f} s", count);
  if (count < 2 * 3600) return fmt::format("{:.0f} min", count / 60);
  if (count < 48 * 3600) return fmt::format("{:.0f} h", count / 3600);
  return fmt::format("{:.0f} days", count / 86'400);
}

// The rule of an alert; null: the list does not have it.
const AlertTerms* rule_of(const Alert& alert, const AlertList& list) {
  const auto found = std::ranges::find(list.rules, alert.name, &AlertTerms::name);
  return found == list.rules.end() ? nullptr : &*found;
}

// How far beyond its bound, as its rule counts; nothing of what only is or is not.
std::string measure_of(const Alert& alert, const AlertTerms* rule) {
  const double value = alert.value;
  const double bound = alert.threshold;
  if (rule == nullptr) return fmt::format("{:.3g} (above {:.3g}) ", value, bound);
  switch (rule->unit) {
    case AlertUnit::share:
      return fmt::format("{:.0f} % (above {:.0f} %) ", value * 100, bound * 100);
    case AlertUnit::drop:
      return fmt::format("{:.0f} points less (above {:.0f}) ", value * 100, bound * 100);
    case AlertUnit::times: return fmt::format("{:.1f} times (above {:.1f}) ", value, bound);
    case AlertUnit::flag: break;
  }
  return "";
}

Line line_of(const Alert& alert, const AlertTerms* rule, WallTime now) {
  const bool firing = alert.state == AlertState::firing;
  const std::string subject =
      alert.label.empty() ? "" : alert.label + " " + one_line(alert.subject, subject_columns);
  Line line{{padded(firing ? "FIRING" : "pending", 8), firing ? Style::bad : Style::plain},
            {padded(alert.name, name_columns), Style::plain},
            {padded(subject, subject_columns), Style::plain},
            {fmt::format("{}for {}: {}", measure_of(alert, rule), ago(now - alert.since),
                         one_line(alert.summary, text_columns)),
             Style::plain}};
  if (alert.silenced_until) {
    line.push_back(
        {fmt::format(" (silenced for {})", ago(*alert.silenced_until - now)), Style::dim});
  }
  return line;
}

}  // namespace

std::vector<Line> alert_lines(const AlertList& list, WallTime now) {
  std::vector<Line> lines;
  for (const auto state : {AlertState::firing, AlertState::pending}) {
    for (const auto& alert : list.alerts) {
      if (alert.state == state) lines.push_back(line_of(alert, rule_of(alert, list), now));
    }
  }
  if (lines.empty()) lines.push_back({{"no alert fires or is pending", Style::good}});
  return lines;
}

std::vector<Line> remedy_lines(const AlertList& list) {
  std::vector<Line> lines;
  for (const auto& rule : list.rules) {
    if (std::ranges::find(list.alerts, rule.name, &Alert::name) == list.alerts.end()) continue;
    lines.push_back({{padded("do", 8), Style::dim},
                     {padded(rule.name, name_columns), Style::dim},
                     {one_line(rule.remedy, text_columns), Style::plain}});
  }
  return lines;
}

}  // namespace kai
