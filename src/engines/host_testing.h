// A host that speaks only as the test says, byte for byte, on a port of loopback.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task_group.h"
#include "engines/host.h"

namespace kai::testing_hosts {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

// What it does to one request, then it closes.
struct Script {
  std::string bytes;     // written first
  Duration pause{};      // before, …
  std::string then{};    // … then these
  bool stays = false;    // and keeps the connection until the peer leaves
  bool resets = false;   // ends it as one that dies
  bool endless = false;  // writes `then` until the peer leaves
};

inline std::string sse(const std::string& words) {
  return R"(data: {"choices":[{"index":0,"delta":{"content":")" + words + "\"}}]}\n\n";
}
inline const std::string finished =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n"
    "data: [DONE]\n\n";
inline std::string reply(const std::string& status, const std::string& type,
                         const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
// The head of a stream that ends with its connection.
inline const std::string stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
inline const std::string lines = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n";
inline const std::string list =
    reply("200 OK", "application/json", R"({"object":"list","data":[{"id":"m"},{"id":"n"}]})");

class ScriptedHost {
 public:
  ScriptedHost(asio::io_context& io, Clock& clock, std::uint16_t port = 0)
      : io_(io),
        clock_(clock),
        acceptor_(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), port)) {
    asio::co_spawn(io_, serve(), [](std::exception_ptr) {});
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void close() { acceptor_.close(); }

  // By what a request begins with, "GET /v1/models"; of several for one the last stays.
  void on(const std::string& beginning, Script script) {
    scripts_.emplace_back(beginning, std::move(script));
  }
  // How often, and the last of them.
  int count(const std::string& beginning) const {
    return static_cast<int>(std::ranges::count_if(
        requests_, [&](const std::string& one) { return one.starts_with(beginning); }));
  }
  std::string last(const std::string& beginning) const {
    std::string found;
    for (const auto& one : requests_) {
      if (one.starts_with(beginning)) found = one;
    }
    return found;
  }
  int left = 0;  // peers that left while it stayed

 private:
  Task<void> serve() {
    boost::system::error_code error;
    while (!error) {
      auto peer = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error) asio::co_spawn(io_, speak(std::move(peer)), [](std::exception_ptr) {});
    }
  }
  static Task<std::string> request_of(tcp::socket& peer) {
    std::string text;
    std::array<char, 4096> block;
    boost::system::error_code error;
    const auto whole = [&text] {
      const auto end = text.find("\r\n\r\n");
      const auto at = text.find("Content-Length: ");
      if (end == std::string::npos || at == std::string::npos) return false;
      return text.size() - end - 4 >= std::stoul(text.substr(at + 16));
    };
    while (!error && !whole()) {
      const auto size = co_await peer.async_read_some(
          asio::buffer(block), asio::redirect_error(asio::use_awaitable, error));
      text.append(block.data(), size);
    }
    co_return text;
  }
  Script script_for(const std::string& request) {
    for (auto at = scripts_.begin(); at != scripts_.end(); ++at) {
      if (!request.starts_with(at->first)) continue;
      const Script script = at->second;
      const auto more = std::find_if(std::next(at), scripts_.end(),
                                     [&](const auto& other) { return other.first == at->first; });
      if (more != scripts_.end()) scripts_.erase(at);
      return script;
    }
    return {reply("404 Not Found", "text/plain", "no")};
  }
  Task<void> speak(tcp::socket peer) {
    requests_.push_back(co_await request_of(peer));
    const Script script = script_for(requests_.back());
    boost::system::error_code error;
    const auto say = [&](const std::string& bytes) {
      return asio::async_write(peer, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, error));
    };
    co_await say(script.bytes);
    if (script.pause > Duration::zero()) co_await clock_.sleep_until(clock_.now() + script.pause);
    do {
      co_await say(script.then);
    } while (script.endless && !error);
    if (script.stays && !error) {
      std::array<char, 16> block;
      co_await peer.async_read_some(asio::buffer(block),
                                    asio::redirect_error(asio::use_awaitable, error));
    }
    if (script.stays || script.endless) ++left;
    if (script.resets) peer.set_option(asio::socket_base::linger(true, 0), error);
    peer.close(error);
  }

  asio::io_context& io_;
  Clock& clock_;
  tcp::acceptor acceptor_;
  std::deque<std::pair<std::string, Script>> scripts_;
  std::vector<std::string> requests_;
};

class HostTest : public testing::Test {
 protected:
  HostTest() {
    options_.name = "box";
    options_.host = "127.0.0.1";
    options_.base = "/v1";
    options_.port = there_.port();
    options_.reach_max = 300ms;
    options_.silence_max = 200ms;
    options_.look_waiting = 60ms;
    options_.try_again = 1ms;
    model_.id = ModelId("box/m");
    model_.host = DeviceId("box");
    model_.host_name = "m";
    ask_.member = MemberId("box/m");
    ask_.model = model_.id;
    ask_.device = model_.host;
    ask_.prompt = Tokens(5);
    ask_.answer_max = Tokens(8);
  }
  ~HostTest() override {
    there_.close();
    io_.restart();
    io_.run_for(1s);
  }

  Host& host() {
    if (!host_) {
      host_ =
          std::make_unique<Host>(io_.get_executor(), *clock_, options_, HostAccess{key_, {}}, 1);
    }
    return *host_;
  }
  void answers(Script script) { there_.on(post, std::move(script)); }
  void lists(Script script) { there_.on("GET /v1/models", std::move(script)); }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      result.emplace(std::move(value));
    });
    const Time until = clock_->now() + 20s;
    while (!result && clock_->now() < until) {
      io_.restart();
      io_.run_one_for(50ms);
    }
    EXPECT_TRUE(result) << "the task hangs";
    return std::move(*result);
  }
  Answer ask(Duration patience = 10s) {
    ask_.deadline = clock_->now() + patience;
    return run(host().ask({{Role::user, "Why?"}}, ask_, model_,
                          [this](const auto& step) { steps_.push_back(step); }));
  }
  void look() {
    run([](Host& host) -> Task<bool> {
      co_await host.look(Time::max());
      co_return true;
    }(host()));
  }
  Result<Residence::Loaded> load(Duration patience = 10s) {
    return run(host().load(model_, clock_->now() + patience, [](double) {}));
  }

  static constexpr const char* post = "POST /v1/chat/completions";
  asio::io_context io_{1};
  std::unique_ptr<Clock> clock_ = make_real_clock(io_.get_executor());
  ScriptedHost there_{io_, *clock_};
  HostOptions options_;
  std::string key_;
  Model model_;
  Ask ask_;
  std::vector<decltype(Event::what)> steps_;
  std::unique_ptr<Host> host_;
};

}  // namespace kai::testing_hosts
