// Finds GGUF files in folders.
#include <fmt/format.h>
#include <sys/stat.h>
#include <utf8.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <deque>
#include <filesystem>
#include <set>
#include <system_error>

#include "fleet/candidate.h"

namespace kai {

namespace fs = std::filesystem;

namespace {

constexpr int depth_max = 3;
constexpr std::size_t split_tail = std::string_view("-00001-of-00003.gguf").size();
constexpr int entries_max = 100'000;  // looked at in all, so that a mistaken "/" ends soon

bool ends_as_gguf(std::string_view name) {
  if (name.size() < 6) return false;
  name.remove_prefix(name.size() - 5);
  return std::ranges::equal(name, std::string_view(".gguf"), {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

std::string reason(int error) {
  if (error == ENOENT) return "is a link to a file that does not exist";
  if (error == ELOOP) return "is a link that leads back to itself";
  if (error == EACCES) return "cannot be reached; check the permissions of its folders";
  return "cannot be looked at: " + std::generic_category().message(error);
}

// Five digits, as llama.cpp writes them.
std::optional<int> five_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() != 5 || error != std::errc() || end != text.data() + 5 || number < 1) {
    return std::nullopt;
  }
  return number;
}

struct Place {
  std::string path;
  int depth = 0;
};

class FolderSearch {
 public:
  explicit FolderSearch(int files_max) : files_max_(files_max) {}

  Search run(const std::string& start) {
    look({start, -1});
    while (!places_.empty()) {
      const Place place = std::move(places_.front());
      places_.pop_front();
      list(place);
    }
    refuse_empty_folders();
    std::ranges::sort(found_.candidates, {}, &FoundFile::path);
    if (entries_ > entries_max) {
      found_.notes.push_back(fmt::format(
          "{} holds more than {} files and folders; only those were looked at: name a narrower "
          "folder in kai.toml",
          start, entries_max));
    }
    return std::move(found_);
  }

 private:
  // An entry at `place.depth` below the start; the start itself at -1.
  void look(const Place& place) {
    std::error_code error;
    const std::string name = fs::path(place.path).filename();
    if (fs::is_directory(place.path, error)) {
      if (ends_as_gguf(name)) folders_as_gguf_.push_back(place.path);
      if (place.depth < depth_max) places_.push_back({place.path, place.depth + 1});
      return;
    }
    if (!ends_as_gguf(name)) return;
    const auto split = split_name(name);
    FoundFile candidate = look_at(place.path);
    candidate.name = split ? split->whole : name;
    if (split && !joined(candidate, *split)) return;
    add(std::move(candidate));
  }

  void list(const Place& place) {
    found_.folders.push_back(place.path);
    std::error_code error;
    fs::directory_iterator entries(place.path, error);
    if (error) {
      found_.notes.push_back(
          fmt::format("the folder {} cannot be read: {}", place.path, error.message()));
      return;
    }
    // A directory's own order is none: sorted, the same files make the same fleet.
    std::vector<std::string> paths;
    for (; entries != fs::directory_iterator(); entries.increment(error)) {
      if (++entries_ > entries_max) break;
      paths.push_back(entries->path());
    }
    std::ranges::sort(paths);
    for (auto& path : paths) look({std::move(path), place.depth});
  }

  // Takes the other parts' sizes into the first's. False: another part stands for all.
  static bool joined(FoundFile& first, const SplitName& split) {
    const fs::path path(first.path);
    const std::string name = path.filename();
    const auto part_path = [&](int part) {
      std::string other = name;
      other.replace(name.size() - split_tail + 1, 5, fmt::format("{:05}", part));
      return (path.parent_path() / other).string();
    };
    std::error_code error;
    if (split.part != 1) {
      if (fs::exists(part_path(1), error)) return false;
      first.refused = "is part of a split file whose first part is missing; fetch all of them";
      return true;
    }
    for (int part = 2; part <= split.parts && first.refused.empty(); ++part) {
      const FoundFile other = look_at(part_path(part));
      if (!other.refused.empty()) {
        first.refused = fmt::format("its part {} of {} is missing or broken; fetch it again", part,
                                    split.parts);
      }
      first.size += other.size;
      first.mtime_ns = std::max(first.mtime_ns, other.mtime_ns);
    }
    return true;
  }

  void add(FoundFile candidate) {
    // One file under several names is one model: it would vote twice.
    if (candidate.refused.empty() && !files_.insert(candidate.file).second) return;
    if (std::ssize(found_.candidates) >= files_max_) {
      if (left_out_++ == 0) {
        found_.notes.push_back(
            fmt::format("more than {} model files: {} and those after it are left out", files_max_,
                        candidate.path));
      }
      return;
    }
    found_.candidates.push_back(std::move(candidate));
  }

  // A folder named like a model is only worth a word if no model lies in it.
  void refuse_empty_folders() {
    for (const auto& folder : folders_as_gguf_) {
      const bool used = std::ranges::any_of(found_.candidates, [&](const FoundFile& candidate) {
        return candidate.path.starts_with(folder + "/");
      });
      if (used) continue;
      FoundFile candidate = look_at(folder);
      candidate.name = fs::path(folder).filename();
      add(std::move(candidate));
    }
  }

  int files_max_;
  int entries_ = 0;
  int left_out_ = 0;
  std::deque<Place> places_;
  std::vector<std::string> folders_as_gguf_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> files_;
  Search found_;
};

}  // namespace

FoundFile look_at(const std::string& path) {
  FoundFile candidate;
  candidate.path = path;
  // Everything that speaks of it later, the workers' protocol above all, is UTF-8.
  if (!utf8::is_valid(path.begin(), path.end())) {
    candidate.refused = "has a path that is not valid UTF-8; rename it";
    return candidate;
  }
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    candidate.refused = reason(errno);
    return candidate;
  }
  candidate.size = Bytes(status.st_size);
  candidate.mtime_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  candidate.file = {status.st_dev, status.st_ino};
  if (S_ISDIR(status.st_mode)) {
    candidate.refused = "is a folder, not a GGUF file";
  } else if (!S_ISREG(status.st_mode)) {
    candidate.refused = "is not an ordinary file; it was not opened";
  } else if (status.st_size == 0) {
    candidate.refused = "is empty (0 bytes); fetch it again";
  }
  return candidate;
}

std::optional<SplitName> split_name(std::string_view file_name) {
  if (file_name.size() <= split_tail || !ends_as_gguf(file_name)) return std::nullopt;
  const std::string_view whole = file_name.substr(0, file_name.size() - split_tail);
  const std::string_view end = file_name.substr(file_name.size() - split_tail);
  const auto part = five_digits(end.substr(1, 5));
  const auto parts = five_digits(end.substr(10, 5));
  if (end[0] != '-' || end.substr(6, 4) != "-of-" || !part || !parts || *part > *parts) {
    return std::nullopt;
  }
  return SplitName{std::string(whole) + ".gguf", *part, *parts};
}

Search search_folder(const std::string& folder, int files_max) {
  std::error_code error;
  const fs::path absolute = fs::absolute(folder, error).lexically_normal();
  Search found;
  if (error || !fs::exists(absolute, error)) {
    found.notes.push_back(fmt::format("there is no folder {}", folder));
    return found;
  }
  std::string start = absolute;
  while (start.size() > 1 && start.ends_with('/')) start.pop_back();
  return FolderSearch(files_max).run(start);
}

}  // namespace kai
