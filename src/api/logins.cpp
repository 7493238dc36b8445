#include "api/logins.h"

#include <algorithm>

namespace kai {

namespace {

constexpr std::size_t id_max = 256;
constexpr std::size_t of_one_key_max = 20;

}  // namespace

// Whoever logs in again and again ends their own logins, not others'.
void Logins::make_room(const SecretHash& key) {
  std::erase_if(logins_, [&](const auto& one) { return one.second.until <= clock_.now(); });
  std::size_t of_key = 0;
  auto oldest = logins_.end();
  for (auto at = logins_.begin(); at != logins_.end(); ++at) {
    if (at->second.key != key) continue;
    ++of_key;
    if (oldest == logins_.end() || at->second.until < oldest->second.until) oldest = at;
  }
  if (of_key >= of_one_key_max) logins_.erase(oldest);
}

std::string Logins::begin(const SecretHash& key) {
  make_room(key);
  if (logins_.size() >= logins_max) {
    logins_.erase(
        std::ranges::min_element(logins_, {}, [](const auto& one) { return one.second.until; }));
  }
  std::string id = new_secret();
  logins_[hash_of(id)] = {key, clock_.now() + lifetime};
  return id;
}

std::optional<SecretHash> Logins::key_of(std::string_view id) const {
  if (id.empty() || id.size() > id_max) return std::nullopt;
  const auto found = logins_.find(hash_of(id));
  if (found == logins_.end() || found->second.until <= clock_.now()) return std::nullopt;
  return found->second.key;
}

void Logins::end(std::string_view id) {
  if (id.size() <= id_max) logins_.erase(hash_of(id));
}

}  // namespace kai
