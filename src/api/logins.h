// Logins: browsers that have shown a key, by a random id in a cookie. In memory: a restart ends
// them.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "keys/secret.h"

namespace kai {

class Logins {
 public:
  static constexpr std::size_t logins_max = 1000;
  static constexpr Duration lifetime = std::chrono::hours(12);

  // `clock` must outlive this.
  explicit Logins(Clock& clock) : clock_(clock) {}

  // A new id, for `lifetime`. Beyond 20 of one key its oldest ends, beyond logins_max the oldest.
  std::string begin(const SecretHash& key);
  // The key of a login; nothing: there is no such id (any more).
  std::optional<SecretHash> key_of(std::string_view id) const;
  void end(std::string_view id);

  std::size_t size() const { return logins_.size(); }

 private:
  struct Login {
    SecretHash key{};
    Time until{};
  };

  void make_room(const SecretHash& key);

  Clock& clock_;
  std::map<SecretHash, Login> logins_;  // by the id's hash: its place in a map tells nothing of it
};

}  // namespace kai
