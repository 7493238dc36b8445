#include "consensus/replay.h"

#include <algorithm>
#include <utility>

namespace kai {

namespace {

bool is_one_of(const std::vector<ModelId>& models, const ModelId& model) {
  return std::ranges::find(models, model) != models.end();
}

}  // namespace

Replayed replay(const Recorded& recorded, const ReplayRules& rules) {
  using Stopping = ReplayRules::Stopping;
  std::vector<Ask> asks = recorded.asks;
  if (rules.models) {
    std::erase_if(asks, [&](const Ask& ask) { return !is_one_of(*rules.models, ask.model); });
  }
  if (rules.members_max && std::cmp_greater(asks.size(), *rules.members_max)) {
    asks.resize(static_cast<std::size_t>(*rules.members_max));
  }
  // Without other members the answers of earlier plans count as they did; with them, the asks say
  // who takes part.
  const bool all = !rules.models && !rules.members_max;
  Replayed result;
  result.asked = static_cast<int>(asks.size());
  std::vector<Answer> taken;
  std::vector<Heard> heard;
  for (const auto& answer : recorded.answers) {
    if (!all && std::ranges::find(asks, answer.member, &Ask::member) == asks.end()) continue;
    heard.push_back(hear(recorded.shape, recorded.question, answer));
    taken.push_back(answer);
    if (rules.stopping == Stopping::recorded) continue;
    const Verdict verdict = decide(recorded.shape, asks, taken, heard, rules.consensus);
    const StopRule rule = rules.stopping == Stopping::learned ? rules.learned.stop : StopRule{};
    const Stop stop = may_stop(verdict, asks, taken, rule);
    if (!stop.now) continue;
    result.stop_why = stop.why;
    break;
  }
  result.taken = static_cast<int>(taken.size());
  result.verdict = decide(recorded.shape, asks, taken, heard, rules.consensus, rules.learned);
  // The same answers stand as they stood then: so does how sure that was.
  if (all && rules.stopping == Stopping::recorded && !result.verdict.confidence) {
    result.verdict.confidence = recorded.verdict.confidence;
  }
  return result;
}

}  // namespace kai
