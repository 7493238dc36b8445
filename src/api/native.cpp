#include "api/native.h"

#include <utility>

#include "api/replies.h"
#include "wire/documents.h"

namespace kai {

Result<> Questions::begin(Query query, const NativeBackend& backend) {
  if (closed_) return fail(ErrorCode::overloaded, "kai is stopping");
  if (answering_.full()) {
    return fail(ErrorCode::overloaded, "too many questions wait already; ask again in a moment");
  }
  std::erase_if(begun_, [](const auto& one) { return one.second->running() == 0; });
  backend.keep_begun(query);
  spine_.expect(query);
  auto& group = begun_[query.id];
  group = std::make_unique<TaskGroup<bool>>(executor_);
  group->start(answer(std::move(query), backend));
  return {};
}

Task<bool> Questions::answer(Query query, const NativeBackend& backend) {
  const auto outcome = co_await answering_.answer_in_turn(query);
  if (!outcome) backend.keep_ended(spine_.refuse(query, outcome.error()));
  co_return outcome.has_value();
}

bool Questions::stop(const QueryId& query) {
  const auto found = begun_.find(query);
  if (found == begun_.end() || found->second->running() == 0) return spine_.stop(query);
  found->second->cancel_all();
  return true;
}

Task<void> Questions::settle(Time until) {
  closed_ = true;
  for (auto& [id, group] : begun_) {
    while (co_await group->next(answering_.clock(), until)) {
    }
  }
  for (auto& [id, group] : begun_) co_await group->join();
  begun_.clear();
}

http::Response native_refusal(const Error& error) {
  const bool busy = error.code == ErrorCode::overloaded;
  return refusal(error, wire::encode_error(error),
                 busy ? std::optional<Duration>(std::chrono::seconds(1)) : std::nullopt);
}

}  // namespace kai
