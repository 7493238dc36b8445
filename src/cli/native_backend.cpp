#include "cli/native_backend.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/beside.h"
#include "wire/recorded.h"

namespace kai {

namespace {

// A read waits for the writes before it; on a disk that does not respond, no longer than this.
constexpr Duration read_max = std::chrono::seconds(5);
constexpr Duration feedback_max = std::chrono::seconds(10);

// Parameters are taken by value: it runs later.
Task<Result<std::string>> document_of(Session& session, std::string id) {
  return asked_beside<std::string>(session, read_max, [id = std::move(id)](auto& store, auto done) {
    store.outcome_json_later(id, std::move(done));
  });
}

Task<Result<HistoryPage>> page_of(Session& session, HistorySearch what) {
  return asked_beside<HistoryPage>(session, read_max,
                                   [what = std::move(what)](auto& store, auto done) {
                                     store.search_later(what, std::move(done));
                                   });
}

Task<Result<QueryId>> judge(Session& session, std::function<void(Shape, Feedback::Kind)> on_judged,
                            std::string id, Feedback feedback) {
  const auto whole = co_await asked_beside<QueryId>(
      session, feedback_max, [&id, &feedback](auto& store, auto done) {
        store.put_feedback_later(id, feedback, std::move(done));
      });
  if (!whole) co_return whole;
  if (const auto document = co_await document_of(session, whole->text)) {
    if (const auto recorded = wire::decode_recorded(*document))
      on_judged(recorded->shape, feedback.kind);
  }
  co_return whole;
}

std::vector<wire::native::Loaded> loaded_in(Session& session) {
  std::vector<wire::native::Loaded> list;
  for (const auto& one : session.residents()) {
    const auto split = session.split(one);
    list.push_back({one.model, one.device, split ? split->here : one.bytes});
    if (split) list.push_back({one.model, split->beside, split->there});
  }
  return list;
}

}  // namespace

NativeBackend native_backend(Session& session,
                             std::function<void(Shape, Feedback::Kind)> on_judged) {
  NativeBackend backend;
  backend.check = [&](const Query& query) { return session.check(query); };
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
