#include "base/clock.h"

#include <boost/asio/steady_timer.hpp>

namespace kai {

namespace {

// All alarms behind one timer of the system, which is set for the earliest: most alarms are taken
// back long before their time, and that must cost next to nothing.
class RealClock final : public Clock {
 public:
  explicit RealClock(const Executor& executor) : alarms_(std::make_shared<Alarms>(executor)) {}
  ~RealClock() override { alarms_->timer.cancel(); }
  Time now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
  std::unique_ptr<Alarm> ring_at(Time when, Wait& wait) override {
    return std::make_unique<Ring>(alarms_, when, wait);
  }

 private:
  using Key = std::pair<Time, std::uint64_t>;  // the second: in the order they were set

  // Shared with the handler of the timer, which may run after the clock's end.
  struct Alarms : std::enable_shared_from_this<Alarms> {
    explicit Alarms(const Executor& executor) : timer(executor) {}

    Key add(Time when, Wait& wait) {
      const Key key(when, order++);
      waiting.emplace(key, &wait);
      set(when);
      return key;
    }

    // The timer stays set for what is gone, unless nothing is left: ring() sees it.
    void take_back(const Key& key) {
      if (waiting.erase(key) == 0 || !waiting.empty()) return;
      timer.cancel();
      set_for = Time::max();
    }

    void set(Time when) {
      if (when >= set_for) return;
      set_for = when;
      timer.expires_at(when);
      timer.async_wait([weak = weak_from_this()](const auto& error) {
        const auto alive = weak.lock();
        if (alive && !error) in_one_turn([&] { alive->ring(); });
      });
    }

    // What is set meanwhile rings at another turn, however early it is: others run in between.
    void ring() {
      set_for = Time::max();
      const Time now = std::chrono::steady_clock::now();
      const std::uint64_t latest = order;
      while (!waiting.empty()) {
        const auto [key, wait] = *waiting.begin();
        if (key.first > now || key.second >= latest) break;
        waiting.erase(waiting.begin());
        wait->resume();
      }
      if (!waiting.empty()) set(waiting.begin()->first.first);
    }

    boost::asio::steady_timer timer;
    Time set_for = Time::max();  // later than all: it is not set
    std::uint64_t order = 0;
    std::map<Key, Wait*> waiting;
  };

  class Ring final : public Alarm {
   public:
    Ring(const std::shared_ptr<Alarms>& alarms, Time when, Wait& wait)
        : alarms_(alarms), key_(alarms->add(when, wait)) {}
    ~Ring() override { alarms_->take_back(key_); }

   private:
    std::shared_ptr<Alarms> alarms_;
    Key key_;
  };

  std::shared_ptr<Alarms> alarms_;
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
