// Fixture: a kai server on a free port of loopback, with the starter models.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/kai.h"

namespace kai {

class Server : public Kai {
 protected:
  // Starts the server on a free port and waits for its address, which "$KAI_URL" is from then on.
  void serve(std::vector<std::string> settings = {}) {
    std::vector<std::string> words{"serve", "--set", "serve.port=0"};
    words.insert(words.end(), settings.begin(), settings.end());
    const auto begun = std::chrono::steady_clock::now();
    server_ = start(words);
    const std::string address = address_of(*server_);
    took_ = std::chrono::steady_clock::now() - begun;
    ASSERT_FALSE(address.empty()) << read(path("background.err"));
    set("KAI_URL", address);
  }
  void wait_until_ready() const {
    ASSERT_TRUE(until([&] { return status_of("/readyz") == "200"; }, std::chrono::seconds(60)))
        << read(path("background.err"));
  }
  std::string status_of(const std::string& target) const {
    return shell("curl -s -o /dev/null -w '%{http_code}' \"$KAI_URL\"" + target).out;
  }
  // What a request answers, its status behind it in a line of its own.
  std::string request(const std::string& method, const std::string& target,
                      const std::string& body = "") const {
    write("body", body);
    return shell("curl -s -X " + method + " -w '\n%{http_code}' \"$KAI_URL" + target + "\"" +
                 (body.empty() ? "" : " -d @'" + path("body") + "'"))
        .out;
  }
  // A request that runs by itself and writes to the file `name`.
  std::unique_ptr<Process> curl(const std::string& body, const std::string& name) const {
    auto started = Process::start(
        {"/bin/sh", "-c",
         "exec curl -sN \"$KAI_URL/v1/chat/completions\" -d '" + body + "' >'" + path(name) + "'"},
        path(name + ".err"));
    EXPECT_TRUE(started.has_value());
    return std::move(*started);
  }
  pid_t pid() const {
    const auto found = children("serve");
    return found.empty() ? -1 : found.front();
  }
  std::string ending_of_last() const {
    return shell(
               "\"$KAI\" logs --json -n 1 | python3 -c 'import json,sys; "
               "print(json.loads(sys.stdin.readline())[\"error\"][\"code\"], end=\"\")'")
        .out;
  }

  std::unique_ptr<Process> server_;
  std::chrono::steady_clock::duration took_{};
};

}  // namespace kai
