#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <system_error>

extern char** environ;

namespace kai {

namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::lane_lost, "too many open files; raise `ulimit -n`");
  }
  return Pipe{ends[0], ends[1]};
}

int exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Whether there is something to read, or the end, before `until`.
bool readable_by(int file, Time until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  pollfd ready{file, POLLIN, 0};
  return left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0;
}

// Whether a child ends before `until`: the end of its output is not yet its own.
bool ends_by(pid_t pid, Time until) {
  const int file = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (file < 0) return true;  // a kernel without pidfd (before 5.3): waitpid() will tell
  const bool ends = readable_by(file, until);
  ::close(file);
  return ends;
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const std::vector<std::string>& arguments,
                                                const std::string& log) {
  const auto input = make_pipe();
  if (!input) return std::unexpected(input.error());
  const auto output = make_pipe();
  if (!output) {
    ::close(input->read);
    ::close(input->write);
    return std::unexpected(output.error());
  }
  posix_spawn_file_actions_t files{};
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input->read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, output->write, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  // A signal that kai blocks for itself would stay blocked in the child.
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, words[0], &files, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  ::close(input->read);
  ::close(output->write);
  if (error != 0) {
    ::close(input->write);
    ::close(output->read);
    return fail(ErrorCode::lane_lost, fmt::format("{} cannot be started: {}", arguments[0],
                                                  std::generic_category().message(error)));
  }
  return std::unique_ptr<Process>(new Process(pid, input->write, output->read));
}

Process::~Process() {
  kill();
  ::close(input_);
  ::close(output_);
}

void Process::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bool Process::dead() {
  if (pid_ <= 0) return true;
  if (::waitpid(pid_, nullptr, WNOHANG) != pid_) return false;
  pid_ = -1;
  return true;
}

Result<ProcessOutput> run_process(const std::vector<std::string>& arguments, Duration limit,
                                  std::size_t bytes_max) {
  const auto output = make_pipe();
  if (!output) return std::unexpected(output.error());
  posix_spawn_file_actions_t files{};
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output->write, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, words[0], &files, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  ::close(output->write);
  if (error != 0) {
    ::close(output->read);
    return fail(ErrorCode::lane_lost, fmt::format("{} cannot be started: {}", arguments[0],
                                                  std::generic_category().message(error)));
  }
  ProcessOutput result;
  std::optional<Error> broken;
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (!readable_by(output->read, until)) {
      broken = Error{ErrorCode::deadline, arguments[0] + " took too long"};
      break;
    }
    std::array<char, 16384> bytes;
    const ssize_t count = ::read(output->read, bytes.data(), bytes.size());
    if (count <= 0) break;
    result.text.append(bytes.data(), static_cast<std::size_t>(count));
    if (result.text.size() > bytes_max) {
      broken = Error{ErrorCode::internal, arguments[0] + " wrote too much"};
      break;
    }
  }
  ::close(output->read);
  if (!broken && !ends_by(pid, until)) {
    broken = Error{ErrorCode::deadline, arguments[0] + " closed its output and went on"};
  }
  if (broken) ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (broken) return std::unexpected(*broken);
  result.status = exit_code(status);
  return result;
}

}  // namespace kai
