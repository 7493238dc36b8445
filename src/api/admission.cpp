#include "api/admission.h"

#include <algorithm>
#include <utility>

namespace kai {

Task<Result<Admission::Turn>> Admission::enter(std::string caller, Time until) {
  if (running_ < running_max_) {
    ++running_;
    co_return Turn(this);
  }
  if (!has_place(caller)) {
    co_return fail(ErrorCode::overloaded, "too many questions wait already; ask again in a moment");
  }
  if (std::ranges::count(callers_, caller) == 0) callers_.push_back(caller);
  const auto mine = waiting_.emplace(waiting_.end());
  mine->caller = std::move(caller);
  while (!mine->called && clock_.now() < until) {
    co_await clock_.sleep_on(mine->wait, until);
    if (co_await cancelled()) break;
  }
  const bool called = mine->called;
  stop_waiting(mine);
  // Whoever leaves has taken this one's place into account already.
  std::optional<Turn> turn;
  if (called) turn.emplace(this);
  if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled while waiting");
  if (called) co_return *std::move(turn);
  co_return fail(ErrorCode::overloaded, "other questions took all the time; ask again later");
}

void Admission::allow(int running_max, int waiting_max) {
  running_max_ = running_max;
  waiting_max_ = waiting_max;
  while (running_ < running_max_ && call_next()) ++running_;
}

void Admission::leave() {
  // The place goes over, unless there are fewer now: then running_ stays.
  if (running_ > running_max_ || !call_next()) --running_;
}

bool Admission::has_place(const std::string& caller) const {
  const auto held = std::ranges::count(waiting_, caller, &Waiting::caller);
  const int free = waiting_max_ - waiting();
  return free > 0 && (caller.empty() || held < free);
}

Admission::Place Admission::next_of(const std::string& caller) {
  return std::ranges::find_if(
      waiting_, [&](const Waiting& one) { return !one.called && one.caller == caller; });
}

void Admission::stop_waiting(Place place) {
  const std::string caller = std::move(place->caller);
  waiting_.erase(place);
  if (next_of(caller) == waiting_.end()) callers_.remove(caller);
}

bool Admission::call_next() {
  if (callers_.empty()) return false;
  const auto next = next_of(callers_.front());
  next->called = true;
  // Its caller has the last turn of all from now on, or none where nothing of it waits any more.
  if (next_of(next->caller) == waiting_.end()) {
    callers_.pop_front();
  } else {
    callers_.splice(callers_.end(), callers_, callers_.begin());
  }
  next->wait.resume();
  return true;
}

Duration Admission::come_again() const {
  const double turns = static_cast<double>(waiting() + 1) / running_max_;
  return std::chrono::seconds(static_cast<int>(std::clamp(usual_ * turns, 1.0, 60.0)));
}

void Admission::note(Duration took) {
  constexpr double weight = 0.2;
  usual_ += weight * (seconds(took) - usual_);
}

}  // namespace kai
