#include "api/repeats.h"

#include <functional>
#include <utility>

namespace kai {

namespace {

// A caller's name has no blank.
std::string name_of(const Repeats::Request& request) {
  return std::string(request.caller) + ' ' + std::string(request.key);
}

}  // namespace

Result<QueryId> Repeats::find(const Request& request) {
  forget_old();
  const auto found = done_.find(name_of(request));
  if (found == done_.end()) return QueryId();
  if (found->second.body != std::hash<std::string_view>()(request.body)) {
    return fail(ErrorCode::invalid_request,
                "this Idempotency-Key was sent with another body before; take a new one for "
                "another question");
  }
  return found->second.question;
}

void Repeats::note(const Request& request, const QueryId& question) {
  std::string name = name_of(request);
  const Done done{std::hash<std::string_view>()(request.body), question};
  if (!done_.emplace(name, done).second) return;
  order_.push_back({std::move(name), clock_.now()});
  forget_old();
}

void Repeats::forget_old() {
  while (!order_.empty() &&
         (order_.size() > remembered_max || clock_.now() - order_.front().time >= lifetime)) {
    done_.erase(order_.front().name);
    order_.pop_front();
  }
}

}  // namespace kai
