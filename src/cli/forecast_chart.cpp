#include "cli/forecast_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/shell_word.h"
#include "config/units.h"

namespace kai {

namespace {

constexpr int columns_min = 60;
constexpr int name_columns_max = 24;
constexpr int device_columns_max = 10;
constexpr int question_columns_max = 2000;

std::string repeated(std::string_view text, int count) {
  std::string result;
  for (int index = 0; index < count; ++index) result += text;
  return result;
}

std::string short_time(Duration time) {
  const double value = seconds(time);
  if (value >= 600) return fmt::format("{:.0f} min", value / 60);
  return fmt::format("{:.{}f} s", value, value < 99.95 ? 1 : 0);
}

std::string plural(int count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

// Where the bars stand: columns of the names and of the bars, and the time that these span.
struct Canvas {
  int names = 0, devices = 0, bars = 0;
  Duration span{};
  int column(Duration at) const {
    return static_cast<int>(std::lround(seconds(at) / seconds(span) * bars));
  }
};

std::string device_words(const Ask& ask) {
  const std::string both =
      ask.share < 1 ? ask.device.text + "+" + ask.beside.text : ask.device.text;
  return one_line(both, device_columns_max);
}

Canvas canvas_of(const Forecast& forecast, int columns) {
  constexpr int times = 17;  // "   12.3 – 45.6 s"
  Canvas canvas;
  canvas.span = std::max(forecast.plan.predicted, Duration(std::chrono::milliseconds(1)));
  for (const auto& ask : forecast.plan.asks) {
    canvas.names = std::max(canvas.names, columns_of(one_line(ask.member.text, name_columns_max)));
    canvas.devices = std::max(canvas.devices, columns_of(device_words(ask)));
  }
  canvas.bars = std::max(10, columns - 2 - canvas.names - 2 - canvas.devices - 2 - times);
  return canvas;
}

// Round times, no closer than their labels need.
Line axis(const Canvas& canvas) {
  constexpr int label_columns = 9;
  constexpr std::array rounds{0.05, 0.1, 0.2, 0.5,  1.0,  2.0,  5.0,   10.0,
                              15.0, 30., 60., 120., 300., 600., 1800., 3600.};
  const double span = seconds(canvas.span);
  const auto round = std::ranges::find_if(
      rounds, [&](double one) { return one / span * canvas.bars >= label_columns; });
  const double step = round == rounds.end() ? span : *round;
  std::string text =
      std::string(static_cast<std::size_t>(4 + canvas.names + canvas.devices + 2), ' ');
  int at = 0;
  for (int tick = 0; tick * step <= span * (1 + 1e-9); ++tick) {
    const int column = canvas.column(from_seconds(tick * step));
    if (column + 1 > canvas.bars) break;
    text += std::string(static_cast<std::size_t>(std::max(0, column - at)), ' ');
    const std::string label = tick == 0 ? "0 s" : fmt::format("{:g} s", tick * step);
    text += "|" + label;
    at = column + 1 + columns_of(label);
  }
  return {{std::move(text), Style::dim}};
}

Line bar(const Ask& ask, const Canvas& canvas) {
  Line line{{"  " + padded(one_line(ask.member.text, name_columns_max), canvas.names) + "  " +
             padded(device_words(ask), canvas.devices) + "  "}};
  struct Part {
    std::string_view mark;
    Style style;
    Duration until;
  };
  const Duration loaded = ask.start + ask.load, turn = loaded + ask.wait;
  const std::array parts{Part{"·", Style::dim, ask.start}, Part{"░", Style::dim, loaded},
                         Part{"·", Style::dim, turn}, Part{"▒", Style::plain, turn + ask.prefill},
                         Part{"█", Style::good, ask.end()}};
  int at = 0;
  for (const auto& part : parts) {
    const int until = std::clamp(canvas.column(part.until), at, canvas.bars);
    if (until > at) line.push_back({repeated(part.mark, until - at), part.style});
    at = until;
  }
  line.push_back({std::string(static_cast<std::size_t>(canvas.bars - at), ' ')});
  line.push_back({fmt::format("  {:>5.1f} – {}", seconds(ask.start), short_time(ask.end()))});
  return line;
}

std::string shape_words(Shape shape) {
  switch (shape) {
    case Shape::choice: return "one of the choices given";
    case Shape::number: return "a number";
    case Shape::short_text: return "a few words";
    case Shape::code: return "code";
    case Shape::open: return "a text of its own";
  }
  return {};
}

// Text in lines of its own under a heading, which stands beside the first.
void add_section(std::vector<Line>& lines, std::string_view heading, const std::string& text,
                 int columns) {
  constexpr int heading_columns = 10;
  const int room = columns - 2 - heading_columns;
  std::string rest = text;
  bool first = true;
  while (!rest.empty()) {
    std::string here = rest;
    if (columns_of(rest) > room) {
      // Words are broken only where one is longer than the line.
      auto end = rest.size();
      while (end > 0 && columns_of(rest.substr(0, end)) > room) {
        end = rest.rfind(' ', end - 1);
        if (end == std::string::npos) break;
      }
      here = end == std::string::npos || end == 0 ? cut(rest, room) : rest.substr(0, end);
      rest = end == std::string::npos || end == 0 ? std::string() : rest.substr(end + 1);
    } else {
      rest.clear();
    }
    lines.push_back(
        {{"  " + padded(first ? heading : "", heading_columns), Style::dim}, {std::move(here)}});
    first = false;
  }
}

std::string reason_for_members(const Forecast& forecast, const PlannerOptions& options) {
  const Plan& plan = forecast.plan;
  if (!forecast.query.models.empty()) return "the models that you named";
  if (plan.mode == Mode::all) return "every model that can be asked, once (mode all)";
  if (plan.mode == Mode::best) return "the most skilled model for such a question (mode best)";
  const TierOptions& tier = options.tiers[static_cast<std::size_t>(plan.tier)];
  const auto voices = static_cast<int>(plan.asks.size());
  const int most = options.samples_per_model_max;
  const bool samples =
      std::ranges::any_of(plan.asks, [](const Ask& ask) { return ask.sample > 1; });
  const bool full = std::ranges::all_of(
      plan.asks, [&](const Ask& ask) { return plan.left_out.empty() && ask.sequences >= most; });
  std::string why = fmt::format("tier {} wants {} voices", to_string(plan.tier),
                                tier.members_min == tier.members_max
                                    ? fmt::format("{}", tier.members_max)
                                    : fmt::format("{} to {}", tier.members_min, tier.members_max));
  if (samples) why += "; there are fewer models, so some answer more than once (#2)";
  if (voices < tier.members_min) {
    why += full ? fmt::format("; no model answers more than {} times", most)
                : std::string("; no more fit memory and time");
  }
  return why;
}

// A host's memory is not told.
bool is_at_host(const Forecast& forecast, const CostCard& card) {
  return std::ranges::count(forecast.memory, card.device, &DeviceNeed::device) == 0;
}

std::string cost_words(const CostCard& card, bool host) {
  const std::string origin = card.measured == 0 ? std::string("estimated")
                                                : "measured on " + plural(card.measured, "answer");
  return fmt::format("{} {} · reads {:.0f}/s · writes {:.0f}/s · {}", host ? "waits" : "loads",
                     short_time(card.load), card.prefill_rate, card.decode_rate, origin);
}

void add_models(std::vector<Line>& lines, const Forecast& forecast, int names, int columns) {
  const Plan& plan = forecast.plan;
  lines.push_back({{fmt::format("  {}  {:>5}  {:>7}  cost, in tokens", padded("model", names),
                                "vote", "memory"),
                    Style::dim}});
  for (std::size_t index = 0; index < plan.asks.size(); ++index) {
    const Ask& ask = plan.asks[index];
    if (ask.sample > 1) continue;
    const CostCard& card = forecast.cards[index];
    const bool host = is_at_host(forecast, card);
    lines.push_back(
        cut({{fmt::format("  {}  {:>5.2f}  {:>7}  {}",
                          padded(one_line(ask.model.text, name_columns_max), names), ask.weight,
                          host ? "-" : short_bytes(memory_need(card, ask.context, ask.sequences)),
                          cost_words(card, host))}},
            columns));
  }
}

void add_memory(std::vector<Line>& lines, const Forecast& forecast, int columns) {
  constexpr int gauge = 20;
  bool first = true;
  for (const auto& need : forecast.memory) {
    const double share = need.capacity.count > 0 ? static_cast<double>(need.needed.count) /
                                                       static_cast<double>(need.capacity.count)
                                                 : 1;
    const int full = std::clamp(static_cast<int>(std::ceil(share * gauge)), 0, gauge);
    lines.push_back(cut({{first ? "  memory    " : "            ", Style::dim},
                         {padded(one_line(need.device.text, device_columns_max), 6) + " [" +
                          repeated("#", full) + repeated("-", gauge - full) + "] " +
                          fmt::format("{} of {}, {} at once · {}", short_bytes(need.needed),
                                      short_bytes(need.capacity), plural(need.running, "model"),
                                      one_line(need.name, 60))}},
                        columns));
    first = false;
  }
}

}  // namespace

std::vector<Line> chart_lines(const Forecast& forecast, int columns) {
  const Canvas canvas = canvas_of(forecast, std::max(columns, columns_min));
  std::vector<Line> lines{axis(canvas)};
  for (const auto& ask : forecast.plan.asks) lines.push_back(bar(ask, canvas));
  lines.push_back({{"  · waits  ", Style::dim},
                   {"░ loads  ", Style::dim},
                   {"▒ reads  "},
                   {"█ writes", Style::good}});
  return lines;
}

std::vector<Line> forecast_lines(const Forecast& forecast, const PlannerOptions& options,
                                 int wanted) {
  const int columns = std::max(wanted, columns_min);
  const Plan& plan = forecast.plan;
  std::vector<Line> lines;
  int models = 0, names = 5;
  for (const auto& ask : plan.asks) {
    models += ask.sample == 1 ? 1 : 0;
    names = std::max(names, columns_of(one_line(ask.model.text, name_columns_max)));
  }
  const auto voices = static_cast<int>(plan.asks.size());
  add_section(lines, "question", one_line(forecast.query.question(), columns - 14), columns);
  const bool chosen = plan.tier != forecast.complexity.tier;
  add_section(
      lines, "tier",
      fmt::format("{}{}: {} (difficulty {:.2f} of 1)",
                  chosen ? fmt::format("{}; by itself kai would take ", to_string(plan.tier))
                         : std::string(),
                  to_string(forecast.complexity.tier),
                  one_line(forecast.complexity.why, question_columns_max),
                  forecast.complexity.difficulty),
      columns);
  add_section(lines, "answer", shape_words(forecast.shape), columns);
  add_section(
      lines, "plan",
      fmt::format("{} of {}, done in about {} (9 in 10: {}); the deadline is {}",
                  plural(voices, "voice"), plural(models, "model"), short_time(plan.predicted),
                  short_time(plan.predicted_p90), short_time(forecast.limit)),
      columns);
  lines.push_back({});
  for (auto& line : chart_lines(forecast, columns)) lines.push_back(std::move(line));
  lines.push_back({});
  add_memory(lines, forecast, columns);
  add_section(lines, "asked", reason_for_members(forecast, options), columns);
  for (const auto& item : plan.left_out) {
    add_section(lines, &item == &plan.left_out.front() ? "not asked" : "",
                one_line(item.model.text, name_columns_max) + ": " +
                    one_line(item.why, question_columns_max),
                columns);
  }
  lines.push_back({});
  add_models(lines, forecast, names, columns);
  return lines;
}

std::string command_for(const Forecast& forecast) {
  const Query& query = forecast.query;
  std::string command = "kai ask";
  if (query.tier) command += fmt::format(" --tier {}", to_string(*query.tier));
  if (query.mode != Mode::adaptive) command += fmt::format(" --mode {}", to_string(query.mode));
  std::string members;
  for (const auto& model : query.models) members += (members.empty() ? "" : ",") + model.text;
  if (!members.empty()) command += " --members " + shell_word(members);
  if (query.time_limit) command += " --deadline " + print_duration(*query.time_limit);
  return command;
}

}  // namespace kai
