// Socket: a stream socket, Unix or TCP, that never blocks. Private to http/.
//
// Each operation tries at once, and only where the kernel says "not yet" sleeps on a Wait until the
// socket is ready. No buffer is ever lent to a pending operation, so a sleeping read or write may
// be given up at any moment: at a deadline, by cancellation, by closing.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "http/channel.h"
#include "http/http.h"

namespace kai::http {

class Socket final : public Channel {
 public:
  enum class Side : std::uint8_t { read, write };

  // Owns `descriptor`, which must not block; of a bad one every operation fails. `name` is its
  // peer's in messages.
  Socket(const Executor& executor, int descriptor, std::string name);
  ~Socket() override { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  Task<Result<std::string>> read(Clock& clock, Time until) override;
  Task<Result<void>> write(Clock& clock, std::string bytes, Time until) override;
  // Returns when a write may go on. Errors: deadline, cancelled.
  Task<Result<void>> writable(Clock& clock, Time until) { return ready(clock, Side::write, until); }
  // A listener's next connection, or null after close() or cancellation. Where the system has no
  // descriptor to spare it tries again later: the caller cannot do better.
  Task<std::unique_ptr<Socket>> accept(Clock& clock);

  bool take_arrived(std::string& bytes, std::size_t bytes_max) override;
  // Nothing will be sent any more: the peer reads an end.
  void end_sending();
  // Calls `call` once when the side may be ready, or was closed; from the executor, never from
  // here. The socket may be dead by then.
  void once_ready(Side side, std::function<void()> call);

  void close() override;
  // The same, but the descriptor stays open and is the caller's; -1 after close().
  int release();

  int descriptor() { return descriptor_.native_handle(); }  // -1 after close()

 private:
  struct Readiness {
    Wait wait;
    bool armed = false;
  };

  // Returns when it is worth trying again. Errors: deadline, cancelled.
  Task<Result<void>> ready(Clock& clock, Side side, Time until);
  // Lets other tasks run now and then, however fast the peer is.
  Task<void> take_turns();
  std::unexpected<Error> broken(int code) const;

  boost::asio::posix::stream_descriptor descriptor_;
  std::string name_;
  bool drained_ = false;  // the last read left nothing
  unsigned streak_ = 0;   // operations since the last turn of others
  // Shared with the handlers of pending waits, which may run after this object's end.
  std::shared_ptr<Readiness> readable_ = std::make_shared<Readiness>();
  std::shared_ptr<Readiness> writable_ = std::make_shared<Readiness>();
};

// Binds and listens; a Unix socket for this user only (mode 0600), in place of one that is there.
// Errors: storage, with the reason.
Result<std::unique_ptr<Socket>> listen_at(const Executor& executor, const Address& address);

// The TCP port that a socket is bound to; 0: none.
std::uint16_t bound_port(int descriptor);

// The number of the address that a TCP socket is connected to; empty: of another one.
std::string peer_address(int descriptor);

// Errors: lane_lost (nobody listens there), deadline, cancelled.
Task<Result<std::unique_ptr<Socket>>> connect_to(Clock& clock, Address address, Time until);

Error was_cancelled();

}  // namespace kai::http
