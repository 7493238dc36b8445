// The house rules as tests: what a rule forbids is named with its file, and what to do instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = KAI_SOURCE;

struct Source {
  std::string path;    // from the repository's root
  std::string folder;  // of src/; empty outside
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<Source> sources(const std::vector<std::string>& folders) {
  std::vector<Source> found;
  for (const auto& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const auto ending = entry.path().extension();
      if (ending != ".h" && ending != ".cpp") continue;
      const std::string path = fs::relative(entry.path(), root);
      std::string module;
      if (path.starts_with("src/")) module = path.substr(4, path.find('/', 4) - 4);
      found.push_back({path, module, lines_of(entry.path())});
    }
  }
  std::ranges::sort(found, {}, &Source::path);
  return found;
}

bool is_test(const Source& source) {
  return source.path.ends_with("_test.cpp") || source.path.find("testing") != std::string::npos ||
         source.path.find("fixture") != std::string::npos;
}

// folder -> what it may include.
std::map<std::string, std::set<std::string>> layers() {
  std::map<std::string, std::set<std::string>> allowed;
  for (const auto& line : lines_of(root / "src/layers.txt")) {
    const auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    const std::string folder = line.substr(0, colon);
    std::istringstream below(line.substr(colon + 1));
    auto& names = allowed[folder];
    names.insert(folder);
    for (std::string name; below >> name;) {
      EXPECT_TRUE(allowed.contains(name))
          << "layers.txt: " << folder << " names " << name << ", which is not above it";
      names.insert(name);
    }
  }
  return allowed;
}

// What `#include "folder/…"` names; empty for other lines.
std::string included_folder(const std::string& line) {
  if (!line.starts_with("#include \"")) return {};
  const auto slash = line.find('/');
  return slash == std::string::npos ? std::string() : line.substr(10, slash - 10);
}

TEST(Tidy, FoldersIncludeOnlyWhatTheirLayerAllows) {
  const auto allowed = layers();
  for (const auto& source : sources({"src"})) {
    ASSERT_TRUE(allowed.contains(source.folder))
        << source.path << ": give its folder a line in src/layers.txt";
    for (const auto& line : source.lines) {
      const std::string folder = included_folder(line);
      if (folder.empty() || !allowed.contains(folder)) continue;
      EXPECT_TRUE(allowed.at(source.folder).contains(folder))
          << source.path << " includes " << line.substr(9) << ": src/layers.txt does not allow "
          << source.folder << " -> " << folder << "; move the code or change the architecture";
    }
  }
}

// Library header -> the one folder that may name it, and whether its own headers may.
struct Owner {
  std::string include;
  std::set<std::string> folders;
};
TEST(Tidy, EveryLibraryIsOwnedByOneFolder) {
  const std::vector<Owner> owners{
      {"<boost/json", {"wire"}},  {"<boost/beast", {"http"}}, {"<boost/url", {"http"}},
      {"<toml++", {"config"}},    {"<SQLiteCpp", {"store"}},  {"<sqlite3", {"store"}},
      {"<CLI/", {"cli", "main"}}, {"<llama.h>", {"worker"}},  {"<ggml", {"worker"}},
      {"<gguf.h>", {"worker"}},   {"<sodium", {"keys"}},      {"<openssl", {"http"}},
  };
  for (const auto& source : sources({"src"})) {
    for (const auto& line : source.lines) {
      for (const auto& owner : owners) {
        if (!line.starts_with("#include " + owner.include)) continue;
        EXPECT_TRUE(owner.folders.contains(source.folder))
            << source.path << ": " << line << " belongs to " << *owner.folders.begin()
            << "/ alone; call that folder instead";
      }
    }
  }
}

TEST(Tidy, FilesAndLinesStayShort) {
  for (const auto& source : sources({"src", "tests", "bench"})) {
    EXPECT_LE(source.lines.size(), 400u) << source.path << ": split it by who owns the state";
    for (std::size_t number = 0; number < source.lines.size(); ++number) {
      const auto& line = source.lines[number];
      const auto width = std::ranges::count_if(
          line, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; });
      EXPECT_LE(width, 100) << source.path << ":" << number + 1 << " is wider than 100";
    }
  }
}

// A definition begins in column 0 and ends with "}" in column 0.
TEST(Tidy, FunctionsStayShort) {
  for (const auto& source : sources({"src", "bench"})) {
    std::size_t begin = 0;
    for (std::size_t number = 1; number < source.lines.size(); ++number) {
      const auto& line = source.lines[number];
      if (line.empty() || line[0] == ' ' || line[0] == '#' || line[0] == '/') continue;
      const bool declares_only = line.ends_with(';') || line.starts_with("namespace") ||
                                 line.starts_with("class") || line.starts_with("struct");
      if (line[0] != '}') {
        begin = declares_only ? 0 : number;
        continue;
      }
      const bool function = begin != 0 && line == "}";
      EXPECT_LE(function ? number - begin : 0, 61u)
          << source.path << ":" << begin + 1 << " is longer than 60 lines; name its steps";
      begin = 0;
    }
  }
}

TEST(Tidy, HeadersSayWhatTheyAre) {
  for (const auto& source : sources({"src"})) {
    if (!source.path.ends_with(".h")) continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    EXPECT_TRUE(source.lines[0].starts_with("// "))
        << source.path << ": begin with a sentence that says what it is for";
    EXPECT_NE(std::ranges::find(source.lines, "#pragma once"), source.lines.end()) << source.path;
  }
}

// Two classes of one name in one namespace are one to the linker: each would run the other's
// destructor. Names inside unnamed or further namespaces do not count.
TEST(Tidy, ClassNamesAreUnique) {
  std::map<std::string, std::string> defined;
  for (const auto& source : sources({"src"})) {
    if (!source.path.ends_with(".h") || is_test(source)) continue;
    std::string space;
    for (const auto& line : source.lines) {
      if (line.starts_with("namespace ")) space = line;
      std::istringstream words(line);
      std::string kind, name, after;
      words >> kind >> name >> after;
      const bool defines = (line.starts_with("struct ") || line.starts_with("class ")) &&
                           !name.ends_with(';') &&
                           (after == "{" || after == "final" || after == ":");
      if (!defines) continue;
      const auto [before, is_new] = defined.emplace(space + name, source.path);
      EXPECT_TRUE(is_new) << source.path << " defines " << name << ", so does " << before->second
                          << "; rename one";
    }
  }
}

struct Forbidden {
  std::string word;
  std::string instead;
  std::set<std::string> folders_allowed;
};
TEST(Tidy, ForbiddenWords) {
  const std::vector<Forbidden> rules{
      {"shared_ptr", "values, unique_ptr, or a reference", {"base", "http"}},
      {"std::mutex", "one thread owns all state", {"store", "worker"}},
      {"std::regex", "a scanner: regex recurses on outside data", {}},
      // On the store's own thread, while opening; in a command that changes the file of keys.
      {"sleep_for", "a wait through Clock", {"store", "keys"}},
      {"std::rand(", "base/random.h", {}},
      {"asio::detached", "a TaskGroup", {"base"}},
      {"using namespace std;", "names spelled out", {}},
      {"TODO", "do it, or say it in an issue", {}},
      {"steady_clock::now()", "Clock::now()", {"base", "store", "keys", "worker"}},
      {"system_clock::now()", "Clock::wall()", {"base", "store"}},
  };
  for (const auto& source : sources({"src"})) {
    if (is_test(source)) continue;
    for (std::size_t number = 0; number < source.lines.size(); ++number) {
      for (const auto& rule : rules) {
        if (rule.folders_allowed.contains(source.folder)) continue;
        const auto at = source.lines[number].find(rule.word);
        if (at == std::string::npos || source.lines[number].find("//") < at) continue;
        ADD_FAILURE() << source.path << ":" << number + 1 << " uses " << rule.word << "; use "
                      << rule.instead;
      }
    }
  }
}

}  // namespace
