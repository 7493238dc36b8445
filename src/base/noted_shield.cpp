#include "base/noted_shield.h"

#include <boost/asio/this_coro.hpp>

namespace kai {

namespace asio = boost::asio;

Task<NotedShield> NotedShield::raise() {
  NotedShield shield;
  *shield.noted_ = co_await cancelled();
  co_await asio::this_coro::reset_cancellation_state(
      [noted = shield.noted_](asio::cancellation_type) {
        *noted = true;
        return asio::cancellation_type::none;
      });
  co_return shield;
}

Task<bool> NotedShield::lower() {
  co_await unshield();
  co_return *noted_;
}

}  // namespace kai
