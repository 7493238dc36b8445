#include "bench/load/server.h"

#include <fmt/format.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <thread>

#include "bench/load/traffic.h"

namespace kai::bench {

namespace {

constexpr auto start_max = std::chrono::seconds(20);
constexpr auto peer_start_max = std::chrono::minutes(1);

Result<std::unique_ptr<Process>> on_core(int core, const std::vector<std::string>& arguments,
                                         const std::string& log) {
  std::vector<std::string> pinned{"/usr/bin/taskset", "-c", std::to_string(core)};
  pinned.insert(pinned.end(), arguments.begin(), arguments.end());
  return Process::start(pinned, log);
}

// The number that a line ends with.
Result<std::uint16_t> port_said(int output, const std::string& program) {
  const auto latest = std::chrono::steady_clock::now() + start_max;
  std::string said;
  while (!said.ends_with('\n')) {
    pollfd ready{output, POLLIN, 0};
    char byte = 0;
    if (::poll(&ready, 1, 100) > 0 && ::read(output, &byte, 1) != 1) {
      return fail(ErrorCode::lane_lost, program + " ended before it served");
    }
    if (byte != 0) said += byte;
    if (std::chrono::steady_clock::now() > latest) {
      return fail(ErrorCode::deadline, program + " does not say where it serves");
    }
  }
  said.pop_back();
  const auto digits = said.find_last_not_of("0123456789") + 1;
  std::uint16_t port = 0;
  std::from_chars(said.data() + digits, said.data() + said.size(), port);
  if (port == 0) return fail(ErrorCode::lane_lost, program + " says: " + said);
  return port;
}

}  // namespace

Result<Server> Server::start(int core, const std::vector<std::string>& arguments,
                             const std::string& log) {
  auto process = on_core(core, arguments, log);
  if (!process) return std::unexpected(process.error());
  const auto port = port_said((*process)->output(), arguments.front());
  if (!port) return std::unexpected(port.error());
  return Server(*std::move(process), *port);
}

Result<Server> Server::start_at(std::uint16_t port, int core,
                                const std::vector<std::string>& arguments, const std::string& log) {
  auto process = on_core(core, arguments, log);
  if (!process) return std::unexpected(process.error());
  const auto latest = std::chrono::steady_clock::now() + peer_start_max;
  while (!Connection::open(port)) {
    if (std::chrono::steady_clock::now() > latest || (*process)->dead()) {
      return fail(ErrorCode::deadline, fmt::format("{} does not serve; see {}", arguments[0], log));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Server(*std::move(process), port);
}

double Server::processor_seconds() const {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(process_->id(), &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
    return 0;
  }
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

Bytes Server::resident() const {
  std::ifstream file(fmt::format("/proc/{}/statm", process_->id()));
  std::int64_t total = 0, resident = 0;
  file >> total >> resident;
  return Bytes(resident * ::sysconf(_SC_PAGESIZE));
}

}  // namespace kai::bench
