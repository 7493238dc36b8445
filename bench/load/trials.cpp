#include "bench/load/trials.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "bench/load/traffic.h"
#include "bench/rows.h"

namespace kai::bench {

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

Error of(const Target& target, const Error& error) {
  return {error.code, fmt::format("{}: {}", target.name, error.message)};
}

Result<Received> good(const Target& target, Result<Received> received) {
  if (!received) return std::unexpected(of(target, received.error()));
  if (received->status != 200) {
    return fail(ErrorCode::internal,
                fmt::format("{} answers with status {}", target.name, received->status));
  }
  return received;
}

}  // namespace

Result<std::vector<std::vector<double>>> ask_in_turn(const std::vector<Target>& targets,
                                                     int rounds) {
  std::vector<Connection> connections;
  for (const auto& target : targets) {
    auto connection = Connection::open(target.server->port());
    if (!connection) return std::unexpected(of(target, connection.error()));
    connections.push_back(*std::move(connection));
  }
  std::vector<std::vector<double>> times(targets.size());
  constexpr int warm_up = 20;
  for (int round = -warm_up; round < rounds; ++round) {
    for (std::size_t which = 0; which < targets.size(); ++which) {
      const auto& target = targets[which];
      const auto received = good(
          target, connections[which].ask(chat_request(target.model, false, "", target.headers)));
      if (!received) return std::unexpected(received.error());
      if (round >= 0) times[which].push_back(received->whole);
    }
  }
  return times;
}

Result<Crowd> crowd(const Target& target, int clients, double seconds, bool stream,
                    std::string_view more) {
  const std::string request = chat_request(target.model, stream, more, target.headers);
  std::atomic<int> ready = 0, answers = 0, events = 0;
  std::atomic<bool> go = false, over = false;
  std::mutex mutex;
  std::optional<Error> fault;
  const auto give_up = [&](const Error& error) {
    const std::scoped_lock lock(mutex);
    if (!fault) fault = error;
    over = true;
  };
  std::vector<std::jthread> threads;
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&] {
      auto connection = Connection::open(target.server->port());
      if (!connection) return give_up(of(target, connection.error()));
      if (const auto first = good(target, connection->ask(request)); !first) {
        return give_up(first.error());
      }
      ++ready;
      while (!go && !over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      while (!over) {
        const auto received = good(target, connection->ask(request));
        if (!received) return give_up(received.error());
        ++answers;
        events += received->events;
      }
    });
  }
  while (ready < clients && !over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto begun = Clock::now();
  const double used = target.server->processor_seconds();
  go = true;
  while (since(begun) < seconds && !over) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  over = true;
  threads.clear();
  const double took = since(begun);
  if (fault) return std::unexpected(*fault);
  const double processor = target.server->processor_seconds() - used;
  return Crowd{answers / took, processor / std::max(1, answers.load()),
               processor / std::max(1, events.load())};
}

Result<double> hang_up(const Target& target, const std::function<Result<int>()>& engine_open) {
  std::optional<Clock::time_point> left;
  {
    auto connection = Connection::open(target.server->port());
    if (!connection) return std::unexpected(of(target, connection.error()));
    if (auto sent = connection->send(chat_request(target.model, true)); !sent) {
      return std::unexpected(sent.error());
    }
    const auto begun = connection->read_some(64, std::chrono::seconds(10));
    if (!begun) return std::unexpected(of(target, begun.error()));
    // kai's first bytes may come before the engine's.
    for (const auto waited = Clock::now();;) {
      const auto open = engine_open();
      if (!open) return std::unexpected(open.error());
      if (*open > 0) break;
      if (since(waited) > 10) return fail(ErrorCode::deadline, "the engine is not asked");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    left = Clock::now();
  }
  while (since(*left) < 10) {
    const auto open = engine_open();
    if (!open) return std::unexpected(open.error());
    if (*open == 0) return since(*left);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return fail(ErrorCode::deadline, target.name + " goes on for who has left");
}

Result<SlowReader> read_slowly(const Target& target, double seconds) {
  auto other = Connection::open(target.server->port());
  auto slow = Connection::open(target.server->port());
  if (!other || !slow) return fail(ErrorCode::storage, target.name + " takes no connection");
  const auto usual = [&](int rounds) -> Result<double> {
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
      const auto received = good(target, other->ask(get_request("/v1/models")));
      if (!received) return std::unexpected(received.error());
      times.push_back(received->whole);
    }
    return median(times);
  };
  const auto alone = usual(500);
  if (!alone) return std::unexpected(alone.error());
  const Bytes before = target.server->resident();
  if (auto sent = slow->send(chat_request(target.model, true)); !sent) {
    return std::unexpected(sent.error());
  }
  SlowReader result;
  std::vector<double> beside;
  for (const auto begun = Clock::now(); since(begun) < seconds;) {
    // It may be cut off: that bounds it, too.
    if (!slow->read_some(1, std::chrono::milliseconds(10))) break;
    for (const auto read = Clock::now(); since(read) < 1;) {
      const auto meanwhile = usual(20);
      if (!meanwhile) return std::unexpected(meanwhile.error());
      beside.push_back(*meanwhile);
      result.grown = std::max(result.grown, target.server->resident() - before);
    }
  }
  result.others = beside.empty() ? 0 : median(beside) / *alone;
  return result;
}

namespace {

// Reads what watchers are told, and throws it away, so that nobody waits for them.
class Drain {
 public:
  explicit Drain(const std::vector<Connection>& connections) : epoll_(::epoll_create1(0)) {
    for (const auto& connection : connections) {
      epoll_event event{.events = EPOLLIN, .data = {.fd = connection.descriptor()}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor(), &event);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;
  ~Drain() {
    thread_ = {};
    ::close(epoll_);
  }
  double megabytes() const { return 1e-6 * static_cast<double>(bytes_.load()); }

 private:
  void run(const std::stop_token& stop) {
    std::array<epoll_event, 256> events{};
    std::vector<char> block(256 * 1024);
    while (!stop.stop_requested()) {
      const int ready = ::epoll_wait(epoll_, events.data(), events.size(), 50);
      for (int at = 0; at < ready; ++at) {
        const int from = events[static_cast<std::size_t>(at)].data.fd;
        const auto got = ::recv(from, block.data(), block.size(), MSG_DONTWAIT);
        if (got > 0) bytes_ += got;
        if (got == 0) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, from, nullptr);
      }
    }
  }

  int epoll_;
  std::atomic<std::int64_t> bytes_ = 0;
  std::jthread thread_;
};

}  // namespace

Result<Watched> watch_and_ask(const Target& target, int watchers, int questions) {
  std::vector<Connection> watching;
  for (int count = 0; count < watchers; ++count) {
    auto connection = Connection::open(target.server->port());
    if (!connection) return std::unexpected(of(target, connection.error()));
    if (auto sent = connection->send(get_request("/api/v1/events")); !sent) {
      return std::unexpected(of(target, sent.error()));
    }
    const auto begun = connection->read_some(64, std::chrono::seconds(10));
    if (!begun || *begun == 0) {
      return fail(ErrorCode::lane_lost, fmt::format("{} takes {} watchers", target.name, count));
    }
    watching.push_back(*std::move(connection));
  }
  const Drain drain(watching);
  std::this_thread::sleep_for(std::chrono::seconds(2));
  Watched watched{.resident = target.server->resident()};
  const std::string request = chat_request(target.model, false);
  std::mutex mutex;
  std::optional<Error> fault;
  std::vector<std::jthread> threads;
  const auto begun = Clock::now();
  for (int question = 0; question < questions; ++question) {
    threads.emplace_back([&] {
      auto connection = Connection::open(target.server->port());
      auto received = connection ? connection->ask(request) : std::unexpected(connection.error());
      const std::scoped_lock lock(mutex);
      if (!received) {
        fault = of(target, received.error());
      } else if (received->status == 200) {
        ++watched.answered;
      } else if (received->status == 429 || received->status == 503) {
        ++watched.refused;
      } else {
        fault = {ErrorCode::internal, fmt::format("status {}", received->status)};
      }
      watched.longest = std::max(watched.longest, since(begun));
    });
  }
  threads.clear();
  if (fault) return std::unexpected(*fault);
  watched.told = drain.megabytes();
  return watched;
}

}  // namespace kai::bench
