// access: what is said of keys and logins over HTTP, text <-> nouns. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kai::wire {

// Why somebody may not come in, as each protocol names it.
enum class Denied : std::uint8_t {
  unauthorized,  // no key, or one that does not count (any more)
  forbidden,     // one that does not do for this
};
// OpenAI's form: {"error":{"message":…,"type":…,"param":null,"code":…}}
std::string encode_denied_openai(Denied why, std::string_view sentence);
// kai's own: {"error":{"code":…,"message":…}}
std::string encode_denied_native(Denied why, std::string_view sentence);

// The body of POST /api/v1/login: {"key": …}; strict. Errors: invalid_request.
Result<std::string> decode_login(std::string_view body);

// The reply to it. name: of the key.
struct LoggedIn {
  std::string name;
  std::vector<std::string> scopes;
  Duration lifetime{};  // whole seconds
};
std::string encode_logged_in(const LoggedIn& login);

// `kai keys list --json`, one line a key.
struct ListedKey {
  std::string name;
  std::vector<std::string> scopes;
  int rate_max = 0;
  int at_once_max = 0;
  WallTime created{};
  std::optional<WallTime> expires;
  bool expired = false;
};
std::string encode_key(const ListedKey& key);

// GET /api/v1/access: what whoever asks may do.
struct Access {
  std::optional<ListedKey> key;  // nothing: none is needed, everything is allowed
  bool by_login = false;         // by a cookie, which can be ended
};
std::string encode_access(const Access& access);

// GET /api/v1/keys
std::string encode_keys(std::span<const ListedKey> keys);

}  // namespace kai::wire
