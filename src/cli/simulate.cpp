// simulate: questions on a PC in virtual time, by kai's own planner, scheduler and consensus.
#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/forecast_chart.h"
#include "cli/option_values.h"
#include "cli/pc_members.h"
#include "cli/question.h"
#include "cli/simulation_table.h"
#include "sim/pc_file.h"
#include "sim/pc_trial.h"
#include "wire/documents.h"
#include "wire/simulation.h"

namespace kai {

namespace {

constexpr int sentence_columns_max = 2000;
constexpr std::size_t questions_max = 1000;
constexpr std::size_t line_max = 64 * 1024;  // bytes

// One a line; blank lines are none. Errors: not_found, invalid_request (a line too long, too many).
Result<std::vector<std::string>> questions_in(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> questions;
  std::vector<char> buffer(line_max + 1);
  for (std::size_t number = 1; file.getline(buffer.data(), line_max + 1) || file.gcount() > 0;
       ++number) {
    if (file.fail()) {
      return fail(
          ErrorCode::invalid_request,
          fmt::format("--questions {}: line {} is longer than 64 KiB", quoted(path), number));
    }
    const auto read = static_cast<std::size_t>(file.gcount());
    std::string line(buffer.data(), read - (file.eof() ? 0 : 1));
    if (line.ends_with('\r')) line.pop_back();
    if (line.find('\0') != std::string::npos) {
      return fail(
          ErrorCode::invalid_request,
          fmt::format("--questions {}: line {} has a NUL byte; is it a file that is not text?",
                      quoted(path), number));
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    questions.push_back(std::move(line));
    if (questions.size() > questions_max) {
      return fail(
          ErrorCode::invalid_request,
          fmt::format("--questions {} has more than {} questions", quoted(path), questions_max));
    }
  }
  if (!file.eof() || questions.empty()) {
    return fail(ErrorCode::not_found,
                fmt::format("--questions {} is neither a number from 1 to {} nor a file with a "
                            "question a line",
                            quoted(path), questions_max));
  }
  return questions;
}

// The words of the command line, a file's lines, or so many of the samples in turn.
Result<std::vector<std::string>> questions_of(const Invocation& invocation) {
  const std::string& given = invocation.pc.questions;
  if (given.empty()) {
    auto question = question_of(invocation.ask.words, std::nullopt);
    if (!question) {
      return fail(ErrorCode::invalid_request,
                  "there is no question; type one, or --questions with a file or a number");
    }
    return std::vector<std::string>{*std::move(question)};
  }
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), count);
  if (error != std::errc() || end != given.data() + given.size() || count < 1 ||
      count > questions_max) {
    return questions_in(given);
  }
  std::vector<std::string> questions;
  const auto samples = sample_questions();
  for (std::size_t at = 0; at < count; ++at) questions.emplace_back(samples[at % samples.size()]);
  return questions;
}

Query query_of(const Invocation& invocation) {
  Query how;
  how.tier = invocation.ask.tier;
  how.mode = invocation.ask.mode;
  how.time_limit = invocation.ask.deadline;
  // A plan expects half of it to be written.
  if (invocation.pc.tokens) how.answer_max = Tokens(2LL * *invocation.pc.tokens);
  return how;
}

struct Simulation {
  const Invocation& invocation;
  const Config& config;
  Terminal& terminal;
  PcFleet fleet;
  std::vector<std::string> models{};

  CastQuestion cast(const std::string& question, std::size_t place) const {
    const auto& tokens = invocation.pc.tokens;
    return written_question(fleet, question,
                            {.seed = invocation.ask.seed.value_or(1) + place,
                             .tier = invocation.ask.tier,
                             .tokens = tokens ? std::optional(Tokens(*tokens)) : std::nullopt,
                             .planner = config.coordinator.planner});
  }
  void show_one(const Forecast& forecast, const PcTrial& trial) const {
    const bool color = terminal.options().color && terminal.options().out_is_terminal;
    const int columns = terminal.columns() - 1;
    for (const auto& line : forecast_lines(forecast, config.coordinator.planner, columns)) {
      terminal.out(paint(line, color));
    }
    terminal.out("");
    for (const auto& line :
         trial_lines(trial, fleet.pc, static_cast<int>(models.size()), columns)) {
      terminal.out(line);
    }
  }
  int run(const std::vector<std::string>& questions) const;
};

int Simulation::run(const std::vector<std::string>& questions) const {
  const Query how = query_of(invocation);
  std::optional<Forecast> forecast;
  if (questions.size() == 1) {
    auto made = forecast_question(fleet, cast(questions.front(), 0), how, config.coordinator);
    if (!made) {
      if (invocation.json) terminal.out(wire::encode_error(made.error()));
      return tell_error(made.error(), terminal);
    }
    forecast = *std::move(made);
  }
  std::vector<PcTrial> trials;
  std::optional<Error> first_error;
  bool answered = false;
  for (std::size_t at = 0; at < questions.size(); ++at) {
    terminal.draw_live({{fmt::format("  question {} of {}", at + 1, questions.size())}});
    auto tried = try_question(fleet, cast(questions[at], at), how, config.coordinator);
    answered = answered || tried.outcome.answered();
    if (!first_error) first_error = std::move(tried.outcome.error);
    trials.push_back(std::move(tried.trial));
  }
  const int status = answered || !first_error ? exit_status::ok : exit_code(first_error->code);
  terminal.clear_live();
  if (invocation.json) {
    terminal.out(wire::encode_simulation({.file = invocation.pc.file,
                                          .pc = fleet.pc,
                                          .models = models,
                                          .seed = invocation.ask.seed.value_or(1),
                                          .trials = trials,
                                          .forecast = std::move(forecast)}));
    return status;
  }
  const std::string& what = fleet.pc.what.empty() ? invocation.pc.file : fleet.pc.what;
  for (const auto& line :
       wrapped("Simulated, not measured: " + one_line(what, sentence_columns_max),
               terminal.columns() - 1)) {
    terminal.out(line);
  }
  terminal.out("");
  if (forecast && !forecast->misfit.empty()) {
    terminal.err("kai: it does not fit: " + one_line(forecast->misfit, sentence_columns_max));
    terminal.err("kai: shown is the nearest plan that fits, asked was what was wanted");
  }
  if (forecast) {
    show_one(*forecast, trials.front());
  } else {
    for (const auto& line :
         trial_table(trials, static_cast<int>(models.size()), terminal.columns() - 1)) {
      terminal.out(line);
    }
  }
  return status;
}

}  // namespace

int run_simulate(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto refuse = [&](const Error& error) {
    if (invocation.json) terminal.out(wire::encode_error(error));
    return tell_error(error, terminal);
  };
  const auto pc = read_pc(invocation.pc.file);
  if (!pc) return refuse(pc.error());
  auto members = members_of(*pc, invocation.pc.models);
  if (!members) return refuse(members.error());
  const auto questions = questions_of(invocation);
  if (!questions) return refuse(questions.error());
  Simulation simulation{invocation, config, terminal, fleet_of(*pc, *std::move(members))};
  for (const std::size_t member : simulation.fleet.members) {
    simulation.models.push_back(pc->models[member].name);
  }
  const int status = simulation.run(*questions);
  if (terminal.out_fault().empty()) return status;
  terminal.err("kai: the figures could not be written: " + terminal.out_fault());
  return exit_status::failed;
}

}  // namespace kai
