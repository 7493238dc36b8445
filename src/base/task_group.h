// TaskGroup: several tasks side by side, their results taken as they finish.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/task.h"

namespace kai {

// The owner starts tasks, takes results with next(), and calls `co_await join()` before the group
// dies: nothing outlives it. T must be movable. What a result takes is freed once it was taken. An
// exception of a task is its owner's: next() and join() throw it once the other tasks, which are
// cancelled then, have ended.
template <class T>
class TaskGroup {
 public:
  struct Finished {
    std::size_t index;  // as start() numbered them, from 0
    T value;
  };

  explicit TaskGroup(Executor executor) : executor_(std::move(executor)) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup() { ensure(running_ == 0, "a TaskGroup died before join()"); }

  // Begins to run `task` at the next turn of the executor.
  std::size_t start(Task<T> task) {
    const std::size_t index = next_index_++;
    Child& child = children_[index];
    ++running_;
    boost::asio::co_spawn(
        executor_, supervise(child, std::move(task)),
        boost::asio::bind_cancellation_slot(
            child.signal.slot(), [this, index](std::exception_ptr error, std::optional<T> value) {
              children_.at(index).done = true;
              --running_;
              if (error) {
                if (!fault_) fault_ = std::move(error);
              } else {
                finished_.push_back({index, std::move(*value)});
              }
              changed_.resume();
            }));
    return index;
  }

  // Asks a task to stop; its result still arrives through next(). No effect on a finished one. May
  // be said again: what a task was told while it was shielded it does not know of.
  void cancel(std::size_t index) {
    if (const auto child = children_.find(index); child != children_.end()) {
      cancel(index, child->second);
    }
  }
  // The same from inside the task itself, which must have come to a wait before it can be stopped:
  // at the executor's next turn, if the group is still there by then.
  void cancel_soon(std::size_t index) {
    boost::asio::post(executor_, [this, index, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) cancel(index);
    });
  }
  void cancel_all() {
    for (auto& [index, child] : children_) cancel(index, child);
  }

  // The next result, in the order of finishing. Nothing: all were taken, `until` came, or the
  // running task was cancelled.
  Task<std::optional<Finished>> next(Clock& clock, Time until) {
    while (!fault_ && finished_.empty() && running_ > 0 && clock.now() < until) {
      co_await clock.sleep_on(changed_, until);
      if (finished_.empty() && co_await cancelled()) break;
    }
    if (fault_) co_await join();
    co_return take();
  }

  // Cancels what still runs, waits for it, and gives the results not yet taken. Sees no
  // cancellation itself, nor does its caller one that comes meanwhile: cancelled tasks end soon by
  // their own promise.
  Task<std::vector<Finished>> join() {
    cancel_all();
    co_await shield();
    while (running_ > 0) co_await changed_.until_resumed();
    co_await unshield();
    if (fault_) std::rethrow_exception(std::exchange(fault_, nullptr));
    std::vector<Finished> rest;
    while (auto result = take()) rest.push_back(std::move(*result));
    co_return rest;
  }

  std::size_t running() const { return running_; }
  std::size_t known() const { return children_.size(); }  // that run, or whose result waits

 private:
  struct Child {
    boost::asio::cancellation_signal signal;
    bool begun = false;
    bool done = false;
    bool cancel_requested = false;
  };

  static Task<std::optional<T>> supervise(Child& child, Task<T> task) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    child.begun = true;
    // A cancel before the first step would be lost in asio: deliver it here.
    if (child.cancel_requested) child.signal.emit(boost::asio::cancellation_type::terminal);
    co_return co_await std::move(task);
  }

  // From outside the executor asio would only post it, without a look at whether the task is still
  // there by then.
  void cancel(std::size_t index, Child& child) {
    if (child.done) return;
    child.cancel_requested = true;
    boost::asio::dispatch(executor_, [this, index, alive = std::weak_ptr(alive_)] {
      if (alive.expired()) return;
      const auto found = children_.find(index);
      if (found == children_.end() || !found->second.begun || found->second.done) return;
      found->second.signal.emit(boost::asio::cancellation_type::terminal);
    });
  }

  std::optional<Finished> take() {
    if (finished_.empty()) return std::nullopt;
    Finished first = std::move(finished_.front());
    finished_.pop_front();
    children_.erase(first.index);
    return first;
  }

  Executor executor_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is posted
  std::map<std::size_t, Child> children_;  // by index, until their result is taken
  std::size_t next_index_ = 0;
  std::deque<Finished> finished_;
  std::exception_ptr fault_;  // the first task's that threw
  std::size_t running_ = 0;
  Wait changed_;
};

}  // namespace kai
