#include "monitor/alerts.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace kai {

namespace {

using namespace std::chrono_literals;

const AlertRule& rule_of(AlertKind kind) {
  return alert_rules()[static_cast<std::size_t>(kind)];
}

}  // namespace

std::span<const AlertRule> alert_rules() {
  static constexpr std::array<AlertRule, 9> rules{{
      {AlertKind::query_errors_high, "QueryErrorsHigh", "critical", "",
       "more than one in twenty questions of the last 10 minutes had no answer",
       "the history says how each of them ended, `kai doctor` what is wrong with the machine",
       AlertUnit::share, 0.05, 0.03, 2min, 5min},
      {AlertKind::deadline_miss_high, "DeadlineMissHigh", "warning", "",
       "more than one in five questions of the last 10 minutes ended at their deadline",
       "give questions more time (`timeout` of their tier), or a lower tier", AlertUnit::share, 0.2,
       0.1, 2min, 5min},
      {AlertKind::model_down, "ModelDown", "critical", "model",
       "the model failed again and again and is not asked for a while",
       "the page of models says how it failed last; kai tries it again by itself", AlertUnit::flag,
       0.5, 0.5, 30s, 1min},
      {AlertKind::model_latency_regressed, "ModelLatencyRegressed", "warning", "model",
       "the model takes more than twice as long for a token as in the day before",
       "look what else runs on the machine, and whether its GPU is hot or its memory full",
       AlertUnit::times, 2, 1.5, 5min, 10min},
      {AlertKind::agreement_drop, "AgreementDrop", "warning", "",
       "members agree less than in the day before",
       "look in the history at which questions they differ, and who; other questions than the day "
       "before may be all",
       AlertUnit::drop, 0.15, 0.1, 5min, 10min},
      {AlertKind::quality_drop, "QualityDrop", "warning", "model",
       "the model is in the winning group less often than in the day before",
       "compare its answers with those of others in the history, and judge some: kai learns from "
       "it "
       "whose say counts",
       AlertUnit::drop, 0.2, 0.1, 5min, 10min},
      {AlertKind::vram_near_full, "VRAMNearFull", "warning", "gpu",
       "the GPU's memory is nearly full",
       "end what else uses the GPU, or unload a model that nobody needs", AlertUnit::share, 0.95,
       0.92, 1min, 2min},
      {AlertKind::throttled, "Throttled", "warning", "gpu",
       "the GPU is slowed down by heat or by its power supply",
       "look after its cooling and its power supply", AlertUnit::flag, 0.5, 0.5, 1min, 2min},
      {AlertKind::history_not_kept, "HistoryNotKept", "warning", "",
       "what happens is not kept; `kai doctor` says why",
       "make room on the disk, or the data folder writable: as `kai doctor` says", AlertUnit::flag,
       0.5, 0.5, 30s, 1min},
  }};
  return rules;
}

AlertBoard::News AlertBoard::look(Now now, const std::vector<Measured>& measured) {
  for (const auto& [kind, subject, value] : measured) {
    const AlertRule& rule = rule_of(kind);
    const Key key(kind, subject);
    const auto known = standing_.find(key);
    if (known == standing_.end()) {
      if (value <= rule.fires || standing_.size() >= subjects_max) continue;
      standing_[key] = {AlertState::pending, value, now.wall, now.time, now.time, false};
      continue;
    }
    Standing& standing = known->second;
    standing.value = value;
    const bool fires = standing.state == AlertState::firing;
    if (value > (fires ? rule.clears : rule.fires)) standing.met_last = now.time;
  }
  News news;
  for (auto entry = standing_.begin(); entry != standing_.end();) {
    Standing& standing = entry->second;
    const Step step = advance(entry->first, standing, now);
    Alert alert = alert_of(entry->first, standing, now.wall);
    const bool ended = step == Step::ended;
    if (ended) {
      alert.state = AlertState::inactive;
      alert.ended = now.wall;
      past_.push_front(alert);
      if (past_.size() > past_max) past_.pop_back();
    }
    const bool fires = standing.state == AlertState::firing && !ended;
    const bool tell = ended ? standing.told : fires && !standing.told && !alert.silenced_until;
    if (tell) news.to_tell.push_back(alert);
    standing.told = standing.told || tell;
    if (step != Step::none) news.changed.push_back(std::move(alert));
    const bool over = ended || standing.state == AlertState::inactive;
    entry = over ? standing_.erase(entry) : std::next(entry);
  }
  return news;
}

AlertBoard::Step AlertBoard::advance(const Key& key, Standing& standing, Now now) {
  const AlertRule& rule = rule_of(key.first);
  const bool met = standing.met_last == now.time;
  if (standing.state == AlertState::firing) {
    return met || now.time - standing.met_last < rule.keep ? Step::none : Step::ended;
  }
  if (!met) standing.state = AlertState::inactive;
  if (!met || now.time - standing.met_since < rule.hold) return Step::none;
  standing.state = AlertState::firing;
  standing.since = now.wall;
  return Step::begun;
}

bool AlertBoard::silence(std::string_view name, Duration length, Now now) {
  const auto rule = std::ranges::find(alert_rules(), name, &AlertRule::name);
  if (rule == alert_rules().end()) return false;
  if (length > Duration{}) {
    silenced_[rule->kind] = now.wall + length;
  } else {
    silenced_.erase(rule->kind);
  }
  return true;
}

Alert AlertBoard::alert_of(const Key& key, const Standing& standing, WallTime now) const {
  const AlertRule& rule = rule_of(key.first);
  Alert alert;
  alert.name = rule.name;
  alert.severity = rule.severity;
  alert.label = rule.label;
  alert.subject = key.second;
  alert.summary = rule.summary;
  alert.state = standing.state;
  alert.value = standing.value;
  alert.threshold = rule.fires;
  alert.since = standing.since;
  alert.silenced_until = silenced_until(key.first, now);
  return alert;
}

std::optional<WallTime> AlertBoard::silenced_until(AlertKind kind, WallTime now) const {
  const auto silenced = silenced_.find(kind);
  if (silenced == silenced_.end() || silenced->second <= now) return std::nullopt;
  return silenced->second;
}

AlertList AlertBoard::list(WallTime now) const {
  AlertList list;
  for (const auto& [key, standing] : standing_) {
    list.alerts.push_back(alert_of(key, standing, now));
  }
  list.past.assign(past_.begin(), past_.end());
  for (const auto& rule : alert_rules()) {
    list.rules.push_back({std::string(rule.name), std::string(rule.severity),
                          std::string(rule.label), std::string(rule.summary), rule.fires,
                          rule.clears, rule.hold, rule.keep, rule.unit, std::string(rule.remedy),
                          silenced_until(rule.kind, now)});
  }
  return list;
}

int AlertBoard::firing(AlertKind kind) const {
  return static_cast<int>(std::ranges::count_if(standing_, [&](const auto& entry) {
    return entry.first.first == kind && entry.second.state == AlertState::firing;
  }));
}

}  // namespace kai
