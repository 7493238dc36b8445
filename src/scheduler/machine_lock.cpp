#include "scheduler/machine_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace kai {

namespace {

// flock() cannot be waited for without blocking the thread: look this often.
constexpr Duration look_again = std::chrono::milliseconds(20);

std::string path_in(const std::string& folder, const DeviceId& device) {
  return fmt::format("{}/{}.lock", folder, device.text);
}

void write_own_id(int file) {
  const std::string id = std::to_string(::getpid());
  // The id only serves the message that others print: a failure to write it harms nothing.
  if (::ftruncate(file, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(file, id.data(), id.size(), 0);
}

}  // namespace

// Whether the device is ours now: already, or from here on. Errors: storage.
Result<bool> MachineLock::take(const DeviceId& device) {
  if (const auto held = ours_.find(device); held != ours_.end()) {
    ++held->second.holders;
    return true;
  }
  const std::string path = path_in(folder_, device);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    return fail(ErrorCode::storage,
                fmt::format("{} cannot be opened: {}; set KAI_RUNTIME_FOLDER to a folder "
                            "that can be written",
                            path, std::generic_category().message(errno)));
  }
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    ::close(file);
    return false;
  }
  write_own_id(file);
  ours_[device] = {file, 1};
  return true;
}

void MachineLock::give_back(const std::vector<DeviceId>& devices) {
  for (const auto& device : devices) {
    const auto held = ours_.find(device);
    if (--held->second.holders > 0) continue;
    ::close(held->second.file);
    ours_.erase(held);
  }
}

std::string MachineLock::holder_of(const DeviceId& device) const {
  const int file = ::open(path_in(folder_, device).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  std::array<char, 32> text{};
  const ssize_t size = file < 0 ? -1 : ::read(file, text.data(), text.size() - 1);
  if (file >= 0) ::close(file);
  return size > 0 ? fmt::format(" (process {})", text.data()) : std::string();
}

Task<Result<MachineLock::Held>> MachineLock::hold(std::vector<DeviceId> devices, Time until,
                                                  OnWait on_wait) {
  if (folder_.empty()) co_return Held(this, {});
  // Everybody takes them in the same order, so that two never wait for each other.
  std::ranges::sort(devices);
  std::vector<DeviceId> got;
  const auto give_up = [&](Error error) {
    give_back(got);
    return std::unexpected(std::move(error));
  };
  bool told = false;
  for (const auto& device : devices) {
    for (;;) {
      auto taken = take(device);
      if (!taken) co_return give_up(std::move(taken.error()));
      if (*taken) break;
      const std::string holder = holder_of(device);
      if (!std::exchange(told, true) && on_wait) {
        on_wait(fmt::format("another kai{} is using {}; waiting for it", holder, device.text));
      }
      const Time now = clock_.now();
      if (now >= until) {
        co_return give_up(
            {ErrorCode::overloaded,
             fmt::format("another kai{} kept {} until the deadline; ask again when "
                         "it is done, or allow more time (--deadline, or deadline_ms)",
                         holder, device.text)});
      }
      co_await clock_.sleep_until(std::min(until, now + look_again));
      if (co_await cancelled()) {
        co_return give_up({ErrorCode::cancelled, "cancelled while waiting"});
      }
    }
    got.push_back(device);
  }
  co_return Held(this, std::move(got));
}

}  // namespace kai
