#include "report/rows.h"

#include <algorithm>
#include <array>
#include <map>

#include "report/statistics.h"

namespace kai::report {

namespace {

constexpr std::array tiers{Tier::simple, Tier::medium, Tier::complex, Tier::expert};
constexpr std::array kinds{Shape::choice, Shape::number, Shape::short_text, Shape::code,
                           Shape::open};

// The mean of what is known.
class Mean {
 public:
  void add(const std::optional<double>& value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  std::optional<double> value() const {
    return count_ > 0 ? std::optional(sum_ / count_) : std::nullopt;
  }

 private:
  double sum_ = 0;
  int count_ = 0;
};

// Adds up one way over the questions of a row.
class Way {
 public:
  void add(const std::optional<WaySample>& sample) {
    if (!sample) return;
    ++figures_.questions;
    if (sample->right) {
      ++figures_.marked;
      figures_.right += *sample->right ? 1 : 0;
    }
    if (!sample->answered) {
      if (!sample->error.empty()) ++reasons_[sample->error];
      return;
    }
    ++figures_.answered;
    times_.push_back(sample->time);
    asked_.add(sample->asked);
    heard_.add(sample->heard);
    agreement_.add(sample->agreement);
    gpu_.add(sample->gpu_busy);
    cpu_.add(sample->cpu_busy);
    running_.add(sample->running);
    figures_.gpu_peak = std::max(figures_.gpu_peak, sample->gpu_peak);
    loaded_ += sample->loaded;
  }
  WayFigures sum() const {
    WayFigures figures = figures_;
    figures.median = quantile(times_, 0.5);
    figures.p90 = quantile(times_, 0.9);
    figures.asked = asked_.value().value_or(0);
    figures.heard = heard_.value().value_or(0);
    figures.agreement = agreement_.value().value_or(0);
    figures.gpu_busy = gpu_.value();
    figures.cpu_busy = cpu_.value();
    figures.running = running_.value();
    const auto often =
        std::ranges::max_element(reasons_, {}, [](const auto& reason) { return reason.second; });
    if (often != reasons_.end()) figures.why = often->first;
    if (figures.answered > 0) figures.loaded = Bytes(loaded_.count / figures.answered);
    return figures;
  }

 private:
  WayFigures figures_;
  std::vector<Duration> times_;
  Mean asked_, heard_, agreement_, gpu_, cpu_, running_;
  Bytes loaded_{};
  std::map<std::string, int> reasons_;  // how often
};

double ratio(Duration original, Duration adaptive) {
  return adaptive > Duration::zero() ? seconds(original) / seconds(adaptive) : 0;
}

// Nothing where no question is of it.
std::optional<PerformanceRow> row_of(std::span<const QuestionSample> samples, Tier tier,
                                     std::optional<Shape> kind) {
  Way adaptive, same, original;
  std::vector<Duration> ratios;  // of the questions that were answered in both ways
  for (const auto& sample : samples) {
    if (sample.tier != tier || (kind && sample.kind != *kind)) continue;
    adaptive.add(sample.adaptive);
    same.add(sample.same);
    original.add(sample.original);
    if (!sample.adaptive || !sample.original) continue;
    if (!sample.adaptive->answered || !sample.original->answered) continue;
    ratios.push_back(from_seconds(ratio(sample.original->time, sample.adaptive->time)));
  }
  PerformanceRow row{
      .tier = tier,
      .kind = kind,
      .adaptive = adaptive.sum(),
      .same = same.sum(),
      .original = original.sum(),
  };
  row.faster = !ratios.empty()             ? seconds(quantile(ratios, 0.5))
               : row.original.answered > 0 ? ratio(row.original.median, row.adaptive.median)
                                           : 0;
  return row.adaptive.questions + row.original.questions > 0 ? std::optional(row) : std::nullopt;
}

WaySample way_of(const PcUse& use, const PcTrial& trial) {
  return {.answered = trial.answered() && use.time > Duration::zero(),
          .time = use.time,
          .asked = trial.asked,
          .heard = trial.asked,
          .gpu_busy = use.gpu_busy,
          .cpu_busy = use.cpu_busy,
          .running = {},
          .gpu_peak = use.gpu_peak,
          .loaded = use.loaded,
          .right = {},
          .error = trial.error};
}

}  // namespace

QuestionSample sample_of(const PcTrial& trial) {
  QuestionSample sample{.tier = trial.tier,
                        .kind = trial.shape,
                        .adaptive = way_of(trial.kai, trial),
                        .same = way_of(trial.same, trial),
                        .original = way_of(trial.original, trial)};
  sample.adaptive->heard = trial.heard;
  sample.adaptive->agreement = trial.agreement;
  const int refused = static_cast<int>(trial.original_refused.size());
  sample.original->asked = sample.original->heard = trial.models - refused;
  return sample;
}

std::vector<PerformanceRow> by_tier(std::span<const QuestionSample> samples) {
  std::vector<PerformanceRow> rows;
  for (const Tier tier : tiers) {
    if (auto row = row_of(samples, tier, std::nullopt)) rows.push_back(*std::move(row));
  }
  return rows;
}

std::vector<PerformanceRow> by_kind(std::span<const QuestionSample> samples) {
  std::vector<PerformanceRow> rows;
  for (const Shape kind : kinds) {
    for (const Tier tier : tiers) {
      if (auto row = row_of(samples, tier, kind)) rows.push_back(*std::move(row));
    }
  }
  return rows;
}

}  // namespace kai::report
