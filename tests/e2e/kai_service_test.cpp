// kai under a service manager, which is played by a socket.
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class ServiceManager : public Server {
 protected:
  // Listens as systemd does, and names its socket to who is started from now on.
  void listen() {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path("notify");
    ASSERT_LT(name.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, name.data(), name.size());
    ASSERT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    set("NOTIFY_SOCKET", name);
  }
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    if (socket_ >= 0) ::close(socket_);
    Server::TearDown();
  }
  // The next message that has `words`, within `limit`; empty: none came.
  std::string hear(const std::string& words, std::chrono::seconds limit = 30s) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      pollfd input{socket_, POLLIN, 0};
      if (::poll(&input, 1, 100) <= 0) continue;
      std::array<char, 512> text{};
      const ssize_t size = ::recv(socket_, text.data(), text.size(), 0);
      const std::string said(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
      if (said.contains(words)) return said;
    }
    return {};
  }

  int socket_ = -1;
};

TEST_F(ServiceManager, HearsOfReadinessReloadingAndTheEnd) {
  listen();
  set("WATCHDOG_USEC", "200000");
  serve();
  const std::string ready = hear("READY=1");
  EXPECT_TRUE(ready.contains("STATUS=kai serves at http://127.0.0.1:")) << ready;
  EXPECT_EQ(status_of("/readyz"), "200") << "it is ready when it says so";
  EXPECT_FALSE(hear("WATCHDOG=1", 5s).empty());
  EXPECT_FALSE(hear("WATCHDOG=1", 5s).empty()) << "again and again";
  ASSERT_EQ(::kill(pid(), SIGHUP), 0);
  const std::string reloading = hear("RELOADING=1", 5s);
  EXPECT_TRUE(reloading.contains("MONOTONIC_USEC=")) << reloading;
  EXPECT_FALSE(hear("READY=1", 5s).empty());
  ASSERT_EQ(::kill(pid(), SIGTERM), 0);
  EXPECT_FALSE(hear("STOPPING=1", 10s).empty());
  EXPECT_TRUE(until([&] { return server_->dead(); }, 20s));
}

TEST_F(ServiceManager, OneThatDoesNotListenIsNoReasonNotToServe) {
  set("NOTIFY_SOCKET", path("nobody"));
  serve();
  wait_until_ready();
  EXPECT_EQ(status_of("/healthz"), "200");
}

TEST_F(ServiceManager, AWatchdogOfAnotherProcessIsNotAnswered) {
  listen();
  set("WATCHDOG_USEC", "100000");
  set("WATCHDOG_PID", "1");
  serve();
  EXPECT_FALSE(hear("READY=1").empty());
  EXPECT_TRUE(hear("WATCHDOG=1", 1s).empty());
}

}  // namespace
}  // namespace kai
