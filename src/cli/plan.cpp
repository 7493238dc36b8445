// plan: what asking would do, shown before anything runs.
#include <fmt/format.h>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/forecast_chart.h"
#include "wire/forecast.h"

namespace kai {

namespace {

constexpr int sentence_columns_max = 2000;

}  // namespace

int run_plan(const AskOptions& options, const Config& config, Terminal& terminal) {
  auto question = read_question(options, config, terminal);
  if (!question) return refuse(question.error(), options, terminal);
  auto session = open_session(config, terminal, false);
  if (!session) return refuse(session.error(), options, terminal);
  Query query = (*session)->new_query({{Role::user, *std::move(question)}});
  const auto forecast = (*session)->forecast(with_options(std::move(query), options));
  for (const auto& note : (*session)->notes()) terminal.err("kai: " + note);
  if (!forecast) return refuse(forecast.error(), options, terminal);
  const bool fits = forecast->misfit.empty();
  if (!fits) {
    terminal.err(Line{{"kai: it does not fit: ", Style::bad},
                      {one_line(forecast->misfit, sentence_columns_max)}});
    terminal.err("kai: the nearest plan that fits is: " +
                 one_line(command_for(*forecast), sentence_columns_max));
  }
  if (options.json) {
    terminal.out(wire::encode_forecast(*forecast));
  } else {
    const bool color = terminal.options().color && terminal.options().out_is_terminal;
    for (const auto& line :
         forecast_lines(*forecast, config.coordinator.planner, terminal.columns() - 1)) {
      terminal.out(paint(line, color));
    }
  }
  if (!terminal.out_fault().empty()) {
    terminal.err("kai: the plan could not be written: " + terminal.out_fault());
    return exit_status::failed;
  }
  return fits ? exit_status::ok : exit_status::no_model;
}

}  // namespace kai
