// The tiers' times on the simulated PC, with recorded answers and the stop rule on.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include "bench/pc/tables.h"
#include "consensus/consensus.h"
#include "report/statistics.h"
#include "sim/naive.h"
#include "sim/pc_world.h"

namespace kai::bench {

namespace {

// The times that requirements.md gives for the reference PC, seconds.
struct Aim {
  Tier tier;
  double from, to;
};
constexpr Aim aims[]{
    {Tier::simple, 3, 8}, {Tier::medium, 8, 20}, {Tier::complex, 15, 35}, {Tier::expert, 25, 50}};

struct Times {
  std::vector<Duration> values{};
  void add(double count) { values.push_back(from_seconds(count)); }
  double at(double share) const { return seconds(report::quantile(values, share)); }
};

struct TierTimes {
  Times cold, warm;             // kai's
  Times cold_all;               // with nobody stopped early
  Times naive_settled;          // the original way with the same members, until the vote is settled
  Times naive_same;             // … until all of them have answered
  Times original;               // the original way: every model, all of them awaited
  Times ratio, ratio_original;  // of naive_settled, of original to cold
  int asked = 0, heard = 0;     // members
  int unanswered = 0, partial = 0;
};

Query query_at(PcWorld& world, const CastQuestion& question, std::optional<Tier> tier) {
  Query query = world.query(question.text);
  query.tier = tier;
  return query;
}

// When each model of a run had answered.
std::map<std::string, Seconds> ends_of(const PcRun& run) {
  std::map<std::string, PcStage> last;
  std::map<std::string, Seconds> ends;
  for (const auto& event : run.events) {
    if (event.stage == PcStage::ready && last[event.model] == PcStage::decode) {
      ends[event.model] = event.at;
    }
    last[event.model] = event.stage;
  }
  return ends;
}

std::string text_of(const std::vector<std::string>& words, Tokens most) {
  std::string text;
  for (std::size_t at = 0; at < words.size() && static_cast<std::int64_t>(at) < most.count; ++at) {
    text += words[at];
  }
  return text;
}

// The members of the question in the original way: each reads and writes what it does with kai.
struct NaiveCast {
  const Pc& pc;
  const std::vector<std::size_t>& members;
  const CastQuestion& question;
  const Outcome& outcome;  // of kai

  std::int64_t length(std::size_t member) const {
    const auto most = outcome.plans.front().asks.front().answer_max.count;
    return std::min(static_cast<std::int64_t>(question.words[member].size()), most);
  }

  // `some`: places in `members`.
  PcRun run(const std::vector<std::size_t>& some) const {
    const NaiveOptions options;
    std::vector<std::size_t> models;
    std::vector<PcQuestion> questions;
    for (const std::size_t member : some) {
      models.push_back(members[member]);
      const Tokens prompt = outcome.plans.front().asks.front().prompt;
      const Tokens answer(std::min(length(member), options.context.count - prompt.count));
      questions.push_back({.prompt = prompt, .answer = answer});
    }
    return run_naive_each(pc, models, questions, options);
  }

  // When what had been answered settles the vote, by kai's own rules.
  Seconds settled(const PcRun& run, const std::vector<std::size_t>& some) const {
    const auto& asks = outcome.plans.front().asks;
    const auto ends = ends_of(run);
    std::vector<std::pair<Seconds, std::size_t>> order;
    for (const std::size_t member : some) {
      order.emplace_back(ends.at(pc.models[members[member]].name), member);
    }
    std::ranges::sort(order);
    const Shape shape = shape_of(question.text);
    std::vector<Answer> answers;
    for (const auto& [end, member] : order) {
      Answer answer;
      answer.member = MemberId(pc.models[members[member]].name);
      answer.model = ModelId(answer.member.text);
      answer.ending = Ending::complete;
      answer.text = text_of(question.words[member], Tokens(length(member)));
      answers.push_back(std::move(answer));
      if (may_stop(decide(shape, question.text, asks, answers), asks, answers).now) return end;
    }
    return order.back().first;
  }
};

// What of the first plan was asked once, as places in `members`, smallest first as the file has it.
std::vector<std::size_t> asked_of(const Outcome& outcome, const Pc& pc,
                                  const std::vector<std::size_t>& members) {
  std::vector<std::size_t> asked;
  for (std::size_t at = 0; at < members.size(); ++at) {
    const ModelId id(pc.models[members[at]].name);
    if (std::ranges::count(outcome.plans.front().asks, id, &Ask::model) > 0) asked.push_back(at);
  }
  return asked;
}

void add_question(TierTimes& times, const Pc& pc, const std::vector<std::size_t>& members,
                  const std::vector<CastQuestion>& questions, const CastQuestion& question,
                  std::optional<Tier> tier) {
  PcWorld world(pc, cast_options(pc, members, questions));
  const auto played = world.play(query_at(world, question, tier));
  const Outcome& outcome = played.outcomes.front();
  if (!outcome.answered()) {
    ++times.unanswered;
    return;
  }
  times.partial += outcome.partial ? 1 : 0;
  const double took = seconds(outcome.latency);
  times.cold.add(took);
  times.asked += static_cast<int>(outcome.plans.front().asks.size());
  times.heard += static_cast<int>(std::ranges::count_if(
      outcome.answers, [](const Answer& answer) { return answer.ending != Ending::cancelled; }));
  PcWorld full(pc, cast_options(pc, members, questions));
  Query in_full = query_at(full, question, tier);
  in_full.hear_all = true;
  times.cold_all.add(seconds(full.play(std::move(in_full)).outcomes.front().latency));

  const NaiveCast naive{pc, members, question, outcome};
  const auto asked = asked_of(outcome, pc, members);
  const PcRun same = naive.run(asked);
  std::vector<std::size_t> every(members.size());
  for (std::size_t at = 0; at < every.size(); ++at) every[at] = at;
  const double original = naive.run(every).makespan.count();
  const double settled = naive.settled(same, asked).count();
  times.naive_same.add(same.makespan.count());
  times.naive_settled.add(settled);
  times.original.add(original);
  times.ratio.add(settled / took);
  times.ratio_original.add(original / took);
}

TierTimes times_of(const Pc& pc, const std::vector<std::size_t>& members,
                   const std::vector<CastQuestion>& questions, std::optional<Tier> tier) {
  TierTimes times;
  PcWorld warm(pc, cast_options(pc, members, questions));
  for (const auto& question : questions) {
    add_question(times, pc, members, questions, question, tier);
    const auto played = warm.play(query_at(warm, question, tier));
    if (played.outcomes.front().answered()) times.warm.add(seconds(played.makespan));
  }
  return times;
}

void print_head(std::size_t members) {
  fmt::print(
      "\nseconds, median and 90th percentile; recorded answers, stop rule on\n"
      "{:<8} {:>6} {:>11}  {:>11} {:>11} {:>11}  {:>11} {:>11} {:>11}  {:>7} {:>7}\n"
      "{:<8} {:>6} {:>11}  {:>11} {:>11} {:>11}  {:>11} {:>11} {:>11}  {:>7} {:>7}\n",
      "", "", "", "kai", "kai, the", "kai, all", "naive,", "naive, all", "original,", "settled",
      "original", "tier", "aim", "ask/hear", "cold", "next", "heard", "settled", "heard",
      fmt::format("all {}", members), "/ kai", "/ kai");
}

std::string pair_of(const Times& times) {
  return fmt::format("{:.1f} {:.1f}", times.at(0.5), times.at(0.9));
}

void print_line(std::string_view tier, std::string_view aim, const TierTimes& times) {
  const auto answered = static_cast<double>(times.cold.values.size());
  if (answered > 0) {
    fmt::print(
        "{:<8} {:>6} {:>11}  {:>11} {:>11} {:>11}  {:>11} {:>11} {:>11}  {:>7.2f} {:>7.2f}\n", tier,
        aim, fmt::format("{:.1f}/{:.1f}", times.asked / answered, times.heard / answered),
        pair_of(times.cold), pair_of(times.warm), pair_of(times.cold_all),
        pair_of(times.naive_settled), pair_of(times.naive_same), pair_of(times.original),
        times.ratio.at(0.5), times.ratio_original.at(0.5));
  }
  if (times.unanswered + times.partial > 0) {
    fmt::print("         {} unanswered, {} cut by the deadline where it could matter\n",
               times.unanswered, times.partial);
  }
}

std::vector<Row> rows_of(const Aim& aim, const TierTimes& times, std::size_t questions) {
  const std::string name(to_string(aim.tier));
  const double p90 = times.cold.at(0.9), ratio = times.ratio.at(0.5);
  return {{.what = fmt::format("{}, p90 of {} questions", name, questions),
           .value = p90,
           .unit = "s",
           .compared_with = "requirements.md",
           .ratio = p90 / aim.to,
           .reach = fmt::format("<= {:.0f}", aim.to),
           .met = p90 <= aim.to && times.unanswered == 0},
          {.what = fmt::format("{}, naive / kai to the settled answer, median", name),
           .value = times.cold.at(0.5),
           .unit = "s",
           .compared_with =
               fmt::format("{:.1f} s, naive with the same members", times.naive_settled.at(0.5)),
           .ratio = ratio,
           .reach = ">= 2",
           .met = ratio >= 2}};
}

}  // namespace

std::vector<Row> tiers_table(const Pc& pc, const std::vector<std::size_t>& members,
                             const std::vector<CastQuestion>& questions) {
  std::vector<Row> rows;
  print_head(members.size());
  for (const auto& aim : aims) {
    const TierTimes times = times_of(pc, members, questions, aim.tier);
    print_line(to_string(aim.tier), fmt::format("{:.0f}-{:.0f}", aim.from, aim.to), times);
    if (times.cold.values.empty()) continue;
    std::ranges::move(rows_of(aim, times, questions.size()), std::back_inserter(rows));
  }
  print_line("as seen", "", times_of(pc, members, questions, std::nullopt));
  return rows;
}

}  // namespace kai::bench
