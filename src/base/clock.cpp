#include "base/clock.h"

#include <boost/asio/steady_timer.hpp>

namespace kai {

namespace {

class RealAlarm final : public Alarm {
 public:
  RealAlarm(const Executor& executor, Time when, Wait& wait) : timer_(executor, when) {
    // The handler may already be queued when the alarm dies, so it holds the target weakly.
    timer_.async_wait([target = std::weak_ptr<Wait*>(target_)](auto error) {
      if (const auto alive = target.lock(); alive && !error) (*alive)->resume();
    });
    *target_ = &wait;
  }

 private:
  boost::asio::steady_timer timer_;
  std::shared_ptr<Wait*> target_ = std::make_shared<Wait*>(nullptr);
};

class RealClock final : public Clock {
 public:
  explicit RealClock(Executor executor) : executor_(std::move(executor)) {}
  Time now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
  std::unique_ptr<Alarm> ring_at(Time when, Wait& wait) override {
    return std::make_unique<RealAlarm>(executor_, when, wait);
  }

 private:
  Executor executor_;
};

}  // namespace

Task<void> Clock::sleep_until(Time when) {
  Wait wait;
  co_await sleep_on(wait, when);
}

Task<void> Clock::sleep_on(Wait& wait, Time when) {
  const auto alarm = ring_at(when, wait);
  co_await wait.until_resumed();
}

std::unique_ptr<Clock> make_real_clock(Executor executor) {
  return std::make_unique<RealClock>(std::move(executor));
}

class VirtualClock::Ring final : public Alarm {
 public:
  Ring(VirtualClock& clock, Time when, Wait& wait)
      : clock_(clock), key_(std::max(when, clock.now_), clock.order_++) {
    clock_.alarms_.emplace(key_, &wait);
  }
  ~Ring() override { clock_.alarms_.erase(key_); }

 private:
  VirtualClock& clock_;
  std::pair<Time, std::uint64_t> key_;
};

std::unique_ptr<Alarm> VirtualClock::ring_at(Time when, Wait& wait) {
  return std::make_unique<Ring>(*this, when, wait);
}

bool VirtualClock::advance() {
  if (alarms_.empty()) return false;
  const auto first = alarms_.begin();
  now_ = first->first.first;
  Wait* wait = first->second;
  alarms_.erase(first);
  wait->resume();
  return true;
}

}  // namespace kai
