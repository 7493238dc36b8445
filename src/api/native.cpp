#include "api/native.h"

#include <algorithm>
#include <utility>

#include "api/replies.h"
#include "wire/documents.h"

namespace kai {

Result<> Questions::begin(std::string caller, Query query, const NativeBackend& backend) {
  if (closed_) return fail(ErrorCode::overloaded, "kai is stopping");
  if (answering_.full(caller)) {
    return fail(ErrorCode::overloaded, "too many questions wait already; ask again in a moment");
  }
  std::erase_if(begun_, [](const auto& one) { return one.second.over(); });
  backend.keep_begun(query);
  spine_.expect(query);
  auto& begun = begun_[query.id];
  begun = {caller, std::make_unique<TaskGroup<bool>>(executor_)};
  begun.group->start(answer(std::move(caller), std::move(query), backend));
  return {};
}

int Questions::begun_by(const std::string& caller) const {
  return static_cast<int>(std::ranges::count_if(
      begun_, [&](const auto& one) { return one.second.caller == caller && !one.second.over(); }));
}

Task<bool> Questions::answer(std::string caller, Query query, const NativeBackend& backend) {
  const auto outcome = co_await answering_.answer_in_turn(std::move(caller), query);
  if (!outcome) backend.keep_ended(spine_.refuse(query, outcome.error()));
  co_return outcome.has_value();
}

bool Questions::stop(const QueryId& query) {
  const auto found = begun_.find(query);
  if (found == begun_.end() || found->second.over()) return spine_.stop(query);
  found->second.group->cancel_all();
  return true;
}

Task<void> Questions::settle(Time until) {
  closed_ = true;
  for (auto& [id, begun] : begun_) {
    while (co_await begun.group->next(answering_.clock(), until)) {
    }
  }
  for (auto& [id, begun] : begun_) co_await begun.group->join();
  begun_.clear();
}

http::Response native_refusal(const Error& error) {
  const bool busy = error.code == ErrorCode::overloaded;
  return refusal(error, wire::encode_error(error),
                 busy ? std::optional<Duration>(std::chrono::seconds(1)) : std::nullopt);
}

}  // namespace kai
