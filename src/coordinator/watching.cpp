// What devices have to give, watched while questions run: who waits is planned anew where that
// changes. Who runs is left alone.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/coordinator.h"
#include "coordinator/telling.h"

namespace kai {

namespace {

constexpr Duration leave_max = std::chrono::seconds(5);  // for idle models, per device, and …
constexpr Duration leave_over = std::chrono::milliseconds(500);  // … beyond the deadline
constexpr double giga = 1e9;

double gb(Bytes bytes) {
  return static_cast<double>(bytes.count) / giga;
}

std::string moved_words(const std::vector<event::DeviceChanged::Move>& moves) {
  std::string words;
  for (const auto& [member, device] : moves) {
    words += fmt::format("; {} is asked on {}", member.text, device.text);
  }
  return words;
}

}  // namespace

// The question, and beside it somebody who watches.
Task<void> Coordinator::tell_watching(Telling& telling) {
  tellings_.push_back(&telling);
  TaskGroup<bool> watching(crew_.executor);
  if (crew_.memory != nullptr) watching.start(watch_memory(&telling));
  std::exception_ptr fault;
  try {
    co_await tell(telling);
  } catch (const std::exception&) {
    fault = std::current_exception();
  }
  telling.over = true;
  telling.stirred.resume();
  try {
    co_await watching.join();
  } catch (const std::exception&) {
    if (!fault) fault = std::current_exception();
  }
  std::erase(tellings_, &telling);
  if (fault) std::rethrow_exception(fault);
}

// The plan, with nobody left that is being asked, whatever happens.
Task<Result<>> Coordinator::run(Telling& telling, const Plan& plan) {
  TaskGroup<Answer> group(crew_.executor);
  std::exception_ptr fault;
  try {
    co_return co_await hear_plan(group, telling, plan);
  } catch (const std::exception&) {
    fault = std::current_exception();
  }
  co_await group.join();
  std::rethrow_exception(fault);
}

Task<bool> Coordinator::watch_memory(Telling* telling) {
  while (!telling->over) {
    const Time next = crew_.clock.now() + crew_.memory->options().every;
    co_await crew_.clock.sleep_on(telling->stirred, next);
    if (telling->over || co_await cancelled()) break;
    if (crew_.clock.now() >= next) {
      co_await look_at_memory(MemoryWatch::Haste::usual);
      note_surplus();
    }
    // An unload that is cut costs the lane that it is on.
    co_await shield();
    for (const auto& device : std::exchange(to_settle_, {})) {
      const Time latest = std::max(crew_.clock.now(), telling->deadline) + leave_over;
      co_await crew_.scheduler.settle(device, std::min(crew_.clock.now() + leave_max, latest));
    }
    co_await unshield();
  }
  co_return true;
}

// What ran when a device became smaller leaves once it is idle. Whether there is something to do.
bool Coordinator::note_surplus() {
  const Ledger& ledger = crew_.scheduler.ledger();
  for (const auto& device : crew_.fleet.devices) {
    const bool over = ledger.held(device.id) > ledger.capacity(device.id);
    if (over && std::ranges::count(to_settle_, device.id) == 0) to_settle_.push_back(device.id);
  }
  return !to_settle_.empty();
}

// Who waits in the queue that it leaves has to look again.
void Coordinator::wake_moved(Telling& telling, std::span<const event::DeviceChanged::Move> moves) {
  for (const auto& move : moves) {
    const Ask& ask = telling.waiting.at(move.member);
    to_settle_.push_back(ask.device);
    if (ask.share < 1) to_settle_.push_back(ask.beside);
  }
  telling.stirred.resume();
}

void Coordinator::tell_all(const std::string& what, bool anew) {
  for (Telling* telling : tellings_) {
    event::DeviceChanged changed{what, {}};
    if (anew) changed.moves = replan(*telling, nullptr);
    wake_moved(*telling, changed.moves);
    changed.what += moved_words(changed.moves);
    telling->outcome.device_changes.push_back(changed.what);
    telling->emit(std::move(changed));
    telling->stirred.resume();
  }
}

Task<void> Coordinator::look_at_memory(MemoryWatch::Haste haste) {
  if (crew_.memory == nullptr) co_return;
  const auto news = co_await crew_.memory->look(crew_.scheduler.ledger(), haste);
  for (const auto& fault : news.faults) tell_all(fault, false);
  for (const auto& [device, capacity, others] : news.changes) {
    if (const auto outage = outages_.find(device); outage != outages_.end()) {
      if (!outage->second.over) continue;
    }
    const bool less = capacity < crew_.scheduler.ledger().capacity(device);
    crew_.scheduler.set_capacity(device, capacity);
    to_settle_.push_back(device);
    tell_all(less ? fmt::format("{}: others have {:.1f} GB, {:.1f} GB are left for kai",
                                device.text, gb(others), gb(capacity))
                  : fmt::format("{}: {:.1f} GB are free for kai again", device.text, gb(capacity)),
             true);
  }
}

// Of those that wait for a turn, on devices as they are now, behind those that run there. refused:
// of them, whom its device had no room for, whatever the ledger thinks; null: nobody.
std::vector<event::DeviceChanged::Move> Coordinator::replan(Telling& telling,
                                                            const Ask* refused) const {
  if (telling.waiting.empty()) return {};
  const Plan& plan = telling.outcome.plans.back();
  Query rest = telling.outcome.query;
  rest.mode = Mode::adaptive;
  rest.tier = plan.tier;
  rest.models.clear();
  Tokens answer_max{};
  for (const auto& [member, ask] : telling.waiting) {
    rest.models.push_back(ask.model);
    answer_max = std::max(answer_max, ask.answer_max);
  }
  rest.answer_max = answer_max;
  auto room = crew_.scheduler.rooms(Time::min());
  for (auto& one : room) {
    if (refused == nullptr || one.device != refused->device) continue;
    const SplitNeed need = split_need(*card_of(refused->model, refused->device), refused->context,
                                      refused->sequences, refused->share);
    one.free = std::min(one.free, need.device - Bytes(1));
    for (auto& turn : one.taken) turn.bytes = Bytes{};
  }
  const auto anew = make_plan(with_query(plan_input(telling, room), rest), options_.planner);
  std::vector<event::DeviceChanged::Move> moves;
  if (!anew) return moves;
  for (const auto& [member, ask] : telling.waiting) {
    if (telling.stays.contains(member)) continue;
    const auto found = std::ranges::find(anew->asks, ask.model, &Ask::model);
    if (found == anew->asks.end()) continue;
    if (found->device == ask.device && found->share == ask.share) continue;
    Ask moved = ask;
    moved.device = found->device;
    moved.share = found->share;
    moved.beside = found->beside;
    moved.deadline = plan.deadline;  // who is before it there is not known
    moved.load = found->load;
    moved.prefill = found->prefill;
    moved.decode = found->decode;
    telling.moved.insert_or_assign(member, std::move(moved));
    moves.push_back({member, found->device});
  }
  return moves;
}

// Where a member goes that found no room. Nothing: there is none for it.
std::optional<Ask> Coordinator::asked_elsewhere(Telling& telling, const Ask& ask,
                                                const Error& why) {
  if (!telling.moved.contains(ask.member)) {
    event::DeviceChanged changed{why.message, replan(telling, &ask)};
    wake_moved(telling, changed.moves);
    changed.what += moved_words(changed.moves);
    if (!changed.moves.empty()) {
      telling.outcome.device_changes.push_back(changed.what);
      telling.emit(std::move(changed));
    }
  }
  const auto moved = telling.moved.find(ask.member);
  if (moved == telling.moved.end()) return std::nullopt;
  Ask there = std::move(moved->second);
  telling.moved.erase(moved);
  return there;
}

}  // namespace kai
