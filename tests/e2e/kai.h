// Fixture: the real kai with a data folder of the test's own, as a user's shell would run it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/process.h"
#include "tests/e2e/lanes.h"

namespace kai {

// What a command left behind.
struct Ran {
  int status = -1;
  std::string out;  // stdout
  std::string err;  // stderr
};

class Kai : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(smollm2())) {
      GTEST_SKIP() << "the starter models are not in " << models_folder() << "; run make setup";
    }
    // Before any change of the surroundings: it says where the models lie.
    set("KAI_MODELS", models_folder());
    set("KAI_DATA_FOLDER", folder_.path() + "/data");
    set("KAI_RUNTIME_FOLDER", runtime());
    set("XDG_CONFIG_HOME", folder_.path() + "/config");
    set("OLLAMA_MODELS", folder_.path() + "/ollama");
    set("KAI_WORKER", KAI_WORKER);
    // As in a terminal, also where the tests run under nohup: kai goes on ignoring it then.
    std::signal(SIGHUP, SIG_DFL);
  }

  static void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  std::string runtime() const { return folder_.path() + "/run"; }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name)) << text;
  }
  static std::string read(const std::string& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  // A shell line in which "$KAI" is the program.
  Ran shell(const std::string& line, Duration limit = std::chrono::seconds(100)) const {
    set("KAI", KAI_BINARY);
    const std::string err = path("stderr");
    const auto ran = run_process({"/bin/bash", "-c", "{ " + line + "\n} 2>'" + err + "'"}, limit);
    if (!ran) return {-1, "", ran.error().message};
    return {ran->status, ran->text, read(err)};
  }

  // Whether a file is one `document` valid against docs/SCHEMA.schema.json, of which the lines of
  // Python hold; status 0: yes.
  Ran holds_of(const std::string& file, const std::string& schema,
               const std::string& python) const {
    return shell("python3 - <<'E'\nimport json, jsonschema\ndocument = json.load(open('" + file +
                 "'))\nschema = json.load(open('" KAI_SOURCE "/docs/" + schema +
                 ".schema.json'))\n"
                 "jsonschema.Draft202012Validator(schema).validate(document)\n" +
                 python + "E");
  }
  // The same of an answer that kai printed.
  Ran holds(const std::string& printed, const std::string& python) const {
    write("answer.json", printed);
    return holds_of(path("answer.json"), "answer", python);
  }

  // Where a server that has just begun says it listens: "http://127.0.0.1:1234". Empty: nowhere.
  static std::string address_of(const Process& server) {
    std::string said;
    pollfd output{server.output(), POLLIN, 0};
    while (!said.ends_with('\n') && ::poll(&output, 1, 20'000) > 0) {
      char letter = 0;
      if (::read(server.output(), &letter, 1) != 1) break;
      said += letter;
    }
    const auto at = said.find("http://");
    EXPECT_NE(at, std::string::npos) << said;
    return at == std::string::npos ? "" : said.substr(at, said.size() - at - 1);
  }

  // A question in the background, until done() or a signal.
  std::unique_ptr<Process> start(const std::vector<std::string>& arguments) const {
    // No input, as in a terminal nobody types in: a pipe would be part of the question.
    std::vector<std::string> words{"/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null", KAI_BINARY};
    words.insert(words.end(), arguments.begin(), arguments.end());
    auto process = Process::start(words, path("background.err"));
    EXPECT_TRUE(process.has_value());
    return std::move(*process);
  }

  // Looks every few milliseconds until it is so, at most `limit`. Whether it came to be.
  template <class Condition>
  static bool until(Condition condition, Duration limit = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      if (condition()) return true;
      ::usleep(5000);
    }
    return condition();
  }

  static std::vector<pid_t> children(const std::string& word) {
    return children_of(::getpid(), word);
  }

  TempFolder folder_;
};

}  // namespace kai
