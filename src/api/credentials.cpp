#include "api/credentials.h"

#include <algorithm>
#include <array>

#include "http/parameters.h"
#include "keys/secret.h"

namespace kai {

namespace {

constexpr std::string_view how =
    "send a key once, as `Authorization: Bearer KEY`, as the password of Basic, or as x-api-key";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool is_word(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Addresses are written into logs and histories.
bool has_key_in_address(const std::string& target) {
  constexpr std::array<std::string_view, 5> names{"key", "api_key", "api-key", "access_token",
                                                  "token"};
  if (target.find('?') == std::string::npos) return false;
  const auto parameters = http::parameters_of(target);
  return parameters && std::ranges::any_of(*parameters, [&](const auto& one) {
           return one.second.starts_with("kai_") ||
                  std::ranges::find(names, one.first) != names.end();
         });
}

std::expected<std::string, std::string> secret_of(std::string_view authorization) {
  const std::string_view scheme = authorization.substr(0, authorization.find(' '));
  const std::string_view rest = trimmed(authorization.substr(scheme.size()));
  if (is_word(scheme, "bearer")) return std::string(rest);
  if (is_word(scheme, "basic")) {
    const auto pair = from_base64(rest);
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) return pair->substr(colon + 1);
  }
  return std::unexpected("that Authorization is not understood; " + std::string(how));
}

}  // namespace

std::expected<std::optional<std::string>, std::string> secret_in(const http::Request& request) {
  const auto& headers = request.headers;
  if (has_key_in_address(request.target)) {
    return std::unexpected("a key does not belong into the address, which others log; " +
                           std::string(how));
  }
  if (std::ranges::count(headers, "authorization", &http::Header::name) > 1 ||
      std::ranges::count(headers, "x-api-key", &http::Header::name) > 1) {
    return std::unexpected("there are two keys; " + std::string(how));
  }
  const auto plain = http::header_of(headers, "x-api-key");
  const auto authorization = http::header_of(headers, "authorization");
  if (!authorization) return plain ? std::optional(std::string(trimmed(*plain))) : std::nullopt;
  auto secret = secret_of(trimmed(*authorization));
  if (!secret) return std::unexpected(secret.error());
  if (plain && trimmed(*plain) != *secret) {
    return std::unexpected("there are two keys; " + std::string(how));
  }
  return *std::move(secret);
}

std::string_view cookie_in(const std::vector<http::Header>& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (header.name != "cookie") continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const std::string_view pair = trimmed(rest.substr(0, rest.find(';')));
      rest.remove_prefix(std::min(rest.find(';'), rest.size() - 1) + 1);
      if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
        return pair.substr(name.size() + 1);
      }
    }
  }
  return {};
}

}  // namespace kai
