// top: what a running server does, live.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interrupts.h"
#include "cli/running_server.h"
#include "cli/screen.h"
#include "cli/top_view.h"
#include "wire/alerts.h"
#include "wire/metrics_documents.h"

namespace kai {

namespace {

using namespace std::chrono_literals;

constexpr const char* history_target = "/api/v1/metrics/history?from=-300";
constexpr Duration key_patience = 100ms;
constexpr int looks_for_keys = 10;  // between two pages
constexpr char ctrl_c = 3;

Result<std::vector<Line>> look(RunningServer& server, int columns) {
  const auto history = server.get(history_target);
  if (!history) return std::unexpected(history.error());
  const auto columns_read = wire::decode_history_columns(*history);
  if (!columns_read) return std::unexpected(columns_read.error());
  const auto said = server.get("/api/v1/alerts");
  if (!said) return std::unexpected(said.error());
  const auto alerts = wire::decode_alerts(*said);
  if (!alerts) return std::unexpected(alerts.error());
  std::vector<Line> lines{{{"kai at " + server.url(), Style::plain}}, {}};
  for (auto& line : top_lines(*columns_read, *alerts, server.now(), columns)) {
    lines.push_back(std::move(line));
  }
  return lines;
}

// Nothing: it was ended by a key or a signal.
std::optional<Error> watch(RunningServer& server, bool color) {
  Interrupts interrupts(server.io());
  Screen screen;
  while (true) {
    auto lines = look(server, screen.size().columns);
    if (!lines) return lines.error();
    lines->front().push_back({"    q ends", Style::dim});
    screen.draw(*lines, color);
    for (int i = 0; i < looks_for_keys; ++i) {
      const auto key = screen.key(key_patience);
      server.io().restart();
      server.io().poll();
      const bool end = key == 'q' || key == 'Q' || key == ctrl_c;
      if (end || interrupts.count() > 0) return std::nullopt;
    }
  }
}

}  // namespace

int run_top(const Config& config, Terminal& terminal) {
  RunningServer server(config);
  if (!terminal.options().live) {
    const auto lines = look(server, terminal.columns());
    if (!lines) return server.tell(lines.error(), terminal);
    for (const auto& line : *lines) terminal.out(paint(line, false));
    return exit_status::ok;
  }
  const auto error = watch(server, terminal.options().color);
  return error ? server.tell(*error, terminal) : exit_status::ok;
}

}  // namespace kai
