// Service: what a service manager such as systemd is told of a server (sd_notify(3)): a line to a
// socket that it names. Without one nothing is told.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/task.h"

namespace kai {

class Service {
 public:
  // Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: the processes that
  // kai starts are not the service.
  Service();
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // `status`: a sentence for `systemctl status`.
  void ready(std::string_view status) const;
  void reloading(Time now) const;  // ready() follows
  void stopping(std::string_view status) const;

  // Until it is cancelled: says that kai's one thread lives, twice in the time after which the
  // manager would take it for hung. Returns at once where it does not watch.
  Task<bool> keep_alive(Clock& clock) const;

 private:
  void tell(const std::string& lines) const;

  int socket_ = -1;
  std::string address_;               // of the manager's socket, as the system has it
  std::optional<Duration> watchdog_;  // nothing: the manager does not watch
};

}  // namespace kai
