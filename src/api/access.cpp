// What kai tells of keys: what a request's own may do, and which there are.
#include "wire/access.h"
#include "api/gate.h"
#include "api/replies.h"

namespace kai {

namespace {

// Asked for anew by each page, and for nobody else to keep.
http::Response fresh(std::string document) {
  auto response = json_reply(std::move(document));
  response.headers.push_back({"Cache-Control", "no-store"});
  return response;
}

Task<Reply> access(Gate& gate, const http::Exchange& exchange, std::string path) {
  co_return gate.tell_access(exchange, path);
}

Task<Reply> keys(Gate& gate) {
  co_return gate.tell_keys();
}

}  // namespace

wire::ListedKey listed(const Key& key, WallTime now) {
  wire::ListedKey row{key.name,    {},          key.rate_max,    key.at_once_max,
                      key.created, key.expires, key.expired(now)};
  for (const Scope scope : all_scopes) {
    if (key.scopes.has(scope)) row.scopes.emplace_back(to_string(scope));
  }
  return row;
}

http::Response Gate::tell_access(const http::Exchange& exchange, std::string_view path) {
  if (!keys_needed()) return fresh(wire::encode_access({}));
  const auto known = recognise(exchange, path);
  if (!known) return known.error();
  return fresh(wire::encode_access(
      {.key = listed(*known->key, clock_.wall()), .by_login = known->by_cookie}));
}

http::Response Gate::tell_keys() {
  std::vector<wire::ListedKey> list;
  if (keys_ != nullptr) {
    for (const Key& key : keys_->keys()) list.push_back(listed(key, clock_.wall()));
  }
  return fresh(wire::encode_keys(list));
}

std::vector<Route> access_routes(Gate& gate) {
  return {
      {"GET", "/api/v1/access",
       [&](auto& exchange, auto path) { return access(gate, exchange, std::move(path)); }},
      {"GET", "/api/v1/keys", [&](auto&, auto) { return keys(gate); }},
  };
}

}  // namespace kai
