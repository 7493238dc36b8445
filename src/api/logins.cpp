#include "api/logins.h"

#include <algorithm>

namespace kai {

namespace {

constexpr std::size_t id_max = 256;

}  // namespace

std::string Logins::begin(const SecretHash& key) {
  std::erase_if(logins_, [&](const auto& one) { return one.second.until <= clock_.now(); });
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
