// logs: questions asked before.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/report.h"
#include "wire/documents.h"
#include "wire/story.h"

namespace kai {

namespace {

constexpr int id_columns = 14;
constexpr int name_columns_max = 60;

std::string local_time(WallTime time) {
  const std::time_t when = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(when));
}

std::string row_line(const HistoryRow& row, int columns) {
  const std::string agreed =
      row.ending == "answered" ? fmt::format("{} of {}", row.agreeing, row.voters) : row.ending;
  const std::string head = fmt::format(
      "{}  {}  {}  {}  {:>6.1f}s  ", padded(short_id(row.id), id_columns), local_time(row.asked),
      padded(to_string(row.tier), 7), padded(agreed, 11), seconds(row.latency));
  return head + one_line(row.question, std::max(20, columns - columns_of(head)));
}

}  // namespace

int list_logs(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto store = open_store(config.store);
  const auto rows = store->history(invocation.rows);
  if (!rows) return tell_error(rows.error(), terminal);
  if (rows->empty() && !invocation.json) terminal.err("kai: no question was asked yet");
  if (!rows->empty() && !invocation.json) {
    terminal.out(fmt::format("{}  {}  {}  {}  {:>7}  QUESTION", padded("ID", id_columns),
                             padded("WHEN", 16), padded("TIER", 7), padded("AGREE", 11), "TIME"));
  }
  for (const auto& row : *rows) {
    if (!terminal.out_fault().empty()) break;
    if (!invocation.json) {
      terminal.out(row_line(row, terminal.columns()));
    } else if (const auto document = store->outcome_json(row.id.text)) {
      terminal.out(*document);
    } else {
      terminal.err("kai: " + one_line(document.error().message, name_columns_max * 4));
    }
  }
  return exit_status::ok;
}

int show_log(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto store = open_store(config.store);
  const auto document = store->outcome_json(invocation.argument);
  if (!document) {
    if (invocation.json) terminal.out(wire::encode_error(document.error()));
    return tell_error(document.error(), terminal);
  }
  if (invocation.json) {
    terminal.out(terminal.options().out_is_terminal ? wire::pretty(*document) : *document);
    return exit_status::ok;
  }
  const auto story = wire::tell_story(*document);
  if (!story) return tell_error(story.error(), terminal);
  terminal.out(inert(*story));
  return exit_status::ok;
}

}  // namespace kai
