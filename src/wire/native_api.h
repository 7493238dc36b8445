// native_api: kai's own HTTP protocol, text <-> nouns, described by src/api/openapi.json. Pure. One
// JSON object a text, without a line's end; events are wire/documents.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/history.h"
#include "domain/model.h"
#include "domain/query.h"
#include "domain/recorded.h"
#include "wire/chat_request.h"

namespace kai::wire::native {

// The body of POST /api/v1/queries and /api/v1/plan.
struct Asking {
  ChatRequest chat;  // its model is "kai:auto"
  bool synthesize = false;
};
// Strict: a field that is not known is refused by its name. Errors: invalid_request.
Result<Asking> decode_asking(std::string_view body);

// The body of PUT …/feedback: {"said": "good" or "bad"} or {"answer": "the right one"}. Errors:
// invalid_request.
Result<Feedback> decode_feedback(std::string_view body);

// The body of POST …/replay: what is to be otherwise than it was asked then; may be empty.
struct Replaying {
  std::optional<Tier> tier;
  std::optional<Mode> mode;
  std::vector<ModelId> members;
  std::optional<Duration> deadline;
};
Result<Replaying> decode_replaying(std::string_view body);
// The question of a stored document as a request to ask it again, changed by `replaying`. Errors:
// invalid_request (it was asked inside a conversation, which is not kept; it is no document).
Result<Asking> asking_again(std::string_view document, const Replaying& replaying);

// The same for a client of such a server. `query` as decode_asking() is to give it; its seed only
// where `seeded`.
std::string encode_asking(const Query& query, bool seeded);
// Of the reply: the id. Errors: invalid_request (it is no such reply).
Result<QueryId> decode_taken(std::string_view body);
// The error that a refusal's body names; of another body one that says so.
Error decode_refusal(std::string_view body);

// The reply to a question that was taken: its id and where it is told.
std::string encode_taken(const QueryId& query);

std::string encode_history(const HistoryPage& page);

// A model that is loaded now.
struct Loaded {
  ModelId model;
  DeviceId device;
  Bytes bytes{};  // of its weights, as known
  bool operator==(const Loaded&) const = default;
};
// GET /api/v1/models: refused ones too, each with what is known of its costs and where it is
// loaded.
std::string encode_models(const Fleet& fleet, std::span<const CostCard> cards,
                          std::span<const Loaded> loaded);
// GET /api/v1/devices
std::string encode_devices(const Fleet& fleet);

// What happens beside the questions, on the one stream of all events; `seq` as an event's.
std::string encode_models_changed(std::uint64_t seq, const Fleet& fleet,
                                  std::span<const Loaded> loaded);
// The first thing that stream tells: what there is, and every running question by the events that
// lead to where it stands, each a text of encode_event().
std::string encode_snapshot(std::uint64_t seq, const Fleet& fleet, std::span<const Loaded> loaded,
                            std::span<const std::string> events);

// Which keys of the configuration have other values after it was read again.
struct Reloaded {
  std::vector<std::string> at_once;     // for the next question
  std::vector<std::string> next_start;  // of the server
};
std::string encode_reloaded(const Reloaded& reloaded);

}  // namespace kai::wire::native
