// remote_ask: a question asked of a server that runs already.
#pragma once

#include <optional>
#include <string>

#include "cli/ask.h"
#include "http/http.h"

namespace kai {

struct Remote {
  Watched watched;
  std::string document;  // of the question, as the server keeps it; empty: it could not be had
};

// Asks the server at `address`, drawing as ask_watched() does; the first interrupt stops the
// question there, a second one ends the process. Nothing: the server does not take questions (it is
// gone, starting or stopping), and nothing was asked or shown. Errors: what it refused it with, or
// lane_lost: it went away while it answered.
std::optional<Result<Remote>> ask_remotely(const http::Address& address, const Query& query,
                                           const AskOptions& options, Terminal& terminal);

}  // namespace kai
