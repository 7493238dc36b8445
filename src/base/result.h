// Result: what every operation returns that can fail for an expected reason.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace kai {

// Why something failed. A code exists only where some caller acts differently on it.
enum class ErrorCode : std::uint8_t {
  invalid_request,  // the question or an option is wrong; the user must change it
  invalid_config,   // kai.toml, KAI_* or a flag is wrong; nothing was started
  not_found,        // no such question, model or file
  no_members,       // no usable model at all
  nothing_fits,     // models exist, none fits memory, context or deadline
  overloaded,       // no room within the deadline
  deadline,         // time ran out
  cancelled,        // the user or client left
  model_refused,    // the file cannot be loaded; asking again will not help
  lane_lost,        // the worker died or hung; asking again may help
  device_lost,      // no worker of a device starts; elsewhere it may work
  host_lost,        // an engine of others failed or broke off; later it may work
  no_memory,        // a device has less left than was thought; later or elsewhere it may fit
  storage,          // the data folder failed; answers go on without history
  internal,         // a bug or an unexpected answer of the system
};

// Stable lower-case name of a code, as it appears in JSON and logs.
std::string_view to_string(ErrorCode code);

// One sentence that tells the user what happened and what to do.
struct Error {
  ErrorCode code;
  std::string message;
};

template <class T = void>
using Result = std::expected<T, Error>;

// Shorthand for `return std::unexpected(Error{code, message})`.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace kai
