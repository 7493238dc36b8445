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

std::string holder_of(int file) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(file, text.data(), text.size() - 1, 0);
  return size > 0 ? fmt::format(" (process {})", text.data()) : std::string();
}

void write_own_id(int file) {
  const std::string id = std::to_string(::getpid());
  // The id only serves the message that others print: a failure to write it harms nothing.
  if (::ftruncate(file, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(file, id.data(), id.size(), 0);
}

}  // namespace

MachineLock::Held::~Held() {
  for (const int file : files_) ::close(file);
}

Task<Result<MachineLock::Held>> MachineLock::hold(std::vector<DeviceId> devices, Time until,
                                                  OnWait on_wait) {
  Held held({});
  if (folder_.empty()) co_return held;
  // Everybody takes them in the same order, so that two never wait for each other.
  std::ranges::sort(devices);
  std::vector<int> files;
  const auto give_up = [&files](ErrorCode code, std::string message) {
    for (const int file : files) ::close(file);
    return fail(code, std::move(message));
  };
  bool told = false;
  for (const auto& device : devices) {
    const std::string path = fmt::format("{}/{}.lock", folder_, device.text);
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
      co_return give_up(ErrorCode::storage,
                        fmt::format("{} cannot be opened: {}; set KAI_RUNTIME_FOLDER to a folder "
                                    "that can be written",
                                    path, std::generic_category().message(errno)));
    }
    files.push_back(file);
    while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      const std::string holder = holder_of(file);
      if (!std::exchange(told, true) && on_wait) {
        on_wait(fmt::format("another kai{} is using {}; waiting for it", holder, device.text));
      }
      const Time now = clock_.now();
      if (now >= until) {
        co_return give_up(ErrorCode::overloaded,
                          fmt::format("another kai{} kept {} until the deadline; ask again when "
                                      "it is done, or allow more time with --deadline",
                                      holder, device.text));
      }
      co_await clock_.sleep_until(std::min(until, now + look_again));
      if (co_await cancelled()) co_return give_up(ErrorCode::cancelled, "cancelled while waiting");
    }
    write_own_id(file);
  }
  co_return Held(std::move(files));
}

}  // namespace kai
