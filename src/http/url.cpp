#include "http/url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace kai::http {

namespace {

// Boost's own number wraps around.
std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  const bool good = error == std::errc() && stop == end && port > 0;
  return good ? std::optional(port) : std::nullopt;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  const auto read = boost::urls::parse_uri(text);
  if (!read) return std::nullopt;
  Url url;
  url.scheme = read->scheme();
  url.host = read->host_address();
  url.number = read->host_type() == boost::urls::host_type::ipv4 ||
               read->host_type() == boost::urls::host_type::ipv6;
  if (url.scheme == "https") url.port = 443;
  if (read->has_port()) url.port = port_in(read->port());
  url.target = read->encoded_path();
  url.query = read->has_query();
  if (url.query) url.target += "?" + std::string(read->encoded_query());
  url.fragment = read->has_fragment();
  url.user = read->has_userinfo();
  return url;
}

}  // namespace kai::http
