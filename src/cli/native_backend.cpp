#include "cli/native_backend.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/other_thread.h"
#include "wire/recorded.h"

namespace kai {

namespace {

// A read waits for the writes before it; on a disk that does not respond, no longer than this.
constexpr Duration read_max = std::chrono::seconds(5);
constexpr Duration feedback_max = std::chrono::seconds(10);

template <class T>
Result<T> or_silent(std::optional<Result<T>> value) {
  if (value) return *std::move(value);
  return fail(ErrorCode::storage, "the data folder does not respond; try again later");
}

// Parameters are taken by value: it runs later.
Task<Result<std::string>> document_of(Session& session, std::string id) {
  co_return or_silent(co_await from_other_thread<Result<std::string>>(
      session.io().get_executor(), session.clock(), session.clock().now() + read_max,
      [&session, id](auto give) { session.store().outcome_json_later(id, std::move(give)); }));
}

Task<Result<HistoryPage>> page_of(Session& session, HistorySearch what) {
  co_return or_silent(co_await from_other_thread<Result<HistoryPage>>(
      session.io().get_executor(), session.clock(), session.clock().now() + read_max,
      [&session, what](auto give) { session.store().search_later(what, std::move(give)); }));
}

Task<Result<QueryId>> judge(Session& session, std::function<void(Shape)> on_judged, std::string id,
                            Feedback feedback) {
  const auto whole = or_silent(co_await from_other_thread<Result<QueryId>>(
      session.io().get_executor(), session.clock(), session.clock().now() + feedback_max,
      [&session, id, feedback](auto give) {
        session.store().put_feedback_later(id, feedback, std::move(give));
      }));
  if (!whole) co_return whole;
  if (const auto document = co_await document_of(session, whole->text)) {
    if (const auto recorded = wire::decode_recorded(*document)) on_judged(recorded->shape);
  }
  co_return whole;
}

std::vector<wire::native::Loaded> loaded_in(Session& session) {
  std::vector<wire::native::Loaded> list;
  for (const auto& one : session.residents()) {
    list.push_back({one.model, one.device, one.bytes});
  }
  return list;
}

}  // namespace

NativeBackend native_backend(Session& session, std::function<void(Shape)> on_judged) {
  NativeBackend backend;
  backend.forecast = [&](Query query) { return session.forecast(std::move(query)); };
  backend.fleet = [&]() -> const Fleet& { return session.fleet(); };
  backend.cards = [&]() -> const std::vector<CostCard>& { return session.cards(); };
  backend.loaded = [&] { return loaded_in(session); };
  backend.document = [&](std::string id) { return document_of(session, std::move(id)); };
  backend.search = [&](HistorySearch what) { return page_of(session, std::move(what)); };
  backend.put_feedback = [&session, on_judged = std::move(on_judged)](std::string id,
                                                                      Feedback feedback) {
    return judge(session, on_judged, std::move(id), std::move(feedback));
  };
  backend.keep_begun = [&](const Query& query) {
    session.store().begin(query, session.clock().wall());
  };
  backend.keep_ended = [&](const Outcome& outcome) { session.store().record(outcome); };
  return backend;
}

wire::native::Reloaded sorted_by_effect(const std::vector<std::string>& keys) {
  constexpr std::array<std::string_view, 18> heeded{"tiers.",
                                                    "planner.",
                                                    "consensus.",
                                                    "question_chars_max",
                                                    "learning.",
                                                    "models",
                                                    "ollama_store",
                                                    "inspect.",
                                                    "member",
                                                    "serve.hosts",
                                                    "serve.origins",
                                                    "serve.rate_max",
                                                    "serve.questions_max",
                                                    "serve.waiting_max",
                                                    "serve.wait_max",
                                                    "serve.embed_max",
                                                    "serve.silence_max",
                                                    "serve.drain_max"};
  wire::native::Reloaded reloaded;
  for (const auto& key : keys) {
    const bool at_once = std::ranges::any_of(heeded, [&](std::string_view one) {
      return one.ends_with('.') ? key.starts_with(one) : key == one;
    });
    (at_once ? reloaded.at_once : reloaded.next_start).push_back(key);
  }
  return reloaded;
}

}  // namespace kai
