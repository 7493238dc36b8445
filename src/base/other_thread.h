// other_thread: a value that another thread gives to a task.
#pragma once

#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/task.h"

namespace kai {

// Calls `begin(give)` at once and waits until `give(value)` was called, once and from any thread.
// Nothing: `until` came, or the running task was cancelled; a value that comes later is thrown
// away. `executor` must take work until `give` is called or destroyed.
template <class T, class Begin>
Task<std::optional<T>> from_other_thread(Executor executor, Clock& clock, Time until, Begin begin) {
  struct Slot {
    Wait given;
    std::optional<T> value;
  };
  auto slot = std::make_shared<Slot>();
  begin([executor, weak = std::weak_ptr(slot)](T value) {
    boost::asio::post(executor, [weak, value = std::move(value)]() mutable {
      const auto alive = weak.lock();
      if (!alive) return;
      alive->value = std::move(value);
      alive->given.resume();
    });
  });
  while (!slot->value && clock.now() < until) {
    co_await clock.sleep_on(slot->given, until);
    if (!slot->value && co_await cancelled()) break;
  }
  co_return std::move(slot->value);
}

}  // namespace kai
