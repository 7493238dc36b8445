#include "store/process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>

namespace kai {

namespace {

std::string first_line(const std::string& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

// Field 22 of /proc/PID/stat, in ticks since boot; empty: no such process, or a zombie, which
// answers nothing any more. Field 2, the program's name, may hold blanks and brackets.
std::string start_time(const std::string& pid) {
  const std::string line = first_line("/proc/" + pid + "/stat");
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22 && rest >> field; ++number) {
    if (number == 3 && (field == "Z" || field == "X")) return {};
  }
  return rest ? field : std::string();
}

std::string name_of(const std::string& pid) {
  return fmt::format("{} {} {}", first_line("/proc/sys/kernel/random/boot_id"), pid,
                     start_time(pid));
}

}  // namespace

std::string this_process() {
  return name_of(std::to_string(::getpid()));
}

bool process_lives(const std::string& name) {
  std::istringstream words(name);
  std::string boot, pid, start;
  if (!(words >> boot >> pid >> start)) return false;
  for (const char c : pid) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return false;
  }
  return name_of(pid) == name;
}

}  // namespace kai
