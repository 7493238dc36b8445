#include "base/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/spawn.h"

namespace kai {

namespace {

// Between two looks whether a child that closed its output has ended, too.
constexpr Duration look_again = std::chrono::milliseconds(1);

// A file in memory that reads as `text`; -1: the system refuses.
int file_of(const std::string& text) {
  const int file = ::memfd_create("kai", MFD_CLOEXEC);
  if (file < 0) return -1;
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  ::lseek(file, 0, SEEK_SET);
  return file;
}

// A running child and the pipe from it. Invariant: dies with this.
class Child {
 public:
  Child(Executor executor, pid_t pid, int output) : pid_(pid), output_(executor, output) {
    output_.non_blocking(true);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  // Its end, if it has come.
  bool ended(int& status) {
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    pid_ = -1;
    return true;
  }
  // Appends what is there; false at the end of its output.
  bool read_into(std::string& text) {
    std::array<char, 16384> bytes;
    const ssize_t count = ::read(output_.native_handle(), bytes.data(), bytes.size());
    if (count > 0) text.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
  }
  // Until there is something to read, `until`, or a cancellation.
  Task<void> readable(Clock& clock, Time until) {
    const auto ready = std::make_shared<Wait>();
    // The handler may be queued when this is gone: it holds the Wait weakly.
    output_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [target = std::weak_ptr<Wait>(ready)](auto error) {
                         if (const auto alive = target.lock(); alive && !error) alive->resume();
                       });
    co_await clock.sleep_on(*ready, until);
    boost::system::error_code ignored;
    output_.cancel(ignored);
  }

 private:
  pid_t pid_;
  boost::asio::posix::stream_descriptor output_;
};

// A started program, its stdin a file that reads as `input`.
Result<std::unique_ptr<Child>> start(Executor executor, const std::vector<std::string>& arguments,
                                     const std::string& input_text) {
  const auto pipe = base::make_pipe();
  if (!pipe) return std::unexpected(pipe.error());
  const int input = file_of(input_text);
  const Result<pid_t> pid =
      input < 0 ? fail(ErrorCode::lane_lost, "too many open files; raise `ulimit -n`")
                : base::spawn(arguments, {input, pipe->write, pipe->write});
  if (input >= 0) ::close(input);
  ::close(pipe->write);
  if (pid) return std::make_unique<Child>(executor, *pid, pipe->read);
  ::close(pipe->read);
  return std::unexpected(pid.error());
}

// Waits for the end of a child that has closed its output. Errors: deadline, cancelled.
Task<Result<int>> exit_of(Child& child, Clock& clock, Time until, std::string name) {
  int status = 0;
  while (!child.ended(status)) {
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled");
    if (clock.now() >= until) co_return fail(ErrorCode::deadline, name + " took too long");
    co_await clock.sleep_until(clock.now() + look_again);
  }
  co_return base::exit_code(status);
}

// Takes the first whole line off; nothing: there is none yet.
std::optional<std::string> take_line(std::string& text) {
  const auto end = text.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = text.substr(0, end);
  text.erase(0, end + 1);
  return line;
}

}  // namespace

Task<Result<ProcessOutput>> run_program(Executor executor, Clock& clock, Program program) {
  auto child = start(executor, program.arguments, program.input);
  if (!child) co_return std::unexpected(child.error());
  ProcessOutput output;
  const std::string& name = program.arguments[0];
  while ((*child)->read_into(output.text)) {
    if (output.text.size() > program.bytes_max) {
      co_return fail(ErrorCode::internal, name + " wrote too much");
    }
    co_await (*child)->readable(clock, program.until);
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled");
    if (clock.now() >= program.until) {
      co_return fail(ErrorCode::deadline, name + " took too long");
    }
  }
  const auto status = co_await exit_of(**child, clock, program.until, name);
  if (!status) co_return std::unexpected(status.error());
  output.status = *status;
  co_return output;
}

Task<Result<int>> follow_program(Executor executor, Clock& clock, ToldProgram program,
                                 std::function<void(std::string)> on_line) {
  auto child = start(executor, program.arguments, "");
  if (!child) co_return std::unexpected(child.error());
  const std::string& name = program.arguments[0];
  std::string text;
  Time until = clock.now() + program.silence_max;
  while ((*child)->read_into(text)) {
    while (auto line = take_line(text)) {
      on_line(*std::move(line));
      until = clock.now() + program.silence_max;
    }
    if (text.size() > program.line_max) {
      co_return fail(ErrorCode::internal, name + " wrote too much");
    }
    co_await (*child)->readable(clock, until);
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled");
    if (clock.now() >= until) co_return fail(ErrorCode::deadline, name + " fell silent");
  }
  co_return co_await exit_of(**child, clock, until, name);
}

}  // namespace kai
