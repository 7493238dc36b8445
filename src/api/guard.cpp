#include "api/guard.h"

#include <fmt/format.h>

#include <algorithm>

namespace kai {

namespace {

// Without its port; an IPv6 address without its brackets. Empty: no host.
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return {};
    const auto rest = host.substr(end + 1);
    return rest.empty() || rest.starts_with(':') ? host.substr(1, end - 1) : std::string_view();
  }
  return host.substr(0, host.find(':'));
}

bool is_own_name(std::string_view host) {
  std::string name(name_of(host));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name == "localhost" || is_loopback(name);
}

}  // namespace

bool is_loopback(std::string_view address) {
  if (address == "::1") return true;
  int parts = 0;
  bool first = true;
  for (std::string_view rest = address;;) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    const bool number = !part.empty() && part.size() <= 3 &&
                        std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    int value = 0;
    for (const char digit : part) value = value * 10 + (digit - '0');
    if (!number || value > 255 || (first && value != 127)) return false;
    first = false;
    ++parts;
    if (part.size() == rest.size()) return parts == 4;
    rest.remove_prefix(part.size() + 1);
  }
}

std::string objection_to(const std::vector<http::Header>& headers) {
  if (std::ranges::count(headers, "host", &http::Header::name) != 1) {
    return "the request needs one Host header";
  }
  const std::string_view host = *http::header_of(headers, "host");
  if (!is_own_name(host)) {
    return "the Host header names another machine; speak to kai as localhost or 127.0.0.1";
  }
  const auto origin = http::header_of(headers, "origin");
  if (origin && *origin != fmt::format("http://{}", host)) {
    return "pages from elsewhere may not use kai (Origin)";
  }
  const auto site = http::header_of(headers, "sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") {
    return "pages from elsewhere may not use kai (Sec-Fetch-Site)";
  }
  return {};
}

}  // namespace kai
