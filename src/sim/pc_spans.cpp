// What each model did when, from what was told while it did.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "sim/pc_trial.h"

namespace kai {

namespace {

std::vector<PcSpan> in_order(std::map<std::string, PcSpan> spans) {
  std::vector<PcSpan> list;
  for (auto& [name, span] : spans) {
    if (span.load_to > span.load_from || span.write_to > span.read_from) {
      list.push_back(std::move(span));
    }
  }
  const auto begin = [](const PcSpan& span) {
    const bool loads = span.load_to > span.load_from;
    return std::pair(loads ? span.load_from : span.read_from, span.model);
  };
  std::ranges::sort(list, {}, begin);
  return list;
}

}  // namespace

std::vector<PcSpan> spans_of(const PcRun& run) {
  std::map<std::string, PcSpan> spans;
  std::map<std::string, PcStage> last;
  for (const auto& event : run.events) {
    PcSpan& span = spans[event.model];
    const Duration at = from_seconds(event.at.count());
    const PcStage before = std::exchange(last[event.model], event.stage);
    if (before == PcStage::loading) span.load_to = at;
    if (before == PcStage::prefill) span.read_to = at;
    if (before == PcStage::decode) span.write_to = at;
    if (event.stage == PcStage::loading) {
      span.model = event.model;
      span.share = event.share;
      span.load_from = at;
    }
    if (event.stage == PcStage::prefill) span.read_from = at;
  }
  return in_order(std::move(spans));
}

std::vector<PcSpan> spans_of(std::span<const Event> events) {
  std::map<std::string, PcSpan> spans;  // by member
  for (const auto& [at, what] : events) {
    if (const auto* loading = std::get_if<event::Loading>(&what)) {
      spans[loading->member.text].load_to = at;
    }
    if (const auto* prefill = std::get_if<event::Prefill>(&what)) {
      spans[prefill->member.text].read_to = at;
    }
    const auto* ended = std::get_if<event::Ended>(&what);
    if (ended == nullptr) continue;
    const Answer& answer = ended->answer;
    PcSpan& span = spans[answer.member.text];
    span.model = answer.member.text;
    span.share = answer.device == DeviceId("gpu0") ? answer.share : 0;
    // A voice that is cut while its model loads never hears how long that took.
    span.load_from = span.load_to - std::min(answer.timings.load, span.load_to);
    span.read_from = span.read_to - std::min(answer.timings.prefill, span.read_to);
    if (span.read_to > Duration::zero()) span.write_to = at;
  }
  return in_order(std::move(spans));
}

}  // namespace kai
