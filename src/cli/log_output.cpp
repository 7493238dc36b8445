#include "cli/log_output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>

namespace kai {

namespace {

bool has_room(int file) {
  pollfd output{file, POLLOUT, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLOUT) != 0;
}

}  // namespace

LogOutput::LogOutput(int file) : file_(file) {
  struct stat kind{};
  if (::fstat(file, &kind) != 0) return;
  socket_ = S_ISSOCK(kind.st_mode);
  if (!S_ISFIFO(kind.st_mode) && !S_ISCHR(kind.st_mode)) return;
  // May be refused, as of a terminal after su: has_room() has to do then.
  own_ = ::open(fmt::format("/proc/self/fd/{}", file).c_str(),
                O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

LogOutput::~LogOutput() {
  if (own_ >= 0) ::close(own_);
}

void LogOutput::line(std::string_view text) {
  std::string all = unfinished_ ? "\n" : "";
  if (lost_ > 0) {
    all += fmt::format("kai: {} line{} lost here, since nobody read\n", lost_,
                       lost_ == 1 ? " was" : "s were");
  }
  const std::size_t told = all.size();
  all += text;
  const std::size_t done = put(all);
  if (done > 0) unfinished_ = all[done - 1] != '\n';
  if (done >= told) lost_ = 0;
  // Nothing is missing where only the end did not fit: it comes in front of the next line.
  if (done + 1 < all.size()) ++lost_;
}

// How many bytes there was room for.
std::size_t LogOutput::put(std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    // So much a pipe that has room takes without blocking.
    const std::string_view part = text.substr(done, PIPE_BUF);
    if (!socket_ && own_ < 0 && !has_room(file_)) break;
    const ssize_t count = socket_
                              ? ::send(file_, part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                              : ::write(own_ < 0 ? file_ : own_, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace kai
