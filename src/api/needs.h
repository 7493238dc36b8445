// needs: what a key must be good for, by route. One table: a route that it does not name needs the
// scope `manage`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "keys/keys.h"

namespace kai {

enum class Need : std::uint8_t {
  nothing,  // open to everyone: whether it lives, and how to log in
  any,      // a key, whatever its scopes
  ask,
  watch,
  manage,
  own_watch,   // of a question that this key asked: any; of another: watch
  own_manage,  // of a question that this key asked: ask; of another: manage
  ask_again,   // ask; of a question that another asked: watch too
};

// `route`: as Route::path.
Need need_of(std::string_view method, std::string_view route);
// Whether the table names it.
bool has_need(std::string_view method, std::string_view route);

// The scope that is missing; nothing: none. `own`: the question is the key's own.
std::optional<Scope> missing(Need need, const Scopes& scopes, bool own);

}  // namespace kai
