// Repeats: requests that come again with the Idempotency-Key of an earlier one
// (draft-ietf-httpapi-idempotency-key-header), so that a client whose reply was lost can ask again
// and nothing is done twice. In memory: the newest 4,096 of the last ten minutes; what is older, or
// from before a restart, is done anew.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace kai {

class Repeats {
 public:
  static constexpr std::size_t remembered_max = 4096;
  static constexpr std::size_t key_bytes_max = 255;
  static constexpr Duration lifetime = std::chrono::minutes(10);

  // `clock` must outlive this.
  explicit Repeats(Clock& clock) : clock_(clock) {}

  // caller: http::Exchange::caller, whose keys are its own; key: as it was sent.
  struct Request {
    std::string_view caller, key, body;
  };
  // The question that it began the first time; an empty id: it is the first. Errors:
  // invalid_request (the key was used with another body).
  Result<QueryId> find(const Request& request);
  // It has begun this question.
  void note(const Request& request, const QueryId& question);

 private:
  struct Done {
    std::size_t body = 0;  // its hash
    QueryId question;
  };
  struct Named {
    std::string name;
    Time time{};
  };
  void forget_old();

  Clock& clock_;
  std::unordered_map<std::string, Done> done_;  // by caller and key
  std::deque<Named> order_;                     // the oldest first
};

}  // namespace kai
