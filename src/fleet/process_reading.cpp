#include "fleet/process_reading.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace kai {

namespace {

namespace fs = std::filesystem;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessReading read_process() {
  ProcessReading reading;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0) {
    reading.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  }
  const std::int64_t page = ::sysconf(_SC_PAGESIZE);
  std::ifstream statm("/proc/self/statm");
  std::int64_t addresses = 0;
  std::int64_t resident = 0;
  if (statm >> addresses >> resident) {
    reading.addresses = Bytes(addresses * page);
    reading.resident = Bytes(resident * page);
  }
  std::error_code error;
  std::int64_t files = 0;
  for (fs::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error)) {
    ++files;
  }
  if (!error) reading.files_open = files - 1;  // one of them is the list itself
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    reading.files_max = static_cast<std::int64_t>(limit.rlim_cur);
  }
  return reading;
}

}  // namespace kai
