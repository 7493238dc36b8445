#include "sim/pc_trial.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "consensus/consensus.h"
#include "sim/naive.h"

namespace kai {

namespace {

Bytes share_of(Bytes bytes, double share) {
  return Bytes(std::llround(static_cast<double>(bytes.count) * share));
}

PcWorldOptions options_of(const PcFleet& fleet, const CastQuestion& question,
                          const CoordinatorOptions& options) {
  PcWorldOptions world = cast_options(fleet, std::span(&question, 1));
  world.coordinator = options;
  world.coordinator.study = without_study().study;
  return world;
}

Query query_in(PcWorld& world, const CastQuestion& question, const Query& how) {
  Query query = world.query(question.text);
  query.tier = how.tier;
  query.mode = how.mode;
  query.models = how.models;
  query.time_limit = how.time_limit;
  query.answer_max = how.answer_max;
  query.hear_all = how.hear_all;
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
  for (std::size_t at = 0; at < words.size() && std::cmp_less(at, most.count); ++at) {
    text += words[at];
  }
  return text;
}

// The question in the original way: each member reads and writes what it does with kai.
struct NaiveTrial {
  const PcFleet& fleet;
  const CastQuestion& question;
  const Plan& plan;  // of kai

  const PcModel& model(std::size_t member) const { return fleet.pc.models[fleet.members[member]]; }
  Tokens length(std::size_t member) const {
    const auto most = plan.asks.front().answer_max.count;
    return Tokens(std::min(static_cast<std::int64_t>(question.words[member].size()), most));
  }

  // `some`: places in fleet.members.
  PcRun run(const std::vector<std::size_t>& some) const {
    NaiveOptions options;
    std::vector<std::size_t> models;
    std::vector<PcQuestion> questions;
    for (const std::size_t member : some) {
      models.push_back(fleet.members[member]);
      questions.push_back({.prompt = plan.asks.front().prompt, .answer = length(member)});
      options.context =
          std::max(options.context, questions.back().prompt + questions.back().answer);
    }
    return run_naive_each(fleet.pc, models, questions, options);
  }

  // When what had been answered settles the vote, by kai's own rules.
  Seconds settled(const PcRun& run, const std::vector<std::size_t>& some) const {
    const auto ends = ends_of(run);
    std::vector<std::pair<Seconds, std::size_t>> order;
    for (const std::size_t member : some) {
      const auto end = ends.find(model(member).name);
      if (end != ends.end()) order.emplace_back(end->second, member);  // else it was refused
    }
    if (order.empty()) return Seconds(0);
    std::ranges::sort(order);
    const Shape shape = shape_of(question.text);
    std::vector<Answer> answers;
    for (const auto& [end, member] : order) {
      Answer answer;
      answer.member = MemberId(model(member).name);
      answer.model = ModelId(answer.member.text);
      answer.ending = Ending::complete;
      answer.text = text_of(question.words[member], length(member));
      answers.push_back(std::move(answer));
      const Verdict verdict = decide(shape, question.text, plan.asks, answers);
      if (may_stop(verdict, plan.asks, answers).now) return end;
    }
    return order.back().first;
  }
};

// What of the plan was asked, as places in fleet.members.
std::vector<std::size_t> asked_of(const PcFleet& fleet, const Plan& plan) {
  std::vector<std::size_t> asked;
  for (std::size_t at = 0; at < fleet.members.size(); ++at) {
    const ModelId id(fleet.pc.models[fleet.members[at]].name);
    if (std::ranges::count(plan.asks, id, &Ask::model) > 0) asked.push_back(at);
  }
  return asked;
}

bool is_whole(const Answer& answer) {
  return answer.ending == Ending::complete || answer.ending == Ending::token_limit;
}

bool was_heard(const Answer& answer) {
  return is_whole(answer) || answer.ending == Ending::stated;
}

// One plan with the asks of all: what a fallback asked was asked too.
Plan all_asks(const std::vector<Plan>& plans) {
  Plan all = plans.front();
  for (std::size_t later = 1; later < plans.size(); ++later) {
    for (const Ask& ask : plans[later].asks) {
      if (std::ranges::count(all.asks, ask.member, &Ask::member) == 0) all.asks.push_back(ask);
    }
  }
  return all;
}

PcUse use_of(PcWorld& world, const Pc& pc, const PcPlayed& played) {
  const Outcome& outcome = played.outcomes.front();
  PcUse use{.time = outcome.latency,
            .gpu_busy = played.gpu_busy,
            .cpu_busy = played.cpu_busy,
            .gpu_peak = world.engine().peak(DeviceId("gpu0")),
            .loaded = {}};
  std::set<std::string> loaded;  // voices of one model load it once
  for (const auto& answer : outcome.answers) {
    const bool here = answer.device == DeviceId("gpu0") && answer.timings.load > Duration::zero();
    if (!here || !loaded.insert(answer.model.text).second) continue;
    const auto model = std::ranges::find(pc.models, answer.model.text, &PcModel::name);
    use.loaded += share_of(model->file, answer.share);
  }
  return use;
}

void add_original(PcTrial& trial, const PcFleet& fleet, const CastQuestion& question,
                  const Plan& plan) {
  const NaiveTrial naive{fleet, question, plan};
  const auto asked = asked_of(fleet, plan);
  const PcRun same = naive.run(asked);
  std::vector<std::size_t> every(fleet.members.size());
  for (std::size_t at = 0; at < every.size(); ++at) every[at] = at;
  trial.same = use_of(fleet.pc, same);
  trial.same_spans = spans_of(same);
  trial.same_settled = from_seconds(naive.settled(same, asked).count());
  PcRun original = naive.run(every);
  trial.original = use_of(fleet.pc, original);
  trial.original_refused = std::move(original.refused);
}

}  // namespace

PcUse use_of(const Pc& pc, const PcRun& run) {
  PcUse use{.time = from_seconds(run.makespan.count()),
            .gpu_busy = run.gpu_busy,
            .cpu_busy = run.cpu_busy};
  for (const auto& event : run.events) {
    use.gpu_peak = std::max(use.gpu_peak, event.gpu_taken);
    if (event.stage != PcStage::loading) continue;
    const auto model = std::ranges::find(pc.models, event.model, &PcModel::name);
    use.loaded += share_of(model->file, event.share);
  }
  return use;
}

PcTried try_question(const PcFleet& fleet, const CastQuestion& question, const Query& how,
                     const CoordinatorOptions& options) {
  PcWorld world(fleet.pc, options_of(fleet, question, options));
  const PcPlayed played = world.play(query_in(world, question, how));
  PcTried tried;
  tried.outcome = played.outcomes.front();
  const Outcome& outcome = tried.outcome;
  PcTrial& trial = tried.trial;
  trial.question = question.text;
  trial.shape = shape_of(question.text);
  trial.models = static_cast<int>(fleet.members.size());
  trial.tier = outcome.plans.empty() ? how.tier.value_or(outcome.complexity.tier)
                                     : outcome.plans.front().tier;
  trial.kai = use_of(world, fleet.pc, played);
  trial.kai_spans = spans_of(played.events);
  if (!outcome.plans.empty()) {
    const Plan& first = outcome.plans.front();
    for (const Plan& plan : outcome.plans) trial.asked += static_cast<int>(plan.asks.size());
    trial.predicted = first.predicted;
    trial.predicted_p90 = first.predicted_p90;
  }
  trial.heard = static_cast<int>(std::ranges::count_if(outcome.answers, was_heard));
  if (!outcome.answered()) {
    trial.error = outcome.error->message;
    return tried;
  }
  trial.partial = outcome.partial;
  trial.agreement = outcome.verdict.agreement;
  PcWorld full(fleet.pc, options_of(fleet, question, options));
  Query in_full = query_in(full, question, how);
  in_full.hear_all = true;
  const PcPlayed all = full.play(std::move(in_full));
  trial.kai_all = use_of(full, fleet.pc, all);
  trial.all_cut = !std::ranges::all_of(all.outcomes.front().answers, is_whole);
  add_original(trial, fleet, question, all_asks(outcome.plans));
  return tried;
}

Result<Forecast> forecast_question(const PcFleet& fleet, const CastQuestion& question,
                                   const Query& how, const CoordinatorOptions& options) {
  PcWorld world(fleet.pc, options_of(fleet, question, options));
  return world.forecast(query_in(world, question, how));
}

}  // namespace kai
