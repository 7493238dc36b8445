#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <system_error>

#include "base/spawn.h"

namespace kai {

namespace {

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
  const auto input = base::make_pipe();
  if (!input) return std::unexpected(input.error());
  const auto output = base::make_pipe();
  if (!output) {
    ::close(input->read);
    ::close(input->write);
    return std::unexpected(output.error());
  }
  const int error = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const Result<pid_t> pid =
      error < 0 ? fail(ErrorCode::lane_lost, fmt::format("{} cannot be written: {}", log,
                                                         std::generic_category().message(errno)))
                : base::spawn(arguments, {input->read, output->write, error});
  if (error >= 0) ::close(error);
  ::close(input->read);
  ::close(output->write);
  if (!pid) {
    ::close(input->write);
    ::close(output->read);
    return std::unexpected(pid.error());
  }
  return std::unique_ptr<Process>(new Process(*pid, input->write, output->read));
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
  const auto output = base::make_pipe();
  if (!output) return std::unexpected(output.error());
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const auto started = base::spawn(arguments, {nothing, output->write, nothing});
  ::close(nothing);
  ::close(output->write);
  if (!started) {
    ::close(output->read);
    return std::unexpected(started.error());
  }
  const pid_t pid = *started;
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
  result.status = base::exit_code(status);
  return result;
}

}  // namespace kai
