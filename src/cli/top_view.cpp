#include "cli/top_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "cli/alert_table.h"

namespace kai {

namespace {

using Values = std::vector<std::optional<double>>;

constexpr int name_columns = 12;
constexpr int curve_columns = 40;
constexpr int model_columns = 28;
constexpr double gigabyte = 1e9;

const Values* find(const HistoryColumns& history, std::string_view name,
                   const std::string& label = "") {
  for (const auto& column : history.columns) {
    if (column.name == name && column.label == label) return &column.values;
  }
  return nullptr;
}

// The newest that was measured.
std::optional<double> last(const Values* values) {
  if (values == nullptr) return std::nullopt;
  for (auto value = values->rbegin(); value != values->rend(); ++value) {
    if (*value) return *value;
  }
  return std::nullopt;
}

// Of all labels of a series that were measured.
std::vector<double> measured(const HistoryColumns& history, std::string_view name) {
  std::vector<double> found;
  for (const auto& column : history.columns) {
    if (column.name != name) continue;
    for (const auto& value : column.values) {
      if (value) found.push_back(*value);
    }
  }
  return found;
}

double sum(const HistoryColumns& history, std::string_view name) {
  double all = 0;
  for (const double value : measured(history, name)) all += value;
  return all;
}

double sum(const Values* values) {
  double all = 0;
  if (values == nullptr) return all;
  for (const auto& value : *values) all += value.value_or(0);
  return all;
}

std::optional<double> mean(const Values* values) {
  if (values == nullptr) return std::nullopt;
  const auto count = std::ranges::count_if(*values, [](const auto& value) { return !!value; });
  if (count == 0) return std::nullopt;
  return sum(values) / static_cast<double>(count);
}

std::set<std::string> labels(const HistoryColumns& history, std::string_view name) {
  std::set<std::string> found;
  for (const auto& column : history.columns) {
    if (column.name == name) found.insert(column.label);
  }
  return found;
}

std::string or_dash(std::optional<double> value, std::string_view unit, int decimals) {
  return value ? fmt::format("{:.{}f}{}", *value, decimals, unit) : "-";
}

// A curve of shares, 0..1, with what else is known behind it.
Line share_line(const std::string& name, const Values* values, const std::string& more) {
  if (values == nullptr) return {{padded(name, name_columns) + more, Style::plain}};
  return {{padded(name, name_columns), Style::plain},
          {sparkline(*values, 1, curve_columns), Style::good},
          {fmt::format(" {:>4.0f} %  {}", last(values).value_or(0) * 100, more), Style::plain}};
}

void add_machine(const HistoryColumns& history, std::vector<Line>& lines) {
  std::string more;
  if (const auto used = last(find(history, "memory_used_bytes"))) {
    more += fmt::format("memory {:.1f} GB", *used / gigabyte);
  }
  if (const auto watts = last(find(history, "host_power_watts"))) {
    more += fmt::format("  {:.0f} W", *watts);
  }
  if (const auto heat = last(find(history, "host_temperature_celsius"))) {
    more += fmt::format("  {:.0f} °C", *heat);
  }
  for (const auto& resource : labels(history, "pressure")) {
    const double share = last(find(history, "pressure", resource)).value_or(0);
    if (share >= 0.1) more += fmt::format("  waits for {} {:.0f} %", resource, share * 100);
  }
  lines.push_back(share_line("cpu", find(history, "cpu_utilization"), more));
  std::set<std::string> gpus = labels(history, "gpu_utilization");
  gpus.merge(labels(history, "gpu_memory_used_bytes"));
  for (const auto& gpu : gpus) {
    const auto memory = last(find(history, "gpu_memory_used_bytes", gpu));
    const auto used = memory.transform([](double bytes) { return bytes / gigabyte; });
    lines.push_back(share_line(
        "gpu " + gpu, find(history, "gpu_utilization", gpu),
        fmt::format("{}  {}  {}", or_dash(used, " GB", 1),
                    or_dash(last(find(history, "gpu_power_watts", gpu)), " W", 0),
                    or_dash(last(find(history, "gpu_temperature_celsius", gpu)), " °C", 0))));
  }
}

void add_questions(const HistoryColumns& history, std::vector<Line>& lines) {
  auto middles = measured(history, "question_seconds_p50");
  std::ranges::sort(middles);
  const auto slow = measured(history, "question_seconds_p95");
  const double minutes = seconds(history.step) * static_cast<double>(history.times.size()) / 60;
  std::string text =
      fmt::format("{:.0f} running, {:.0f} waiting; in {:.0f} min: {:.0f} ended, {:.0f} failed",
                  last(find(history, "questions_running")).value_or(0),
                  last(find(history, "queue_depth")).value_or(0), minutes,
                  sum(history, "questions"), sum(history, "questions_failed"));
  if (!middles.empty() && !slow.empty()) {
    text += fmt::format("; usual {:.1f} s, slowest {:.1f} s", middles[middles.size() / 2],
                        *std::ranges::max_element(slow));
  }
  lines.push_back({{padded("questions", name_columns) + text, Style::plain}});
}

void add_models(const HistoryColumns& history, std::vector<Line>& lines) {
  const auto models = labels(history, "asks");
  if (models.empty()) return;
  lines.push_back({});
  lines.push_back({{fmt::format("{} {:>6} {:>7} {:>9} {:>9} {:>8}", padded("MODEL", model_columns),
                                "ASKS", "FAILED", "TOKENS/S", "1ST WORD", "AGREES"),
                    Style::dim}});
  for (const auto& model : models) {
    const auto pace = mean(find(history, "seconds_per_token", model));
    const auto rate = pace.transform([](double each) { return each > 0 ? 1 / each : 0; });
    const auto agrees = mean(find(history, "quality", model));
    lines.push_back(
        {{fmt::format("{} {:>6.0f} {:>7.0f} {:>9} {:>9} {:>8}",
                      padded(one_line(model, model_columns), model_columns),
                      sum(find(history, "asks", model)), sum(find(history, "asks_failed", model)),
                      or_dash(rate, "", 1),
                      or_dash(mean(find(history, "ttft_seconds", model)), " s", 2),
                      or_dash(agrees.transform([](double share) { return share * 100; }), " %", 0)),
          Style::plain}});
  }
}

}  // namespace

std::string sparkline(const Values& values, double most, int columns) {
  constexpr std::array<std::string_view, 8> steps{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto shown = std::min(values.size(), static_cast<std::size_t>(std::max(columns, 0)));
  std::string curve;
  for (std::size_t i = values.size() - shown; i < values.size(); ++i) {
    if (!values[i]) {
      curve += ' ';
      continue;
    }
    const double share = most > 0 ? std::clamp(*values[i] / most, 0.0, 1.0) : 0;
    curve += steps[std::min<std::size_t>(static_cast<std::size_t>(share * 8), 7)];
  }
  return curve;
}

std::vector<Line> top_lines(const HistoryColumns& history, const AlertList& alerts, WallTime now,
                            int columns) {
  std::vector<Line> lines;
  add_machine(history, lines);
  add_questions(history, lines);
  add_models(history, lines);
  lines.push_back({});
  for (auto& line : alert_lines(alerts, now)) lines.push_back(std::move(line));
  for (auto& line : lines) line = cut(std::move(line), columns);
  return lines;
}

}  // namespace kai
