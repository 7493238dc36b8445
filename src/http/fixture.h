// What the tests of http/ share: a temporary folder, the real clock, and raw sockets for peers that
// do not speak HTTP properly.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/task_group.h"
#include "http/http.h"
#include "http/socket.h"

namespace kai::http {

class HttpTest : public testing::Test {
 protected:
  HttpTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kai-http-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    path = folder + "/socket";
  }
  ~HttpTest() override { std::filesystem::remove_all(folder); }

 public:
  // Runs `task` to its end, then ends the server and expects that nothing is left running.
  void run(Task<void> task) {
    bool finished = false;
    boost::asio::co_spawn(io, finish(std::move(task)), [&](std::exception_ptr error) {
      finished = true;
      server.reset();
      if (error) std::rethrow_exception(error);
    });
    io.run_for(std::chrono::seconds(30));
    EXPECT_TRUE(finished) << "the test's task hangs";
    EXPECT_TRUE(io.stopped()) << "something still waits after the end";
  }

  void start(Handler handler, const Limits& limits = {}) {
    auto started = serve(io.get_executor(), *clock, path, std::move(handler), limits);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }

  // The same on a TCP port; connect() and fetch from `address()` then.
  void start_tcp(Handler handler, const Limits& limits = {}, Refuse refuse = {}) {
    auto started = serve(io.get_executor(), *clock, Address("127.0.0.1", 0), std::move(handler),
                         limits, std::move(refuse));
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
    tcp_port = server->port();
    ASSERT_NE(tcp_port, 0);
  }

  Address address() const { return tcp_port == 0 ? Address(path) : Address("127.0.0.1", tcp_port); }

  Task<std::unique_ptr<Socket>> connect() {
    auto socket = co_await connect_to(*clock, address(), soon());
    EXPECT_TRUE(socket);
    co_return socket ? std::move(*socket) : nullptr;
  }

  // What a peer sends until it closes.
  Task<std::string> read_all(Socket& socket) {
    std::string all;
    for (;;) {
      auto bytes = co_await socket.read(*clock, soon());
      if (!bytes || bytes->empty()) co_return all;
      all += *bytes;
    }
  }

  // Far beyond what any step takes, so that it is reached only when something hangs.
  Time soon() const { return clock->now() + std::chrono::seconds(10); }

  boost::asio::io_context io;
  std::unique_ptr<Clock> clock = make_real_clock(io.get_executor());
  std::string folder;
  std::string path;
  std::unique_ptr<Server> server;
  std::uint16_t tcp_port = 0;

 private:
  static Task<void> finish(Task<void> task) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await std::move(task);
  }
};

}  // namespace kai::http
