// other_thread: a value that another thread gives to a task.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <type_traits>
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

// Runs `work()` on a thread of its own and waits until `until` for what it gives. Nothing: it is
// not over, it threw (memory may run out there as anywhere), the running task was cancelled, or
// there was no thread to be had. The thread is left to itself then, and what it gives is thrown
// away: `work` must own all that it uses. For what may hang in the kernel, some times in a
// process's life.
template <class Work, class T = std::invoke_result_t<Work&>>
Task<std::optional<T>> on_thread_of_its_own(Clock& clock, Time until, Work work) {
  struct Slot {
    std::atomic<bool> given = false;
    std::optional<T> value;
  };
  constexpr Duration look_longest = std::chrono::milliseconds(64);
  auto slot = std::make_shared<Slot>();
  try {
    std::thread([slot, work = std::move(work)]() mutable {
      try {
        slot->value = work();
      } catch (const std::exception&) {
        slot->value.reset();
      }
      slot->given.store(true, std::memory_order_release);
    }).detach();
  } catch (const std::system_error&) {
    co_return std::nullopt;
  }
  // It looks instead of being told: the executor may be gone by the time that a thread wakes up.
  const auto given = [&slot] { return slot->given.load(std::memory_order_acquire); };
  Duration look = std::chrono::milliseconds(1);
  while (!given() && clock.now() < until) {
    co_await clock.sleep_until(std::min(until, clock.now() + look));
    look = std::min(look * 2, look_longest);
    if (co_await cancelled()) break;
  }
  if (!given()) co_return std::nullopt;
  co_return std::move(slot->value);
}

}  // namespace kai
