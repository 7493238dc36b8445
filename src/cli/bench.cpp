// bench quality: questions of known answer, asked of this kai in four ways (R36).
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "base/private_file.h"
#include "cli/ask.h"
#include "cli/bench_runs.h"
#include "cli/bench_table.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/option_values.h"
#include "cli/performance.h"
#include "cli/problem_file.h"
#include "report/arms.h"
#include "wire/comparison.h"

namespace kai {

namespace {

constexpr int sentence_columns_max = 2000;
constexpr int samples_max = 8;

// The arms of one problem, in the order of all_arms.
using Outcomes = std::array<Outcome, all_arms.size()>;

std::size_t index_of(Arm arm) {
  return static_cast<std::size_t>(arm);
}

std::string time_left(Duration left) {
  const double minutes = seconds(left) / 60;
  return minutes < 1.5 ? fmt::format("about {:.0f} s left", seconds(left))
                       : fmt::format("about {:.0f} min left", minutes);
}

// One problem's marks, with the words of what was wrong, so that the marking can be checked.
std::string marks(const Problem& problem, const Trial& trial, const Outcomes& outcomes) {
  constexpr int words_columns_max = 60;
  std::string line =
      fmt::format("  line {}: {}", problem.line, one_line(problem.answer, words_columns_max));
  for (const Arm arm : all_arms) {
    const ArmResult& result = trial.of(arm);
    const Outcome& outcome = outcomes[index_of(arm)];
    line += fmt::format(" · {} {}", to_string(arm),
                        !result.right   ? "open"
                        : *result.right ? "✓"
                                        : "✗");
    if (result.right.value_or(false)) continue;
    line += result.answered ? " " + quoted(one_line(outcome.verdict.text, words_columns_max))
                            : std::string(" no answer");
  }
  return line;
}

// Asks the problems one after the other. The members outlive it.
class QualityBench {
 public:
  QualityBench(Session& session, Terminal& terminal, const AskOptions& options,
               const ConsensusOptions& consensus, int samples, int problems)
      : session_(session),
        terminal_(terminal),
        options_(options),
        consensus_(consensus),
        samples_(samples),
        problems_(problems),
        seed_(options.seed.value_or(session.new_query({{Role::user, ""}}).seed)),
        began_(session.clock().now()),
        interrupts_(session.io()) {}

  // One problem in every arm. Nothing: interrupted. An error: it could not be asked at all.
  std::optional<Result<Trial>> ask(const Problem& problem);
  std::uint64_t seed() const { return seed_; }
  bool interrupted() const { return interrupts_.count() > 0; }

 private:
  Outcome ask(const Problem& problem, Arm arm, const std::vector<ModelId>& sampled);
  void draw(Arm arm);

  Session& session_;
  Terminal& terminal_;
  const AskOptions& options_;
  const ConsensusOptions& consensus_;
  int samples_;
  int problems_;
  std::uint64_t seed_;
  Time began_;
  Interrupts interrupts_;
  int asked_ = 0;  // problems begun
  int steps_ = 0;  // arms that were done
};

// The best model comes first, since it is the one to be sampled; the others take turns, so that a
// machine that changes its speed changes all of them alike.
std::optional<Result<Trial>> QualityBench::ask(const Problem& problem) {
  constexpr std::array others{Arm::samples, Arm::adaptive, Arm::all};
  ++asked_;
  Outcomes outcomes;
  std::vector<ModelId> sampled;
  for (std::size_t step = 0; step < all_arms.size(); ++step) {
    const Arm arm =
        step == 0 ? Arm::best : others[(static_cast<std::size_t>(asked_) + step) % others.size()];
    Outcome& outcome = outcomes[index_of(arm)];
    outcome = ask(problem, arm, sampled);
    if (interrupted()) return std::nullopt;
    ++steps_;
    if (outcome.plans.empty()) {
      steps_ += static_cast<int>(all_arms.size() - 1 - step);
      return std::unexpected(
          outcome.error.value_or(Error{ErrorCode::internal, "it was never planned"}));
    }
    if (arm == Arm::best) {
      sampled.assign(static_cast<std::size_t>(samples_), outcome.plans.front().asks.front().model);
    }
  }
  Trial trial = report::trial_of(problem, outcomes, consensus_);
  if (options_.verbose) terminal_.err(marks(problem, trial, outcomes));
  return trial;
}

Outcome QualityBench::ask(const Problem& problem, Arm arm, const std::vector<ModelId>& sampled) {
  Query query = session_.new_query({{Role::user, problem.question}});
  query.tier = options_.tier;
  query.seed = derive_seed(seed_, fmt::format("{}", problem.line));
  query.recorded = false;
  // These two show what everybody says, and what that costs.
  query.hear_all = arm == Arm::samples || arm == Arm::all;
  if (arm == Arm::best) query.mode = Mode::best;
  if (arm == Arm::all) query.mode = Mode::all;
  if (arm == Arm::samples) query.models = sampled;
  const Session::Watch watch{[this](const Event& event) {
                               const auto* waits = std::get_if<event::Waiting>(&event.what);
                               if (waits == nullptr) return;
                               terminal_.err("  " + one_line(waits->why, sentence_columns_max));
                             },
                             [this, arm] { draw(arm); },
                             [this] {
                               terminal_.clear_live();
                               ::_exit(exit_status::interrupted);
                             }};
  return session_.ask(std::move(query), watch, interrupts_);
}

void QualityBench::draw(Arm arm) {
  std::string text = fmt::format("  question {} of {} · {}", asked_, problems_, to_string(arm));
  if (steps_ > 0) {
    const int left = problems_ * static_cast<int>(all_arms.size()) - steps_;
    const Duration spent = session_.clock().now() - began_;
    text += " · " + time_left(from_seconds(seconds(spent) / steps_ * left));
  }
  terminal_.draw_live({{std::move(text)}});
}

std::vector<ModelId> models_of(const Fleet& fleet) {
  std::vector<ModelId> models;
  for (const auto& model : fleet.models) {
    if (model.refused.empty()) models.push_back(model.id);
  }
  return models;
}

// As many voices as there are models, so that both arms may spend alike.
Result<int> samples_of(const BenchOptions& options, std::size_t models, int voices_max) {
  if (options.samples.value_or(0) > voices_max) {
    return fail(ErrorCode::invalid_request,
                fmt::format("--samples {} is more than {}, the most voices of one model; allow "
                            "more with --set planner.samples_per_model_max={}",
                            *options.samples, voices_max, *options.samples));
  }
  const int wanted =
      std::clamp(static_cast<int>(std::min<std::size_t>(models, samples_max)), 2, samples_max);
  return options.samples.value_or(std::min(wanted, voices_max));
}

void tell_skipped(const wire::BrokenRow& row, Terminal& terminal) {
  terminal.err(
      fmt::format("  line {} skipped: {}", row.line, one_line(row.why, sentence_columns_max)));
}

void tell_count(const ProblemCount& count, Terminal& terminal) {
  for (const auto& row : count.skipped) tell_skipped(row, terminal);
  if (std::cmp_greater(count.broken, count.skipped.size())) {
    terminal.err(fmt::format("  and {} more rows skipped",
                             count.broken - static_cast<std::int64_t>(count.skipped.size())));
  }
  if (count.more) {
    terminal.err(fmt::format("  only the first {} questions are asked; --limit allows more",
                             count.problems));
  }
}

// What is wrong with the place for the document is better known before the run than after it.
Result<> write_file(const std::string& path, const std::string& text, std::ios::openmode mode) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | mode);
  if (file) file << text;
  file.close();
  if (file) return {};
  return fail(ErrorCode::invalid_request,
              fmt::format("--json {} cannot be written: {}", quoted(path),
                          std::generic_category().message(errno)));
}

// The figures stay in the data folder, the last ones for `kai report`, the newest for the
// dashboard. Without a question there are none.
void keep(const wire::ComparisonDocument& document, Session& session, const std::string& folder,
          Terminal& terminal) {
  if (document.comparison.problems == 0) return;
  const std::string path = folder + '/' + std::string(last_quality_file);
  const std::string text = wire::encode_comparison(document) + '\n';
  const auto kept = keep_bench_run(folder, text, session.clock().wall());
  if (!kept) terminal.err("kai: " + kept.error().message + "; the dashboard will miss this run");
  const auto written = write_private(path, text);
  if (!written) {
    terminal.err("kai: " + written.error().message + "; `kai report` will miss these figures");
  }
}

// Everything that was measured, to where it shall go. The exit status.
int show(const wire::ComparisonDocument& document, const BenchOptions& options,
         Terminal& terminal) {
  for (const auto& line : table_lines(document.comparison)) terminal.out(line);
  const auto advice = advice_lines(document.comparison);
  if (!advice.empty()) terminal.out("");
  for (const auto& line : advice) terminal.out(line);
  if (document.rows_skipped > 0) {
    terminal.out(fmt::format("Skipped: {} row{}.", document.rows_skipped,
                             document.rows_skipped == 1 ? "" : "s"));
  }
  if (!options.json_file.empty()) {
    const auto written = write_file(options.json_file, wire::encode_comparison(document) + '\n',
                                    std::ios::out | std::ios::trunc);
    if (!written) {
      tell_error(written.error(), terminal);
      return exit_status::failed;
    }
  }
  return document.interrupted ? exit_status::interrupted : exit_status::ok;
}

// Reads and asks until the file, the limit or the user's patience ends. Errors: the last
// question's, where none could be asked.
Result<std::vector<Trial>> ask_all(ProblemFile& file, QualityBench& bench, int problems,
                                   wire::ComparisonDocument& document, Terminal& terminal) {
  std::vector<Trial> trials;
  std::optional<Error> fault;
  for (int asked = 0; asked < problems && !bench.interrupted();) {
    auto row = file.next();
    if (!row) break;
    const auto problem = usable(*std::move(row));
    if (!problem) continue;
    ++asked;
    auto trial = bench.ask(*problem);
    if (!trial) break;
    if (*trial) {
      trials.push_back(**std::move(trial));
      continue;
    }
    fault = trial->error();
    if (fault->code == ErrorCode::no_members) break;  // no other question would find one
    ++document.rows_skipped;
    if (document.skipped.size() == skipped_shown_max) continue;
    document.skipped.push_back({problem->line, fault->message});
    tell_skipped(document.skipped.back(), terminal);
  }
  terminal.clear_live();
  if (trials.empty() && fault) return std::unexpected(*std::move(fault));
  return trials;
}

}  // namespace

int run_bench_quality(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const BenchOptions& options = invocation.bench;
  const auto count = count_problems(options.file, options.problems_max);
  if (!count) return tell_error(count.error(), terminal);
  if (!options.json_file.empty()) {
    const auto possible = write_file(options.json_file, "", std::ios::out | std::ios::app);
    if (!possible) return tell_error(possible.error(), terminal);
  }
  tell_count(*count, terminal);
  auto session = open_session(config, terminal, false);
  if (!session) return tell_error(session.error(), terminal);
  if (!invocation.ask.members.empty()) {
    const auto kept = (*session)->keep_only(invocation.ask.members);
    if (!kept) return tell_error(kept.error(), terminal);
  }
  wire::ComparisonDocument document;
  document.file = options.file;
  document.rows_skipped = count->broken;
  document.skipped = count->skipped;
  document.models = models_of((*session)->fleet());
  const auto samples =
      samples_of(options, document.models.size(), config.coordinator.planner.samples_per_model_max);
  if (!samples) return tell_error(samples.error(), terminal);
  document.samples = *samples;
  auto file = ProblemFile::open(options.file);
  if (!file) return tell_error(file.error(), terminal);
  QualityBench bench(**session, terminal, invocation.ask, config.coordinator.consensus, *samples,
                     count->problems);
  const auto trials = ask_all(*file, bench, count->problems, document, terminal);
  if (!trials) return tell_error(trials.error(), terminal);
  document.seed = bench.seed();
  document.interrupted = bench.interrupted();
  document.comparison = report::compare(*trials);
  keep(document, **session, config.store.folder, terminal);
  return show(document, options, terminal);
}

}  // namespace kai
