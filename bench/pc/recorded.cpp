// The report with recorded answers: speed, and what more time buys in right answers.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "bench/pc/tables.h"
#include "report/page.h"
#include "report/rows.h"
#include "report/statistics.h"
#include "sim/pc_trial.h"

namespace kai::bench {

namespace {

constexpr std::array tiers{Tier::simple, Tier::medium, Tier::complex, Tier::expert};
constexpr std::string_view stem = "performance-recorded";

// Nothing where the panel has no answer that is known to be right.
std::optional<bool> right(const Question& question, const Outcome& outcome) {
  if (!question.gold) return std::nullopt;
  return outcome.answered() &&
         canonical(question.shape, question.text, outcome.verdict.text) == question.gold;
}

// Adds up one way over all questions.
struct Tally {
  TradeOff point{};
  std::vector<Duration> times{};
  double asked = 0;

  void add(std::optional<bool> is_right, Duration time, int voices) {
    if (!is_right) return;  // the same questions in every way
    ++point.marked;
    point.right += *is_right ? 1 : 0;
    times.push_back(time);
    asked += voices;
  }
  TradeOff sum() const {
    TradeOff whole = point;
    whole.median = report::quantile(times, 0.5);
    whole.p90 = report::quantile(times, 0.9);
    whole.asked = times.empty() ? 0 : asked / static_cast<double>(times.size());
    return whole;
  }
};

// One question in every way.
class Ways {
 public:
  explicit Ways(const PcFleet& fleet) : fleet_(fleet) {
    one_.point.way = "one model";
    as_seen_.point.way = "as kai assesses it";
    original_.point.way = "original";
    for (std::size_t at = 0; at < tiers.size(); ++at) {
      tiers_[at].point.way = std::string(to_string(tiers[at]));
    }
  }
  void add(const Question& question, const CastQuestion& cast) {
    Query best;
    best.mode = Mode::best;
    best.tier = Tier::expert;
    note(one_, question, try_question(fleet_, cast, best));
    for (std::size_t at = 0; at < tiers.size(); ++at) {
      Query how;
      how.tier = tiers[at];
      const PcTried tried = try_question(fleet_, cast, how);
      note(tiers_[at], question, tried);
      auto sample = report::sample_of(tried.trial);
      sample.adaptive->right = right(question, tried.outcome);
      samples_.push_back(std::move(sample));
    }
    note(as_seen_, question, try_question(fleet_, cast, {}));
    // What all of them say together, and when the last one does in the original way.
    Query every = best;
    every.mode = Mode::all;
    every.hear_all = true;
    const PcTried all = try_question(fleet_, cast, every, without_timeouts());
    original_.add(right(question, all.outcome), all.trial.original.time, all.trial.models);
  }
  const std::vector<report::QuestionSample>& samples() const { return samples_; }
  std::vector<TradeOff> trade_off() const {
    std::vector<TradeOff> points{one_.sum()};
    for (const auto& tier : tiers_) points.push_back(tier.sum());
    points.push_back(as_seen_.sum());
    points.push_back(original_.sum());
    return points;
  }

 private:
  static void note(Tally& tally, const Question& question, const PcTried& tried) {
    tally.add(right(question, tried.outcome), tried.trial.kai.time, tried.trial.asked);
  }

  const PcFleet& fleet_;
  Tally one_, as_seen_, original_;
  std::array<Tally, tiers.size()> tiers_;
  std::vector<report::QuestionSample> samples_;
};

Result<> write(const std::string& folder, const std::string& name, const std::string& text) {
  std::ofstream file(std::filesystem::path(folder) / name, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return {};
  return fail(ErrorCode::storage, folder + '/' + name + " cannot be written");
}

}  // namespace

Result<> write_recorded_report(const Pc& pc, const std::vector<std::size_t>& members,
                               const std::vector<PanelCast>& casts, std::size_t each,
                               const std::string& folder) {
  const PcFleet fleet = fleet_of(pc, members);
  Ways ways(fleet);
  std::string panels;
  for (const auto& cast : casts) {
    const std::size_t count = std::min(each, cast.panel.questions.size());
    for (std::size_t at = 0; at < count; ++at) {
      const Question& question = cast.panel.questions[at];
      ways.add(question, cast_question(cast, question));
    }
    panels += fmt::format("{}{} ({})", panels.empty() ? "" : ", ", cast.panel.name, count);
  }
  PerformanceReport report;
  report.subject = pc.what + ". Questions and answers of the panels " + panels;
  report.simulated = report.recorded = true;
  report.made_by =
      fmt::format("make bench-pc ARGS=\"--panel FOLDER --each {} --report {}\"", each, folder);
  for (const std::size_t member : members) report.models.push_back(pc.models[member].name);
  for (const auto& tier : PlannerOptions{}.tiers) report.aims.push_back(tier.aim);
  report.tiers = report::by_tier(ways.samples());
  report.kinds = report::by_kind(ways.samples());
  report.trade_off = ways.trade_off();
  report.trade_off_of = fmt::format("{} recorded questions with a known answer, priors only",
                                    report.trade_off.front().marked);
  const std::string name(stem);
  auto written = write(folder, name + ".md", report::page_of(report, {.stem = name}));
  for (const auto& picture : report::pictures_of(report, name)) {
    if (written) written = write(folder, picture.name, picture.svg);
  }
  return written;
}

}  // namespace kai::bench
