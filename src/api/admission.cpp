#include "api/admission.h"

#include <algorithm>

namespace kai {

Task<Result<Admission::Turn>> Admission::enter(Time until) {
  if (running_ < running_max_) {
    ++running_;
    co_return Turn(this);
  }
  if (waiting() >= waiting_max_) {
    co_return fail(ErrorCode::overloaded, "too many questions wait already; ask again in a moment");
  }
  const auto mine = waiting_.emplace(waiting_.end());
  while (!mine->called && clock_.now() < until) {
    co_await clock_.sleep_on(mine->wait, until);
    if (co_await cancelled()) break;
  }
  const bool called = mine->called;
  waiting_.erase(mine);
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

bool Admission::call_next() {
  const auto next = std::ranges::find(waiting_, false, &Waiting::called);
  if (next == waiting_.end()) return false;
  next->called = true;
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
