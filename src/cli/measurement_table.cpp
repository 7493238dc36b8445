#include "cli/measurement_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text.h"
#include "config/units.h"

namespace kai {

namespace {

constexpr int name_columns_max = 32;
constexpr int device_columns = 8;
constexpr int fault_columns_max = 2000;

std::string rate(Tokens tokens, Duration time) {
  return fmt::format("{:.1f}", static_cast<double>(tokens.count) / seconds(time));
}

struct Row {
  std::string name, device, load, reads_short, reads_long, writes_short, writes_long, memory;
};

std::string text_of(const Row& row, int names) {
  return fmt::format("{}  {}  {:>7}  {:>8} {:>8}  {:>8} {:>8}  {:>8}", padded(row.name, names),
                     padded(row.device, device_columns), row.load, row.reads_short, row.reads_long,
                     row.writes_short, row.writes_long, row.memory);
}

std::string seconds_text(Duration time) {
  return fmt::format("{:.2f} s", seconds(time));
}

Row measured_row(const Measurement& one) {
  const Reading& first = one.readings.front();
  const Reading& last = one.readings.back();
  const bool both = one.readings.size() > 1;
  return {one_line(one.after.model.text, name_columns_max),
          one.after.device.text,
          seconds_text(one.after.load),
          rate(first.prompt, first.prefill),
          both ? rate(last.prompt, last.prefill) : "-",
          rate(first.answer, first.decode),
          both ? rate(last.answer, last.decode) : "-",
          short_bytes(one.after.weights + one.after.buffers)};
}

// One rate served for every length.
Row known_row(const CostCard& card) {
  return {card.measured == 0 ? "  estimated" : "  before",
          "",
          seconds_text(card.load),
          "",
          fmt::format("{:.1f}", card.prefill_rate),
          "",
          fmt::format("{:.1f}", card.decode_rate),
          short_bytes(card.weights + card.buffers)};
}

}  // namespace

std::vector<std::string> measurement_lines(std::span<const Measurement> measurements) {
  if (measurements.empty()) return {};
  int names = 12;
  const Measurement* good = nullptr;
  for (const auto& one : measurements) {
    names = std::max(names, columns_of(one_line(one.before.model.text, name_columns_max)));
    if (one.fault.empty() && good == nullptr) good = &one;
  }
  std::vector<std::string> lines{
      text_of({"MODEL", "DEVICE", "LOAD", "READS", "tok/s", "WRITES", "tok/s", "MEMORY"}, names),
      text_of({"", "", "", "short", "long", "short", "long", ""}, names)};
  for (const auto& one : measurements) {
    if (!one.fault.empty()) {
      lines.push_back(fmt::format("{}  {}  not measured: {}",
                                  padded(one_line(one.before.model.text, name_columns_max), names),
                                  padded(one.before.device.text, device_columns),
                                  one_line(one.fault, fault_columns_max)));
      continue;
    }
    lines.push_back(text_of(measured_row(one), names));
    lines.push_back(text_of(known_row(one.before), names));
  }
  if (good != nullptr) {
    lines.push_back("");
    lines.push_back(
        fmt::format("short, long: after a prompt of {} and of {} tokens. Each model "
                    "ran alone;",
                    good->readings.front().prompt.count, good->readings.back().prompt.count));
    lines.push_back("plans count with these figures from now on, until answers refine them.");
  }
  return lines;
}

}  // namespace kai
