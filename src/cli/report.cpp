#include "cli/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/progress.h"

namespace kai {

namespace {

// "q_", the 10 letters of a ULID's time in milliseconds, and 2 of its random part, since two kai
// may be asked in one millisecond.
constexpr std::size_t id_chars = 14;
constexpr int name_columns_max = 40;
constexpr int sentence_columns_max = 2000;

// Voices are counted, further samples too; who said nothing that can be compared is counted apart.
std::string agreement(const Outcome& outcome) {
  const Verdict& verdict = outcome.verdict;
  if (verdict.voters == 0) {
    const auto author = std::ranges::find(outcome.answers, verdict.author, &Answer::member);
    const bool cut = author != outcome.answers.end() && author->ending == Ending::token_limit;
    return cut ? "cut at its length, confirmed by nobody" : "confirmed by nobody";
  }
  const std::string abstained = verdict.abstained.empty()
                                    ? std::string()
                                    : fmt::format(", {} abstained", verdict.abstained.size());
  if (verdict.voters == 1) return "1 answer" + abstained;
  return fmt::format("{} of {} agree{}", verdict.agreeing, verdict.voters, abstained);
}

// What became of words that were shown before everyone had answered.
std::string draft_fate(const Outcome& outcome) {
  if (outcome.drafted.text.empty()) return {};
  if (outcome.revised()) return "revised · ";
  if (outcome.verdict.voters < 2) return {};
  return outcome.verdict.agreeing > 1 ? "confirmed · " : "not confirmed · ";
}

std::string names_of(const Outcome& outcome, Ending ending) {
  std::vector<std::string> names;
  for (const auto& answer : outcome.answers) {
    if (answer.ending == ending) names.push_back(one_line(answer.member.text, name_columns_max));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

Line member_times(const Answer& answer) {
  const Timings& times = answer.timings;
  Line line{{"  " + padded(one_line(answer.member.text, name_columns_max), 24) + ' '}};
  for (auto& piece : fate(answer)) line.push_back(std::move(piece));
  std::string text = fmt::format(
      "  on {} · queued {:.2f} s · load {:.2f} s · read {} tokens in "
      "{:.2f} s · wrote {} in {:.2f} s",
      one_line(answer.device.text, name_columns_max), seconds(times.queued), seconds(times.load),
      answer.usage.prompt.count, seconds(times.prefill), answer.usage.answer.count,
      seconds(times.decode));
  if (times.decode > Duration::zero() && answer.usage.answer.count > 0) {
    text += fmt::format(" ({:.0f}/s)",
                        static_cast<double>(answer.usage.answer.count) / seconds(times.decode));
  }
  line.push_back({std::move(text), Style::dim});
  return line;
}

// What came of running code: how many passed the examples, and of one of the others why not.
std::vector<Line> run_lines(const Outcome& outcome) {
  int ran = 0, passed = 0;
  std::string failure, not_run;
  for (const auto& answer : outcome.answers) {
    if (!answer.run) continue;
    const auto& run = *answer.run;
    const bool tried = run.passed + run.failed > 0;
    ran += tried ? 1 : 0;
    passed += tried && run.failed == 0 ? 1 : 0;
    const bool chosen = answer.member == outcome.verdict.author;
    if (run.failed > 0 && chosen) failure = run.why;
    if (!tried && chosen) not_run = run.why;
  }
  std::vector<Line> lines;
  if (ran > 0) {
    lines.push_back({{fmt::format("  tests: {} of {} {} the question's examples", passed, ran,
                                  passed == 1 ? "passes" : "pass")}});
  }
  if (!failure.empty()) {
    lines.push_back({{"  this answer fails " + one_line(failure, sentence_columns_max)}});
  }
  if (!not_run.empty()) {
    lines.push_back({{"  this answer was not run: " + one_line(not_run, sentence_columns_max)}});
  }
  return lines;
}

}  // namespace

std::string short_id(const QueryId& id) {
  return id.text.substr(0, id_chars);
}

std::vector<Line> closing_lines(const Outcome& outcome, int columns) {
  const std::string details =
      fmt::format("kai logs {} for the details", short_id(outcome.query.id));
  if (outcome.error) {
    std::vector<Line> lines{
        {{"kai: ", Style::bad}, {one_line(outcome.error->message, sentence_columns_max)}}};
    if (!outcome.plans.empty()) lines.push_back({{"  " + details, Style::dim}});
    return lines;
  }
  std::vector<Line> lines;
  for (const auto& [member, words] : outcome.verdict.dissent) {
    const std::string name = one_line(member.text, name_columns_max);
    const std::string start = fmt::format("  dissent: {} says \"", name);
    const int room = std::max(20, columns - columns_of(start) - 1);
    lines.push_back({{start + one_line(words, room) + '"'}});
  }
  for (auto& line : run_lines(outcome)) lines.push_back(std::move(line));
  if (outcome.partial) {
    lines.push_back({{fmt::format("  partial: the deadline cut {}; allow more time with --deadline",
                                  names_of(outcome, Ending::deadline))}});
  }
  const Tier tier = outcome.plans.empty() ? outcome.complexity.tier : outcome.plans.back().tier;
  const std::string confidence =
      outcome.verdict.confidence ? fmt::format("confidence {:.2f} · ", *outcome.verdict.confidence)
                                 : std::string();
  lines.push_back(
      {{fmt::format("  {} · {}{}{} · {:.1f} s · {}", to_string(tier), draft_fate(outcome),
                    confidence, agreement(outcome), seconds(outcome.latency), details),
        Style::dim}});
  return lines;
}

std::vector<Line> verbose_lines(const Outcome& outcome) {
  std::vector<Line> lines;
  const Complexity& complexity = outcome.complexity;
  lines.push_back(
      {{fmt::format("  complexity {:.2f} → {}: {}", complexity.difficulty,
                    to_string(complexity.tier), one_line(complexity.why, sentence_columns_max))}});
  for (const auto& plan : outcome.plans) {
    lines.push_back(
        {{fmt::format("  plan: {}, {} members, {:.1f} s predicted", to_string(plan.tier),
                      plan.asks.size(), seconds(plan.predicted))}});
  }
  for (const auto& answer : outcome.answers) lines.push_back(member_times(answer));
  for (const auto& plan : outcome.plans) {
    for (const auto& [model, why] : plan.left_out) {
      lines.push_back({{fmt::format("  left out: {}: {}", one_line(model.text, name_columns_max),
                                    one_line(why, sentence_columns_max))}});
    }
  }
  if (!outcome.asked_why.empty()) {
    lines.push_back({{"  " + one_line(outcome.asked_why, sentence_columns_max)}});
  }
  if (!outcome.stop_why.empty()) {
    lines.push_back({{"  stopped early: " + one_line(outcome.stop_why, sentence_columns_max)}});
  }
  if (!outcome.verdict.method.empty()) {
    lines.push_back({{fmt::format(
        "  decided by {} on {} {} question; the words are {}'s", outcome.verdict.method,
        outcome.verdict.shape == Shape::open ? "an" : "a", to_string(outcome.verdict.shape),
        one_line(outcome.verdict.author.text, name_columns_max))}});
  }
  return lines;
}

std::string below_confidence(const Outcome& outcome, double confidence_min) {
  const Verdict& verdict = outcome.verdict;
  if (outcome.error || verdict.confidence.value_or(verdict.agreement) >= confidence_min) return {};
  if (verdict.confidence) {
    return fmt::format("the confidence {:.2f} is below {:.2f}", *verdict.confidence,
                       confidence_min);
  }
  return fmt::format(
      "the agreement {:.2f} is below {:.2f} (compared in place of a confidence, "
      "which is not calibrated yet)",
      verdict.agreement, confidence_min);
}

}  // namespace kai
