// Task: a lazy coroutine on kai's one thread, and Wait: the leaf on which tasks sleep.
//
// A Task is boost::asio's awaitable. Cancellation is data, not an exception: a cancelled task finds
// every wait returning at once, asks `co_await cancelled()`, and returns what it has so far.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>

namespace kai {

template <class T = void>
using Task = boost::asio::awaitable<T>;

using Executor = boost::asio::any_io_executor;

// `co_await wait.until_resumed()` sleeps until resume() or until the sleeping task is cancelled.
// One sleeper at a time. A resume() that finds nobody asleep is remembered once, so "resume, then
// sleep" does not sleep for ever. The Wait must outlive its sleeper.
class Wait {
 public:
  Wait() = default;
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;
  ~Wait();

  Task<void> until_resumed();
  void resume();

 private:
  std::move_only_function<void()> sleeper_;
  bool resumed_ = false;
};

// Calls `act`, and then runs on, before it returns, the tasks that were resumed meanwhile: what one
// piece of news sets off happens in one go, without a look at the system between two tasks. For the
// outermost call of an executor's own thread. Passes on what any of them throws; the others run
// later. After some dozens of tasks those of other news have their turn.
void in_one_turn(const std::function<void()>& act);

// Whether the running task was asked to stop.
Task<bool> cancelled();

// From here on the running task sees no cancellation: for tidying up that needs to wait.
Task<void> shield();
// The end of that. A cancellation that came meanwhile is lost: whoever sends one has to leave a
// sign of its own, to be looked at behind this.
Task<void> unshield();

}  // namespace kai
