// What the documents say of the repository, held against it: documents rot silently otherwise.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = KAI_SOURCE;
constexpr auto npos = std::string::npos;

std::string from_root(const fs::path& path) {
  return path.lexically_relative(root).string();
}

// README.md and every page under docs/.
std::vector<fs::path> documents() {
  std::vector<fs::path> found{root / "README.md"};
  for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Without what stands between fences: an example names files that are the reader's own.
std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::string text;
  bool fenced = false;
  for (std::string line; std::getline(file, line);) {
    const bool fence = line.starts_with("```") || line.starts_with("~~~");
    if (!fence && !fenced) text += line;
    if (fence) fenced = !fenced;
    text += '\n';
  }
  return text;
}

// How many backticks stand together from `at` on.
std::size_t ticks_at(const std::string& text, std::size_t at) {
  return std::min(text.find_first_not_of('`', at), text.size()) - at;
}

// A stretch of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What stands between backticks, as CommonMark reads it: a run of them ends with the next run of
// the same length in the paragraph; one that never ends is itself.
std::vector<Span> code_in(const std::string& text) {
  std::vector<Span> spans;
  std::size_t at = text.find('`');
  while (at != npos) {
    const std::size_t ticks = ticks_at(text, at);
    const std::size_t begin = at + ticks;
    const std::size_t paragraph = std::min(text.find("\n\n", begin), text.size());
    std::size_t end = text.find('`', begin);
    while (end < paragraph && ticks_at(text, end) != ticks) {
      end = text.find('`', end + ticks_at(text, end));
    }
    const bool closed = end < paragraph;
    if (closed) spans.push_back({begin, end});
    at = text.find('`', closed ? end + ticks : begin);
  }
  return spans;
}

// The target of every [text](target), code left out.
std::vector<std::string> links_in(std::string text) {
  for (const auto& [begin, end] : code_in(text)) {
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(begin),
              text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
  }
  std::vector<std::string> targets;
  for (std::size_t at = text.find("]("); at != npos; at = text.find("](", at + 2)) {
    const std::size_t begin = at + 2;
    const std::size_t end = text.find_first_of(") \n", begin);
    if (end != npos) targets.push_back(text.substr(begin, end - begin));
  }
  return targets;
}

bool leads_elsewhere(const std::string& target) {
  return target.contains("://") || target.starts_with("mailto:");
}

// "## Exit status" is found as "exit-status", as code hosts make it.
std::set<std::string> anchors_in(const fs::path& document) {
  std::set<std::string> anchors;
  std::ifstream file(document);
  for (std::string line; std::getline(file, line);) {
    const std::size_t begin = line.find_first_not_of("# ");
    if (!line.starts_with('#') || begin == npos) continue;
    std::string anchor;
    for (const char c : line.substr(begin)) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      if (upper) anchor += static_cast<char>(c - 'A' + 'a');
      if (kept) anchor += c;
      if (c == ' ') anchor += '-';
    }
    anchors.insert(anchor);
  }
  return anchors;
}

// A pattern such as `src/*.h` or `docs/…` names no file; what stands before it is a folder.
std::string before_pattern(std::string name) {
  std::size_t end = name.find_first_of("*<{");
  end = std::min(end, name.find("…"));
  if (end == npos) return name;
  return name.substr(0, name.rfind('/', end) + 1);
}

// A source's text as its program prints it: string literals that go on in the next line put
// together, escapes taken off.
std::string printed(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      out += text[++at];
      continue;
    }
    const std::size_t next = text.find_first_not_of(" \n", at + 1);
    const bool goes_on =
        text[at] == '"' && next != npos && text[next] == '"' && text.find('\n', at) < next;
    if (!goes_on) out += text[at];
    if (goes_on) at = next;
  }
  return out;
}

// Everything that kai and its set-up may say.
std::string all_printed() {
  std::string all;
  for (const char* folder : {"src", "setup"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.is_regular_file()) all += printed(text_of(entry.path()));
    }
  }
  return all;
}

// The parts of a message between what differs each time.
std::vector<std::string> parts_of(const std::string& message) {
  constexpr std::string_view differs = "…";
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= message.size();) {
    const std::size_t end = std::min(message.find(differs, begin), message.size());
    const std::string part = message.substr(begin, end - begin);
    const std::size_t first = part.find_first_not_of(" :;");
    if (first != npos) {
      parts.push_back(part.substr(first, part.find_last_not_of(" :;") + 1 - first));
    }
    begin = end + differs.size();
  }
  return parts;
}

TEST(Docs, PathsInBackticksExist) {
  constexpr std::array<std::string_view, 6> rooms{"src/",   "docs/",  "tests/",
                                                  "setup/", "bench/", "cmake/"};
  for (const auto& document : documents()) {
    const std::string text = text_of(document);
    for (const auto& [begin, end] : code_in(text)) {
      const std::string name = text.substr(begin, end - begin);
      const bool ours =
          std::ranges::any_of(rooms, [&](std::string_view room) { return name.starts_with(room); });
      // Words behind it make it a command.
      if (!ours || name.find_first_of(" \n") != npos) continue;
      EXPECT_TRUE(fs::exists(root / before_pattern(name)))
          << from_root(document) << " names " << name << ", which is not there";
    }
  }
}

TEST(Docs, LinksResolve) {
  for (const auto& document : documents()) {
    for (const auto& target : links_in(text_of(document))) {
      if (leads_elsewhere(target)) continue;
      const std::size_t hash = std::min(target.find('#'), target.size());
      const std::string path = target.substr(0, hash);
      EXPECT_FALSE(path.starts_with('/'))
          << from_root(document) << " links to " << target << "; write it relative to the page";
      const fs::path file =
          path.empty() ? document : (document.parent_path() / path).lexically_normal();
      EXPECT_TRUE(fs::exists(file))
          << from_root(document) << " links to " << target << ", which is not there";
      if (hash == target.size() || file.extension() != ".md") continue;
      EXPECT_TRUE(anchors_in(file).contains(target.substr(hash + 1)))
          << from_root(document) << " links to " << target << ", a heading that is not there";
    }
  }
}

TEST(Docs, EveryPageIsLinkedFromTheIndex) {
  const fs::path index = root / "docs/index.md";
  std::set<fs::path> linked{index};
  for (const auto& target : links_in(text_of(index))) {
    if (leads_elsewhere(target)) continue;
    const std::string path = target.substr(0, target.find('#'));
    linked.insert((index.parent_path() / path).lexically_normal());
  }
  for (const auto& document : documents()) {
    if (document == root / "README.md") continue;
    EXPECT_TRUE(linked.contains(document))
        << from_root(document) << " is not linked from docs/index.md; give it a line there";
  }
}

// The first column of its tables is what kai says, word for word.
TEST(Docs, TroubleshootingQuotesKai) {
  const std::string all = all_printed();
  std::istringstream page(text_of(root / "docs/troubleshooting.md"));
  int quoted = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ")) continue;
    const std::string cell = line.substr(0, line.find(" | ", 2));
    for (const auto& [begin, end] : code_in(cell)) {
      for (const auto& part : parts_of(cell.substr(begin, end - begin))) {
        ++quoted;
        EXPECT_TRUE(all.contains(part))
            << "docs/troubleshooting.md quotes \"" << part << "\", which nothing says any more";
      }
    }
  }
  EXPECT_GT(quoted, 0);
}

// "Suite.Name" of every test of GoogleTest's.
std::set<std::string> tests_there() {
  const std::regex definition(
      R"(\b(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+)\s*[,)])");
  std::set<std::string> names;
  for (const auto* folder : {"src", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.path().string().ends_with("_test.cpp")) continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      for (std::sregex_iterator at(text.begin(), text.end(), definition), end; at != end; ++at) {
        names.insert((*at)[1].str() + "." + (*at)[2].str());
      }
    }
  }
  return names;
}

TEST(Docs, TestsThatAreNamedExist) {
  const auto names = tests_there();
  const std::regex test(R"((\w+/)?([A-Z]\w*\.[A-Z]\w+))");
  const std::string page = text_of(root / "docs/faults.md");
  int named = 0;
  for (const auto& [begin, end] : code_in(page)) {
    std::smatch parts;
    const std::string code = page.substr(begin, end - begin);
    if (!std::regex_match(code, parts, test)) continue;
    ++named;
    EXPECT_TRUE(names.contains(parts[2].str())) << "docs/faults.md names the test " << code;
  }
  EXPECT_GT(named, 100);
}

// The reader itself: a test that finds nothing would pass for ever.
TEST(Docs, FindsCodeAndLinks) {
  const std::string text =
      "See `src/a.h` and ``b `c` d``, [one](one.md), `[no](link)` and\n"
      "[two](sub/two.md#part). A lone ` ends\n\nwith its `paragraph`.\n";
  std::vector<std::string> code;
  for (const auto& [begin, end] : code_in(text)) code.push_back(text.substr(begin, end - begin));
  EXPECT_EQ(code, (std::vector<std::string>{"src/a.h", "b `c` d", "[no](link)", "paragraph"}));
  EXPECT_EQ(links_in(text), (std::vector<std::string>{"one.md", "sub/two.md#part"}));
  EXPECT_EQ(before_pattern("src/base/*.h"), "src/base/");
  EXPECT_EQ(before_pattern("src/base/task.h"), "src/base/task.h");
  EXPECT_EQ(printed("f(\"one \"\n  \"two \\\"x\\\"\", \"three\")"),
            "f(\"one two \"x\"\", \"three\")");
  EXPECT_EQ(parts_of("no file …: … is gone"), (std::vector<std::string>{"no file", "is gone"}));
  EXPECT_GE(documents().size(), 2u);
}

}  // namespace
