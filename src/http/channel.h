// Channel: the two directions of a connection as a client uses them, plain or through TLS. Private
// to http/.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "http/http.h"

namespace kai::http {

class Channel {
 public:
  virtual ~Channel() = default;

  // The bytes that have come, at least one and at most 64 KiB; none: the peer has closed its side.
  // Errors: deadline, cancelled, lane_lost (the connection broke). One reader at a time.
  virtual Task<Result<std::string>> read(Clock& clock, Time until) = 0;
  // Sends all. Errors as read(): after one an unknown part was sent. One writer at a time, and of
  // TLS none while somebody reads.
  virtual Task<Result<void>> write(Clock& clock, std::string bytes, Time until) = 0;
  // Appends what the peer has sent to `bytes`, without waiting, until there are `bytes_max`; what
  // comes beyond is thrown away. False: the peer is gone.
  virtual bool take_arrived(std::string& bytes, std::size_t bytes_max) = 0;
  // Wakes all who wait; every later operation fails.
  virtual void close() = 0;
};

// Connects, and where the address wants TLS, agrees on it. Errors: lane_lost (nobody listens there,
// or TLS found no agreement, with the reason), deadline, cancelled.
Task<Result<std::unique_ptr<Channel>>> channel_to(Clock& clock, Address address, Time until);

}  // namespace kai::http
