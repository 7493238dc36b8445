#include "base/task.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/ensure.h"

namespace kai {

namespace asio = boost::asio;

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
          asio::post(executor, std::move(handler));
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
