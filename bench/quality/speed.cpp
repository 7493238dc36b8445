#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "bench/quality/report.h"

namespace kai::bench {

namespace {

constexpr std::size_t voters_max = 12;

// Microseconds of one call, the best of three rounds over all questions.
double microseconds(const Panel& panel, const std::function<void(const Question&)>& work) {
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const double took = time_of([&] {
      for (const Question& question : panel.questions) work(question);
    });
    best = std::min(best, took * 1e6 / static_cast<double>(panel.questions.size()));
  }
  return best;
}

}  // namespace

std::vector<Row> speed_rows(const Panel& panel) {
  const std::size_t voters = std::min(voters_max, panel.voters.size());
  std::vector<Ask> asks;
  for (std::size_t voter = 0; voter < voters; ++voter) {
    Ask& ask = asks.emplace_back();
    ask.member = MemberId(panel.voters[voter].model.text);
    ask.model = panel.voters[voter].model;
    ask.weight = 1;
  }
  Learned learned{.taste = {1, 1}};
  learned.stop.learned = true;
  learned.stop.stay_min = 1;
  learned.confidence.labels = 1;
  std::size_t sink = 0;
  const double decision = microseconds(panel, [&](const Question& question) {
    const auto answers = std::span(question.answers).first(voters);
    const auto heard = std::span(question.heard).first(voters);
    const auto verdict = decide(question.shape, asks, answers, heard, {}, learned);
    sink += may_stop(verdict, asks, answers.first(voters - 1), learned.stop).why.size();
  });
  const double hearing = microseconds(panel, [&](const Question& question) {
    sink += hear(question.shape, question.text, question.answers[0]).form.has_value();
  });
  Row row{.what = panel.name + ": decide() and may_stop()",
          .value = decision,
          .unit = "us",
          .compared_with = fmt::format("{} answers; hear() of one {:.1f} us{}", voters, hearing,
                                       sink == 0 ? "!" : "")};
  const double bound = panel.open() ? 5000 : 50;
  row.reach = fmt::format("<= {:.0f}", bound);
  row.met = decision <= bound;
  return {row};
}

}  // namespace kai::bench
