#include "fleet/host.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace kai {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
constexpr int levels_max = 32;  // of nested control groups

// The first number in a file; nothing: no file, or it says "max".
std::optional<std::int64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

// The first word in a file; empty: no file.
std::string word_in(const fs::path& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

// The number after `key` in a file of lines "key number"; 0: not there.
std::int64_t field_in(const fs::path& path, std::string_view key) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word;
    std::int64_t number = 0;
    if (words >> word >> number && word == key) return number;
  }
  return 0;
}

// The process's group in the hierarchy of `controller` ("": version 2), from /proc/self/cgroup.
std::optional<std::string> group_of(const HostFiles& files, std::string_view controller) {
  std::ifstream file(files.proc + "/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    // "4:cpu,cpuacct:/some/group"
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::istringstream names(line.substr(first + 1, second - first - 1));
    std::string name;
    bool found = controller.empty() && second == first + 1;
    while (!found && std::getline(names, name, ',')) found = name == controller;
    if (found) return line.substr(second + 1);
  }
  return std::nullopt;
}

// The folders of the group and of all above it: each may set a limit.
std::vector<fs::path> folders_of(const fs::path& root, const std::optional<std::string>& group) {
  std::vector<fs::path> folders;
  if (!group) return folders;
  fs::path rest = fs::path(*group).relative_path().lexically_normal();
  for (int level = 0; level < levels_max && !rest.empty() && rest != "."; ++level) {
    // Seen from inside a container, a group may lie above the root.
    if (!rest.string().starts_with("..")) folders.push_back(root / rest);
    rest = rest.parent_path();
  }
  folders.push_back(root);
  return folders;
}

// Cores of the smallest quota; infinity: none.
double quota(const HostFiles& files) {
  double cores = std::numeric_limits<double>::infinity();
  const auto take = [&](double time, double period) {
    if (time > 0 && period > 0) cores = std::min(cores, time / period);
  };
  for (const auto& folder : folders_of(files.cgroup, group_of(files, ""))) {
    std::ifstream file(folder / "cpu.max");  // "150000 100000" or "max 100000"
    double time = 0;
    double period = 0;
    if (file >> time >> period) take(time, period);
  }
  const fs::path v1 = fs::path(files.cgroup) / "cpu";
  for (const auto& folder : folders_of(v1, group_of(files, "cpu"))) {
    take(static_cast<double>(number_in(folder / "cpu.cfs_quota_us").value_or(-1)),
         static_cast<double>(number_in(folder / "cpu.cfs_period_us").value_or(0)));
  }
  return cores;
}

int affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails on machines of more than 1024 processors: then it bounds nothing.
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::numeric_limits<int>::max();
  return CPU_COUNT(&set);
}

// What a group's limit leaves, its file cache counted as free.
std::int64_t left(std::optional<std::int64_t> limit, std::optional<std::int64_t> used,
                  std::int64_t cache) {
  if (!limit || *limit <= 0) return no_limit;
  return std::max<std::int64_t>(0, *limit - std::max<std::int64_t>(0, used.value_or(0) - cache));
}

}  // namespace

double core_limit(const HostFiles& files) {
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  return std::min<double>(std::min(processors > 0 ? processors : 1, affinity()), quota(files));
}

int usable_cores(const HostFiles& files) {
  return std::max(1, static_cast<int>(std::floor(core_limit(files))));
}

Bytes memory_limit(const HostFiles& files) {
  std::int64_t bytes = field_in(files.proc + "/meminfo", "MemTotal:") * 1024;
  const auto bound = [&bytes](const fs::path& path) {
    const auto limit = number_in(path);
    if (limit && *limit > 0) bytes = std::min(bytes, *limit);
  };
  for (const auto& folder : folders_of(files.cgroup, group_of(files, ""))) {
    bound(folder / "memory.max");
  }
  const fs::path v1 = fs::path(files.cgroup) / "memory";
  for (const auto& folder : folders_of(v1, group_of(files, "memory"))) {
    bound(folder / "memory.limit_in_bytes");
  }
  return Bytes(bytes);
}

Bytes usable_memory(const HostFiles& files) {
  std::int64_t bytes = field_in(files.proc + "/meminfo", "MemAvailable:") * 1024;
  for (const auto& folder : folders_of(files.cgroup, group_of(files, ""))) {
    bytes =
        std::min(bytes, left(number_in(folder / "memory.max"), number_in(folder / "memory.current"),
                             field_in(folder / "memory.stat", "inactive_file")));
  }
  const fs::path v1 = fs::path(files.cgroup) / "memory";
  for (const auto& folder : folders_of(v1, group_of(files, "memory"))) {
    bytes = std::min(bytes, left(number_in(folder / "memory.limit_in_bytes"),
                                 number_in(folder / "memory.usage_in_bytes"),
                                 field_in(folder / "memory.stat", "total_inactive_file")));
  }
  return Bytes(bytes);
}

std::vector<GraphicsCard> graphics_cards(const HostFiles& files) {
  constexpr std::string_view display = "0x03";  // PCI's class of display controllers
  std::vector<GraphicsCard> cards;
  std::error_code error;
  for (fs::directory_iterator entry(files.pci, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path folder = entry->path();
    if (!word_in(folder / "class").starts_with(display)) continue;
    GraphicsCard card;
    const std::string vendor = word_in(folder / "vendor");
    if (vendor == "0x10de")
      card.maker = CardMaker::nvidia;
    else if (vendor == "0x1002")
      card.maker = CardMaker::amd;
    else if (vendor == "0x8086")
      card.maker = CardMaker::intel;
    else
      continue;
    card.bus = folder.filename();
    std::error_code none;
    card.driver = fs::read_symlink(folder / "driver", none).filename();
    cards.push_back(std::move(card));
  }
  std::ranges::sort(cards, {}, &GraphicsCard::bus);
  return cards;
}

RenderNode render_node(const HostFiles& files) {
  RenderNode found = RenderNode::none;
  std::error_code error;
  for (fs::directory_iterator entry(files.dev + "/dri", error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with("renderD")) continue;
    if (::access(entry->path().c_str(), R_OK | W_OK) == 0) return RenderNode::open;
    found = RenderNode::closed;
  }
  return found;
}

std::string distribution(const HostFiles& files) {
  std::ifstream file(files.etc + "/os-release");
  std::string own;
  std::string like;
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    std::string value = line.substr(equals + 1);
    std::erase(value, '"');
    if (line.starts_with("ID=")) own = value;
    if (line.starts_with("ID_LIKE=")) like = value;
  }
  return like.empty() ? own : own + " " + like;
}

}  // namespace kai
