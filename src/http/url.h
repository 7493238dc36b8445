// url: an address as people write it, in its parts. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kai::http {

struct Url {
  std::string scheme;                      // as written, "http"
  std::string host;                        // decoded, without [ ]; may be empty
  bool number = false;                     // the host is an IPv4 or IPv6 address, not a name
  std::optional<std::uint16_t> port = 80;  // 443 of https; nothing: it is none of 1..65535
  std::string target;                      // path and query as sent, "/v1?a=b"; may be empty
  bool query = false, fragment = false, user = false;  // it has one
};

// Nothing: that is no absolute URL.
std::optional<Url> parse_url(std::string_view text);

}  // namespace kai::http
