// alerts: what the running server says has become worse.
#include <fmt/format.h>

#include <utility>

#include "cli/alert_table.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/running_server.h"
#include "wire/alerts.h"

namespace kai {

namespace {

constexpr int past_shown = 10;

int tell(const std::string& document, WallTime now, const Invocation& invocation,
         Terminal& terminal) {
  if (invocation.json) {
    terminal.out(document);
    return exit_status::ok;
  }
  const auto list = wire::decode_alerts(document);
  if (!list) return tell_error(list.error(), terminal);
  auto lines = alert_lines(*list, now);
  for (auto& line : remedy_lines(*list)) lines.push_back(std::move(line));
  for (const auto& line : lines) {
    terminal.out(paint(line, terminal.options().out_is_terminal && terminal.options().color));
  }
  for (int i = 0; i < past_shown && i < static_cast<int>(list->past.size()); ++i) {
    const Alert& alert = list->past[static_cast<std::size_t>(i)];
    terminal.out(fmt::format("past    {} {}: {:.0f} s, ended {:.0f} s ago", alert.name,
                             one_line(alert.subject, 40),
                             seconds(alert.ended.value_or(now) - alert.since),
                             seconds(now - alert.ended.value_or(now))));
  }
  return exit_status::ok;
}

}  // namespace

int list_alerts(const Invocation& invocation, const Config& config, Terminal& terminal) {
  RunningServer server(config);
  const auto said = server.get("/api/v1/alerts");
  return said ? tell(*said, server.now(), invocation, terminal)
              : server.tell(said.error(), terminal);
}

int silence_alert(const Invocation& invocation, const Config& config, Terminal& terminal) {
  RunningServer server(config);
  const auto said =
      server.post("/api/v1/alerts/silences",
                  wire::encode(wire::Silence{invocation.argument, invocation.silence}));
  return said ? tell(*said, server.now(), invocation, terminal)
              : server.tell(said.error(), terminal);
}

}  // namespace kai
