// native: what kai's own protocol, /api/v1, has beside what all protocols share: questions that go
// on without their client, their events, and the history.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/answering.h"
#include "api/repeats.h"
#include "api/spine.h"
#include "base/result.h"
#include "base/task.h"
#include "base/task_group.h"
#include "domain/forecast.h"
#include "domain/history.h"
#include "domain/model.h"
#include "domain/recorded.h"
#include "wire/native_api.h"

namespace kai {

// What kai's own protocol needs beside Backend; called on kai's one thread.
struct NativeBackend {
  std::function<Result<>(const Query&)> check;      // as Coordinator::check()
  std::function<Result<Forecast>(Query)> forecast;  // as Coordinator::forecast()
  std::function<const Fleet&()> fleet;
  std::function<const std::vector<CostCard>&()> cards;
  std::function<std::vector<wire::native::Loaded>()> loaded;  // now
  // As the Store has them.
  std::function<Task<Result<std::string>>(std::string id)> document;
  std::function<Task<Result<HistoryPage>>(HistorySearch)> search;
  std::function<Task<Result<QueryId>>(std::string id, Feedback)> put_feedback;
  // Keeps a question that was taken, and one that ended without being answered.
  std::function<void(const Query&)> keep_begun;
  std::function<void(const Outcome&)> keep_ended;
  // Reads the configuration again; errors: invalid_config, and nothing has changed.
  std::function<Result<wire::native::Reloaded>()> reload;
};

// Questions that go on without the client that asked them.
class Questions {
 public:
  // All must outlive this.
  Questions(Executor executor, Answering& answering, Spine& spine)
      : executor_(std::move(executor)), answering_(answering), spine_(spine) {}

  // Begins to answer it for `caller` (http::Exchange::caller). Errors: overloaded (too many wait
  // already).
  Result<> begin(std::string caller, Query query, const NativeBackend& backend);
  // How many of a caller's questions are not over.
  int begun_by(const std::string& caller) const;
  // Any question that is being answered, or waits for its turn here, ends as cancelled. False:
  // there is no such one.
  bool stop(const QueryId& query);
  // Waits for those begun here until `until`, then has them end. Once; nothing is begun after it.
  Task<void> settle(Time until);

 private:
  Task<bool> answer(std::string caller, Query query, const NativeBackend& backend);

  Executor executor_;
  Answering& answering_;
  Spine& spine_;
  bool closed_ = false;
  struct Begun {
    std::string caller;
    std::unique_ptr<TaskGroup<bool>> group;  // of one, so that it can be forgotten once it ended
    bool over() const { return group->running() == 0; }
  };
  std::unordered_map<QueryId, Begun> begun_;
};

// What the routes of /api/v1 work with.
struct NativeSite {
  Answering& answering;
  Spine& spine;
  Questions& questions;
  const NativeBackend* backend = nullptr;  // null: not open yet
  Repeats repeats{answering.clock()};
};

// A stream of the events of one question, or of all; see docs/api.md. Nothing comes back where it
// was told.
Task<Reply> tell_one(NativeSite& site, http::Exchange& exchange, QueryId query);
Task<Reply> tell_all(NativeSite& site, http::Exchange& exchange);

// In kai's own form of errors.
http::Response native_refusal(const Error& error);

}  // namespace kai
