// keys: who may use a kai server, for what, until when and how often. A key is shown once, when it
// is made; what is kept is its hash: see secret.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "keys/secret.h"

namespace kai {

// ask: have questions answered and texts turned into vectors · watch: read what is asked and
// answered, by whomever, and what the machine does · manage: change the server, and what others
// asked.
enum class Scope : std::uint8_t { ask, watch, manage };
inline constexpr std::array all_scopes{Scope::ask, Scope::watch, Scope::manage};
std::string_view to_string(Scope scope);

class Scopes {
 public:
  static Scopes all();
  void add(Scope scope) { held_.at(static_cast<std::size_t>(scope)) = true; }
  bool has(Scope scope) const { return held_.at(static_cast<std::size_t>(scope)); }
  bool operator==(const Scopes&) const = default;

 private:
  std::array<bool, all_scopes.size()> held_{};
};
std::string to_string(const Scopes& scopes);  // "ask,watch"
// Nothing: a name that is no scope, or none at all.
std::optional<Scopes> scopes_in(std::string_view list);

struct Key {
  std::string name;  // see is_key_name()
  SecretHash hash{};
  Scopes scopes;
  int rate_max = 0;  // requests a minute, 0..1,000,000; 0: any number
  // Requests being served that ask, and as many that do not, 0..10,000; 0: any number.
  int at_once_max = 0;
  WallTime created{};  // whole seconds, as `expires`
  std::optional<WallTime> expires;

  bool expired(WallTime now) const { return expires && *expires <= now; }
};

// 1 to 64 letters, digits, '.', '_' and '-', the first a letter or a digit.
bool is_key_name(std::string_view name);

// The key with this hash, expired or not; null: there is none. Takes equally long whichever it is.
const Key* find(const std::vector<Key>& keys, const SecretHash& hash);

}  // namespace kai
