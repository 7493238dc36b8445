// What breaks again and again: models that kill their workers, devices whose workers do not start.
// They are left alone for a while, and tried again.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "coordinator/coordinator.h"
#include "coordinator/telling.h"

namespace kai {

namespace {

constexpr Duration one_blow = std::chrono::seconds(1);  // within which deaths are taken for one
constexpr int falls_max = 2;                            // of a model at one question
constexpr Duration outage_max = std::chrono::minutes(30);

}  // namespace

// It came to no lease, and so to no answer.
void Coordinator::note_no_turn(Telling& telling, const Ask& ask, const Error& error,
                               Answer& answer) {
  answer.ending = error.code == ErrorCode::cancelled  ? Ending::cancelled
                  : error.code == ErrorCode::deadline ? Ending::deadline
                                                      : Ending::failed;
  if (answer.ending == Ending::failed) answer.error = error;
  if (error.code == ErrorCode::lane_lost) note_death(telling, ask, error, true);
  if (error.code == ErrorCode::host_lost) note_host_lost(ask, error);
  if (error.code != ErrorCode::device_lost) return;
  if (is_host(crew_.fleet, ask.device)) return note_host_out(telling, error);
  telling.waiting.insert_or_assign(ask.member, ask);
  note_device_lost(ask.device, error.message);
}

void Coordinator::note_said(Telling& telling, const Ask& ask, const Answer& said) {
  if (said.error && said.error->code == ErrorCode::lane_lost) {
    note_death(telling, ask, *said.error, false);
  } else if (said.error && said.error->code == ErrorCode::host_lost) {
    note_host_lost(ask, *said.error);
  } else if (said.error && said.error->code == ErrorCode::device_lost) {
    note_host_out(telling, *said.error);
  } else if (said.ending == Ending::complete || said.ending == Ending::token_limit) {
    forgive(ask);
  }
}

// Where several models died of what they read, it was not them.
void Coordinator::note_death(Telling& telling, const Ask& ask, const Error& error, bool loading) {
  ++telling.fallen[ask.model];
  if (!loading && telling.felled.insert(ask.model).second) {
    const Time now = crew_.clock.now();
    if (!telling.fell_at || now - *telling.fell_at > one_blow) ++telling.blows;
    telling.fell_at = now;
  }
  if (!loading && telling.felled.size() > 1) return;
  crew_.store.put_deaths(breaker_.died(ask.model, ask.device, crew_.clock.wall(), error.message));
}

// The question is not suspected: a host has other reasons to fail.
void Coordinator::note_host_lost(const Ask& ask, const Error& error) {
  crew_.store.put_deaths(breaker_.died(ask.model, ask.device, crew_.clock.wall(), error.message));
}

// Told once a question: all of its members there fail alike.
void Coordinator::note_host_out(Telling& telling, const Error& error) const {
  auto& told = telling.outcome.device_changes;
  if (std::ranges::count(told, error.message) > 0) return;
  told.push_back(error.message);
  telling.emit(event::DeviceChanged{error.message, {}});
}

std::map<DeviceId, std::string> Coordinator::hosts_out() const {
  std::map<DeviceId, std::string> out;
  for (const auto& device : crew_.fleet.devices) {
    if (device.kind != DeviceKind::remote) continue;
    if (auto why = crew_.engine.out(device.id); !why.empty()) out[device.id] = std::move(why);
  }
  return out;
}

void Coordinator::note_load_ahead(const ModelId& model, const DeviceId& device,
                                  const Error& error) {
  if (error.code == ErrorCode::lane_lost) {
    crew_.store.put_deaths(breaker_.died(model, device, crew_.clock.wall(), error.message));
  } else if (error.code == ErrorCode::device_lost) {
    note_device_lost(device, error.message);
  }
}

Usable Coordinator::usable_for_all() const {
  return without_lost(without_broken(crew_.fleet, cards_, breaker_, crew_.clock.wall()),
                      hosts_out());
}

std::string Coordinator::not_asked(const ModelId& model) const {
  const auto refused_in = [&](const Fleet& fleet) {
    const auto found = std::ranges::find(fleet.models, model, &Model::id);
    return found == fleet.models.end() ? std::string() : found->refused;
  };
  return refused_in(crew_.fleet).empty() ? refused_in(usable_for_all().fleet) : std::string();
}

std::vector<CostCard> Coordinator::askable() const {
  auto usable = usable_for_all();
  std::erase_if(usable.cards, [&](const CostCard& card) {
    const auto model = std::ranges::find(usable.fleet.models, card.model, &Model::id);
    return model == usable.fleet.models.end() || !model->refused.empty();
  });
  return std::move(usable.cards);
}

void Coordinator::forgive(const Ask& ask) {
  if (const auto outage = outages_.find(ask.device); outage != outages_.end()) {
    if (!outage->second.over) {
      crew_.scheduler.set_capacity(ask.device, outage->second.capacity);
      to_settle_.push_back(ask.device);
    }
    outages_.erase(outage);
  }
  if (const auto forgiven = breaker_.answered(ask.model, ask.device)) {
    crew_.store.put_deaths(*forgiven);
  }
}

// The last device is never out: whoever has no other may as well try.
void Coordinator::note_device_lost(const DeviceId& device, const std::string& why) {
  const auto is_other = [&](const DeviceRoom& room) {
    return room.device != device && crew_.scheduler.ledger().capacity(room.device) > Bytes{};
  };
  if (std::ranges::none_of(crew_.scheduler.ledger().rooms(), is_other)) return;
  Outage& outage = outages_[device];
  if (outage.times > 0 && !outage.over) return;  // others have said so
  const double doubled = seconds(options_.outage_first) * std::exp2(std::min(outage.times, 20));
  const Duration pause = std::min(outage_max, from_seconds(doubled));
  ++outage.times;
  outage.over = false;
  outage.until = crew_.clock.now() + pause;
  outage.capacity = crew_.scheduler.undoubted(device);
  crew_.scheduler.set_capacity(device, Bytes{});
  to_settle_.push_back(device);
  tell_all(
      fmt::format("{} is out, and tried again in {:.0f} s: {}", device.text, seconds(pause), why),
      true);
}

void Coordinator::end_outages() {
  for (auto& [device, outage] : outages_) {
    if (outage.over || crew_.clock.now() < outage.until) continue;
    outage.over = true;
    crew_.scheduler.set_capacity(device, outage.capacity);
  }
}

// Whom the user names is asked in any case.
Usable Coordinator::usable_now(const Telling& telling) const {
  Usable usable =
      telling.outcome.query.models.empty() ? usable_for_all() : Usable{crew_.fleet, cards_};
  for (auto& model : usable.fleet.models) {
    const auto fallen = telling.fallen.find(model.id);
    if (fallen == telling.fallen.end() || fallen->second < falls_max) continue;
    if (model.refused.empty()) {
      model.refused = fmt::format("killed its worker {} times at this question", fallen->second);
    }
  }
  return usable;
}

}  // namespace kai
