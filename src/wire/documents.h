// documents: the JSON that leaves kai for people's scripts and for the store. The form is stable
// and documented in docs/answer.schema.json; a field is added, never renamed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/event.h"
#include "domain/outcome.h"

namespace kai::wire {

// One question with every member's fate, one line of JSON, valid against docs/answer.schema.json.
std::string encode_outcome(const Outcome& outcome);

// One event as one line of JSON: {"type":"member.token","t_ms":12,…}.
std::string encode_event(const Event& event);

// The same as the server tells it, among the events of other questions:
// {"type":"member.token","seq":1795000000000012,"query":"q_…","t_ms":12,…}. A plan has its
// "deadline_ms" there.
struct EventPlace {
  std::uint64_t seq = 0;  // of all events; grows
  QueryId query;
  Time asked{};  // as Query::asked
};
std::string encode_event(const Event& event, const EventPlace& place);
// A question came: "query.asked", the first event of each.
std::string encode_asked(const Query& query, WallTime asked, const EventPlace& place);
// What was told of a question before is void; it is told again behind this: "query.anew".
std::string encode_anew(const EventPlace& place);

// A verdict as a document holds it, one line.
std::string encode_verdict(const Verdict& verdict);

// {"error":{"code":"no_members","message":"…"}}
std::string encode_error(const Error& error);
// The message of such a document; nothing: it is something else.
std::optional<std::string> message_of_error(std::string_view text);

// Indented, for people (`kai logs show`). Invalid JSON comes back as it is.
std::string pretty(std::string_view json);

}  // namespace kai::wire
