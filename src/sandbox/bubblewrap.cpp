#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <filesystem>
#include <optional>

#include "base/program.h"
#include "base/random.h"
#include "sandbox/check_program.h"
#include "sandbox/sandbox.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t output_max = 256 * 1024;  // of one report
constexpr std::size_t block_max = 64 * 1024;
constexpr std::size_t examples_max = 32;
constexpr int files_open_max = 64;
// To start Python twice and to report, beside the time that the code has.
constexpr Duration overhead = std::chrono::seconds(1);
// An answer waits for its turn behind another's: how often it looks.
constexpr Duration look_again = std::chrono::milliseconds(5);
constexpr int nobody = 65534;

// bubblewrap, and in it the limits, and in them Python, which reads its program from stdin.
std::vector<std::string> command(const SandboxOptions& options) {
  std::vector<std::string> words;
  const auto add = [&words](std::initializer_list<std::string> more) {
    words.insert(words.end(), more);
  };
  // The kernel does not count root's processes, under whatever name they run.
  const std::string id = std::to_string(nobody);
  if (::geteuid() == 0) {
    add({"/usr/bin/setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"});
  }
  add({options.bubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"});
  add({"--uid", id, "--gid", id, "--cap-drop", "ALL", "--hostname", "sandbox"});
  // A hash seed: what a program prints of a set must not change between runs. One thread of BLAS:
  // it would start one a core.
  for (const auto& [name, value] : {std::pair{"PATH", "/usr/bin"},
                                    {"HOME", "/tmp"},
                                    {"LANG", "C.UTF-8"},
                                    {"PYTHONHASHSEED", "0"},
                                    {"OPENBLAS_NUM_THREADS", "1"}}) {
    add({"--setenv", name, value});
  }
  add({"--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives"});
  for (const char* name : {"/bin", "/lib", "/lib32", "/lib64", "/sbin"}) {
    std::error_code error;
    if (fs::is_symlink(name, error)) {
      add({"--symlink", fs::read_symlink(name, error).string(), name});
    } else {
      add({"--ro-bind-try", name, name});
    }
  }
  add({"--dev", "/dev", "--size", std::to_string(options.files.count), "--tmpfs", "/tmp"});
  add({"--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp", "--"});
  const auto cpu = static_cast<int>(std::ceil(seconds(options.check_max + overhead)));
  add({"/usr/bin/prlimit", fmt::format("--as={}", options.memory.count),
       fmt::format("--cpu={}", cpu), fmt::format("--fsize={}", options.files.count),
       fmt::format("--nproc={}", options.processes_max), fmt::format("--nofile={}", files_open_max),
       "--core=0"});
  // -I: no folder of a user is looked at. -B: nothing is compiled to disk.
  add({options.python, "-I", "-B", "-"});
  return words;
}

RunResult not_run(std::string why) {
  return {.passed = 0, .failed = 0, .why = std::move(why), .outputs = ""};
}

std::string why_not(const CodeTest& test) {
  if (test.blocks.empty()) return "there is no Python in it";
  if (test.examples.empty()) return "the question states no example";
  std::size_t bytes = 0;
  for (const auto& block : test.blocks) bytes += block.size();
  for (const auto& example : test.examples) bytes += example.call.size() + example.expected.size();
  if (bytes > block_max) return fmt::format("its code is longer than {} bytes", block_max);
  if (test.examples.size() > examples_max) return "there are too many examples";
  return {};
}

class Bubblewrap final : public Sandbox {
 public:
  Bubblewrap(Executor executor, Clock& clock, SandboxOptions options)
      : executor_(std::move(executor)), clock_(clock), options_(std::move(options)) {}

  Task<RunResult> run(CodeTest test) override;

 private:
  Task<RunResult> check(CodeTest test);

  Executor executor_;
  Clock& clock_;
  SandboxOptions options_;
  bool busy_ = false;
};

// One at a time: the cores are the models' in the meantime.
Task<RunResult> Bubblewrap::run(CodeTest test) {
  if (auto why = why_not(test); !why.empty()) co_return not_run(std::move(why));
  for (;;) {
    if (co_await cancelled()) co_return not_run("cancelled");
    if (clock_.now() >= test.until) co_return not_run("there was no time left to run it");
    if (!busy_) break;
    co_await clock_.sleep_until(std::min(test.until, clock_.now() + look_again));
  }
  busy_ = true;
  RunResult result = co_await check(std::move(test));
  busy_ = false;
  co_return result;
}

Task<RunResult> Bubblewrap::check(CodeTest test) {
  // The further inputs depend on the question alone, so that answers can be compared.
  std::uint64_t seed = 1;
  for (const auto& example : test.examples) seed = derive_seed(seed, sandbox::told(example));
  const sandbox::CheckOptions options{.token = fmt::format("{:016x}", fresh_seed()),
                                      .call_max = options_.call_max,
                                      .check_max = options_.check_max,
                                      .seed = seed};
  const Time end = clock_.now() + options_.check_max + overhead;
  const auto output =
      co_await run_program(executor_, clock_,
                           {command(options_), sandbox::check_program(test, options),
                            std::min(end, test.until), output_max});
  if (output) co_return sandbox::read_report(output->text, test, options.token);
  switch (output.error().code) {
    case ErrorCode::cancelled: co_return not_run("cancelled");
    case ErrorCode::deadline:
      if (end > test.until) co_return not_run("there was no time left to run it");
      co_return RunResult{
          .passed = 0,
          .failed = static_cast<int>(test.examples.size()),
          .why = fmt::format("{}: did not end in {:.0f} s", sandbox::told(test.examples.front()),
                             seconds(options_.check_max)),
          .outputs = ""};
    default: co_return not_run("the sandbox failed: " + output.error().message);
  }
}

}  // namespace

std::unique_ptr<Sandbox> make_bubblewrap(Executor executor, Clock& clock, SandboxOptions options) {
  return std::make_unique<Bubblewrap>(std::move(executor), clock, std::move(options));
}

Result<> check_sandbox(const SandboxOptions& options) {
  if (::access(options.bubblewrap.c_str(), X_OK) != 0) {
    return fail(ErrorCode::not_found,
                fmt::format("code cannot be run: there is no {}; install bubblewrap, e.g. "
                            "apt-get install bubblewrap",
                            options.bubblewrap));
  }
  if (::access(options.python.c_str(), X_OK) != 0) {
    return fail(ErrorCode::not_found,
                fmt::format("code cannot be run: there is no {}; install python3, e.g. "
                            "apt-get install python3",
                            options.python));
  }
  boost::asio::io_context io;
  const auto clock = make_real_clock(io.get_executor());
  Bubblewrap bubblewrap(io.get_executor(), *clock, options);
  const CodeTest probe{.blocks = {"def probe(x):\n  return x + 1\n"},
                       .examples = {{.call = "probe(1)", .expected = "2"}},
                       .until = clock->now() + options.check_max + overhead};
  std::optional<RunResult> result;
  boost::asio::co_spawn(io, bubblewrap.run(probe),
                        [&](std::exception_ptr, RunResult ran) { result = std::move(ran); });
  io.run();
  if (result && result->passed == 1) return {};
  return fail(ErrorCode::internal,
              fmt::format("code cannot be run: bubblewrap does not work here: {}; it needs user "
                          "namespaces: see kernel.unprivileged_userns_clone, "
                          "user.max_user_namespaces and AppArmor",
                          result ? result->why : "it said nothing"));
}

}  // namespace kai
