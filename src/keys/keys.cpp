#include "keys/keys.h"

#include <algorithm>

namespace kai {

namespace {

constexpr std::size_t name_max = 64;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::ask: return "ask";
    case Scope::watch: return "watch";
    case Scope::manage: return "manage";
  }
  return "";
}

Scopes Scopes::all() {
  Scopes scopes;
  for (const Scope scope : all_scopes) scopes.add(scope);
  return scopes;
}

std::string to_string(const Scopes& scopes) {
  std::string list;
  for (const Scope scope : all_scopes) {
    if (!scopes.has(scope)) continue;
    if (!list.empty()) list += ',';
    list += to_string(scope);
  }
  return list;
}

std::optional<Scopes> scopes_in(std::string_view list) {
  Scopes scopes;
  for (;;) {
    const std::string_view word = list.substr(0, list.find(','));
    const auto* const scope =
        std::ranges::find(all_scopes, word, [](Scope one) { return to_string(one); });
    if (scope == all_scopes.end()) return std::nullopt;
    scopes.add(*scope);
    if (word.size() == list.size()) return scopes;
    list.remove_prefix(word.size() + 1);
  }
}

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= name_max && is_plain(name.front()) &&
         std::ranges::all_of(
             name, [](char c) { return is_plain(c) || c == '.' || c == '_' || c == '-'; });
}

const Key* find(const std::vector<Key>& keys, const SecretHash& hash) {
  const Key* found = nullptr;
  for (const Key& key : keys) {
    if (same(key.hash, hash)) found = &key;
  }
  return found;
}

}  // namespace kai
