// beside: what the disk is asked for while kai's one thread goes on.
#pragma once

#include <optional>
#include <utility>

#include "base/other_thread.h"
#include "base/result.h"
#include "cli/session.h"

namespace kai {

inline std::unexpected<Error> disk_is_silent() {
  return fail(ErrorCode::storage, "the data folder does not respond; try again later");
}

// What `begin(store, done)` gives to `done`, within `limit`. Errors: those of what was begun;
// storage (the disk is silent), where that takes longer.
template <class T, class Begin>
Task<Result<T>> asked_beside(Session& session, Duration limit, Begin begin) {
  auto given = co_await from_other_thread<Result<T>>(
      session.io().get_executor(), session.clock(), session.clock().now() + limit,
      [&session, begin = std::move(begin)](auto give) { begin(session.store(), std::move(give)); });
  if (!given) co_return disk_is_silent();
  co_return *std::move(given);
}

}  // namespace kai
