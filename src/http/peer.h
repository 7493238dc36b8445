// peer: who sent a request, as the server of http.h saw it.
#pragma once

#include <string_view>

namespace kai::http {

// A header that a server adds to each request that came by TCP: the client's address as a number.
// No client can send it: a name cannot begin with a colon.
inline constexpr std::string_view peer_header = ":peer";

}  // namespace kai::http
