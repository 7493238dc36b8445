#include "base/task.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "base/ensure.h"

namespace kai {

namespace asio = boost::asio;

namespace {

// Goes on at once, or else behind all that waits for the executor.
using Sleeper = std::move_only_function<void(bool at_once)>;

constexpr std::size_t turn_max = 64;

// Null: whoever is resumed is posted.
thread_local std::vector<Sleeper>* turn = nullptr;

}  // namespace

Wait::~Wait() {
  ensure(!sleeper_, "a Wait was destroyed while a task slept on it");
}

Task<void> Wait::until_resumed() {
  if (std::exchange(resumed_, false) || co_await cancelled()) co_return;
  ensure(!sleeper_, "two tasks sleep on one Wait");
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        sleeper_ = [handler = std::move(handler)]() mutable {
          auto executor = asio::get_associated_executor(handler);
          if (turn == nullptr) return asio::post(executor, std::move(handler));
          turn->emplace_back([executor, handler = std::move(handler)](bool at_once) mutable {
            if (at_once) return asio::dispatch(executor, std::move(handler));
            asio::post(executor, std::move(handler));
          });
        };
        if (slot.is_connected()) {
          slot.assign([this](asio::cancellation_type) {
            if (auto sleeper = std::exchange(sleeper_, nullptr)) sleeper();
          });
        }
      },
      asio::use_awaitable);
}

void Wait::resume() {
  if (auto sleeper = std::exchange(sleeper_, nullptr)) {
    sleeper();
  } else {
    resumed_ = true;
  }
}

void in_one_turn(const std::function<void()>& act) {
  if (turn != nullptr) return act();
  std::vector<Sleeper> resumed;
  std::size_t next = 0;
  // Also where something is thrown: nobody who was resumed is forgotten.
  struct End {
    std::vector<Sleeper>& resumed;
    const std::size_t& next;
    ~End() {
      turn = nullptr;
      for (auto at = next; at < resumed.size(); ++at) resumed[at](false);
    }
  };
  const End end{resumed, next};
  turn = &resumed;
  act();
  while (next < resumed.size() && next < turn_max) {
    Sleeper sleeper = std::move(resumed[next++]);  // others may come while it runs
    sleeper(true);
  }
}

Task<bool> cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

Task<void> shield() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
}

Task<void> unshield() {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
}

}  // namespace kai
