// remote_ask: a question asked of a server that runs already.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "cli/ask.h"
#include "cli/server_file.h"

namespace kai {

struct Remote {
  Watched watched;
  std::string document;  // of the question, as the server keeps it; empty: it could not be had
};

// Why there was no answer.
struct RemoteRefusal {
  Error error;
  bool wants_key = false;  // the server wants a key, or another one

  RemoteRefusal(Error why, bool key = false)  // NOLINT: an error is a refusal
      : error(std::move(why)), wants_key(key) {}
};

// Asks the server at `place`, drawing as ask_watched() does; the first interrupt stops the
// question there, a second one ends the process. Nothing: the server does not take questions (it is
// gone, starting or stopping), and nothing was asked or shown. Errors: what it refused it with, or
// lane_lost: it went away while it answered.
std::optional<std::expected<Remote, RemoteRefusal>> ask_remotely(const ServerPlace& place,
                                                                 const Query& query,
                                                                 const AskOptions& options,
                                                                 Terminal& terminal);

}  // namespace kai
