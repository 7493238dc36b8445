#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>

#include "bench/load/mock.h"
#include "bench/load/until_stdin_ends.h"

namespace kai::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Socket = std::shared_ptr<tcp::socket>;

asio::awaitable<void> copy(Socket from, Socket to) {
  std::array<char, 16 * 1024> bytes{};
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  for (;;) {
    const auto [gone, got] = co_await from->async_read_some(asio::buffer(bytes), token);
    if (gone) break;
    const auto [lost, sent] = co_await asio::async_write(*to, asio::buffer(bytes, got), token);
    if (lost) break;
  }
  boost::system::error_code closed;
  to->shutdown(tcp::socket::shutdown_send, closed);
}

asio::awaitable<void> relay(Socket client, tcp::endpoint to) {
  const auto engine = std::make_shared<tcp::socket>(client->get_executor());
  co_await engine->async_connect(to, asio::use_awaitable);
  client->set_option(tcp::no_delay(true));
  engine->set_option(tcp::no_delay(true));
  asio::co_spawn(client->get_executor(), copy(engine, client), asio::detached);
  co_await copy(client, engine);
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, tcp::endpoint to) {
  for (;;) {
    const auto client =
        std::make_shared<tcp::socket>(co_await acceptor.async_accept(asio::use_awaitable));
    asio::co_spawn(acceptor.get_executor(), relay(client, to), asio::detached);
  }
}

}  // namespace

int run_relay(std::uint16_t to) {
  asio::io_context io{1};
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  fmt::print("{}\n", acceptor.local_endpoint().port());
  asio::co_spawn(io, accept(acceptor, {asio::ip::address_v4::loopback(), to}), asio::detached);
  run_until_stdin_ends(io);
  return 0;
}

}  // namespace kai::bench
