// driver: a bounded, repeatable sample of what `make fuzz` does, for every run of the tests:
//   fuzz_NAME CORPUS COUNT [ONLY]
// The seeds of a folder as they are, then COUNT inputs made of them by chance, the same in every
// run. Of a failure it says how to see it alone: ONLY is the input's number.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/random.h"
#include "tests/fuzz/fuzz.h"

namespace kai::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t input_max = 64 * 1024;  // bytes
constexpr int broken_usage = 2;

// What decoders trip over.
const std::vector<std::string>& words() {
  static const std::vector<std::string> list{"\"",
                                             "\\",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             ":",
                                             ",",
                                             "\n",
                                             "\r\n",
                                             "\t",
                                             "\f",
                                             "=",
                                             "#",
                                             "'",
                                             "\"\"\"",
                                             "[[",
                                             "]]",
                                             "0",
                                             "-1",
                                             "1e999",
                                             "1e-999",
                                             "NaN",
                                             "null",
                                             "true",
                                             "0x",
                                             "1_0",
                                             "\\u0000",
                                             "\\ud800",
                                             "\xFF",
                                             "\xC0",
                                             "\xED\xA0\x80",
                                             "\xEF\xBB\xBF",
                                             "\xF0\x9F\x98\x80",
                                             "\xE2\x80\xAE",
                                             "\x1B[2J",
                                             "Answer:",
                                             "9223372036854775808",
                                             "18446744073709551616",
                                             "0.009210000000000001",
                                             "\\boxed{",
                                             "**",
                                             "$",
                                             "1/2",
                                             "(A)",
                                             "</think>",
                                             "<think>",
                                             "Content-Length: ",
                                             "Transfer-Encoding: chunked\r\n",
                                             "ffffffffffffffff\r\n",
                                             std::string(1, '\0'),
                                             std::string(40, '['),
                                             std::string(300, 'a'),
                                             std::string(50, ' ')};
  return list;
}

std::vector<std::string> seeds_of(const fs::path& folder) {
  std::map<std::string, std::string> by_name;  // so that the order is the same everywhere
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    by_name[entry.path().filename()] = text.str();
  }
  std::vector<std::string> seeds{""};
  for (auto& [name, text] : by_name) seeds.push_back(std::move(text));
  return seeds;
}

std::string some_of(const std::string& text, Random& random) {
  const auto from = random.below(text.size() + 1);
  return text.substr(from, random.below(std::min<std::uint64_t>(text.size() - from, 200) + 1));
}

void mutate(std::string& text, const std::vector<std::string>& seeds, Random& random) {
  const auto at = random.below(text.size() + 1);
  switch (random.below(7)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      break;
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      break;
    case 2: text.erase(at, random.below(20)); break;
    case 3: text.resize(at); break;
    case 4: text.insert(at, some_of(text, random)); break;
    case 5: text.insert(at, some_of(seeds[random.below(seeds.size())], random)); break;
    default: text.insert(at, words()[random.below(words().size())]);
  }
  if (text.size() > input_max) text.resize(input_max);
}

std::string input_of(std::uint64_t number, const std::vector<std::string>& seeds) {
  if (number < seeds.size()) return seeds[number];
  Random random(derive_seed(number, "fuzz"));
  std::string text = seeds[random.below(seeds.size())];
  for (auto times = 1 + random.below(8); times > 0; --times) mutate(text, seeds, random);
  return text;
}

// Written by the handler of a failure, so kept ready.
char last_words[512];
std::size_t last_words_size = 0;

void say_which(int signal) {
  [[maybe_unused]] const auto written = std::fwrite(last_words, 1, last_words_size, stderr);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void play(std::uint64_t number, const std::string& input, const char* program, const char* corpus) {
  last_words_size = static_cast<std::size_t>(
      std::snprintf(last_words, sizeof last_words, "it was input %llu; alone: %s %s 0 %llu\n",
                    static_cast<unsigned long long>(number), program, corpus,
                    static_cast<unsigned long long>(number)));
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

int run(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: %s CORPUS COUNT [ONLY]\n", arguments[0]);
    return broken_usage;
  }
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, say_which);
  const auto seeds = seeds_of(arguments[1]);
  if (seeds.size() < 2) {
    std::fprintf(stderr, "%s holds no seeds\n", arguments[1]);
    return broken_usage;
  }
  if (count > 3) {
    const auto only = std::strtoull(arguments[3], nullptr, 10);
    play(only, input_of(only, seeds), arguments[0], arguments[1]);
    return 0;
  }
  const auto last = seeds.size() + std::strtoull(arguments[2], nullptr, 10);
  for (std::uint64_t number = 0; number < last; ++number) {
    play(number, input_of(number, seeds), arguments[0], arguments[1]);
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(last));
  return 0;
}

}  // namespace
}  // namespace kai::fuzz

int main(int count, char** arguments) {
  return kai::fuzz::run(count, arguments);
}
