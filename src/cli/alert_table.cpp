#include "cli/alert_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace kai {

namespace {

constexpr int name_columns = 22;
constexpr int subject_columns = 24;
constexpr int summary_columns = 100;

std::string ago(Duration length) {
  const double count = std::max(0.0, seconds(length));
  if (count < 120) return fmt::format("{:.0f} s", count);
  if (count < 2 * 3600) return fmt::format("{:.0f} min", count / 60);
  if (count < 48 * 3600) return fmt::format("{:.0f} h", count / 3600);
  return fmt::format("{:.0f} days", count / 86'400);
}

Line line_of(const Alert& alert, WallTime now) {
  const bool firing = alert.state == AlertState::firing;
  const std::string subject =
      alert.label.empty() ? "" : alert.label + " " + one_line(alert.subject, subject_columns);
  Line line{{padded(firing ? "FIRING" : "pending", 8), firing ? Style::bad : Style::plain},
            {padded(alert.name, name_columns), Style::plain},
            {padded(subject, subject_columns), Style::plain},
            {fmt::format("{:.3g} (above {:.3g}) for {}: {}", alert.value, alert.threshold,
                         ago(now - alert.since), one_line(alert.summary, summary_columns)),
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
      if (alert.state == state) lines.push_back(line_of(alert, now));
    }
  }
  if (lines.empty()) lines.push_back({{"no alert fires or is pending", Style::good}});
  return lines;
}

}  // namespace kai
