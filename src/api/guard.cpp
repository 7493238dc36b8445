#include "api/guard.h"

#include <arpa/inet.h>
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

std::string lower(std::string_view text) {
  std::string all(text);
  std::ranges::transform(all, all.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return all;
}

bool is_number(const std::string& name) {
  if (name.contains('\0')) return false;  // behind which the system does not read
  in6_addr bytes{};
  return ::inet_pton(AF_INET, name.c_str(), &bytes) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &bytes) == 1;
}

bool is_configured(const std::string& name, const Doors& doors) {
  return std::ranges::find(doors.hosts, name) != doors.hosts.end();
}

bool is_own_name(std::string_view host, const Doors& doors) {
  const std::string name = lower(name_of(host));
  return name == "localhost" || is_loopback(name) || is_configured(name, doors) ||
         (doors.open && is_number(name));
}

// A relay that speaks TLS may stand before a name of the configuration.
bool is_own_origin(std::string_view origin, std::string_view host, const Doors& doors) {
  return origin == fmt::format("http://{}", host) ||
         (is_configured(lower(name_of(host)), doors) && origin == fmt::format("https://{}", host));
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
    if (!number) return false;
    int value = 0;
    for (const char digit : part) value = value * 10 + (digit - '0');
    if (value > 255 || (first && value != 127)) return false;
    first = false;
    ++parts;
    if (part.size() == rest.size()) return parts == 4;
    rest.remove_prefix(part.size() + 1);
  }
}

bool is_host(std::string_view text) {
  if (is_number(std::string(text))) return true;
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

bool is_origin(std::string_view text) {
  const auto mark = text.find("://");
  if (mark == std::string_view::npos ||
      (text.substr(0, mark) != "http" && text.substr(0, mark) != "https")) {
    return false;
  }
  text.remove_prefix(mark + 3);
  const std::string_view name = name_of(text);
  if (!is_host(name)) return false;
  const std::string_view port = text.substr(name.size() + (text.starts_with('[') ? 2 : 0));
  return port.empty() ||
         (port.size() >= 2 && port.size() <= 6 &&
          std::ranges::all_of(port.substr(1), [](char c) { return c >= '0' && c <= '9'; }));
}

std::string objection_to(const std::vector<http::Header>& headers, const Doors& doors) {
  if (std::ranges::count(headers, "host", &http::Header::name) != 1) {
    return "the request needs one Host header";
  }
  const std::string_view host = *http::header_of(headers, "host");
  if (!is_own_name(host, doors)) {
    return "the Host header names another machine; speak to kai as localhost or 127.0.0.1, or let "
           "serve.hosts name it";
  }
  if (!foreign_origin(headers, doors).empty()) return {};
  const auto origin = http::header_of(headers, "origin");
  if (origin && !is_own_origin(*origin, host, doors)) {
    return "pages from elsewhere may not use kai (Origin)";
  }
  const auto site = http::header_of(headers, "sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") {
    return "pages from elsewhere may not use kai (Sec-Fetch-Site)";
  }
  return {};
}

bool from_own_page(const std::vector<http::Header>& headers, const Doors& doors) {
  const auto host = http::header_of(headers, "host");
  const auto origin = http::header_of(headers, "origin");
  return host && origin && is_own_origin(*origin, *host, doors);
}

std::string foreign_origin(const std::vector<http::Header>& headers, const Doors& doors) {
  if (doors.origins.empty()) return {};
  if (std::ranges::count(headers, "origin", &http::Header::name) != 1) return {};
  const std::string origin(*http::header_of(headers, "origin"));
  return std::ranges::find(doors.origins, origin) == doors.origins.end() ? "" : origin;
}

}  // namespace kai
