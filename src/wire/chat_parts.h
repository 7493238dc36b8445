// chat_parts: what the codecs of OpenAI's and Ollama's protocols have in common. Private to wire.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/outcome.h"
#include "wire/chat_request.h"
#include "wire/json.h"
#include "wire/json_text.h"

namespace kai::wire {

// Refuses every field that is neither `known` nor null, by its name.
void refuse_others(Fields& fields, const std::vector<std::string_view>& known,
                   std::string_view remedy);

// The object "kai": tier, mode, members, deadline_ms, stream, progress. Nothing where there is
// none. `steps`: the ways that the protocol has to tell them. Behind "stream" of the request.
void read_kai(Fields& fields, const std::vector<StepsAs>& steps, ChatRequest& request);
// The first four of these, where they stand among others.
void read_wishes(Fields& fields, ChatRequest& request);

// "stop": a string or a list of strings. Absent: nothing.
std::vector<std::string> read_stop(Fields& fields);

std::optional<double> read_number(Fields& fields, std::string_view name, double min, double max);
std::optional<std::uint64_t> read_seed(Fields& fields);

// Ollama's "keep_alive": a duration such as "1h30m" or a number of seconds, as Query::keep has it;
// below 0 is max(), for ever. At most 30 days. Nothing: it is not there.
std::optional<Duration> read_keep_alive(Fields& fields);

// A JSON Schema as the form of its documents; refused by its name where it cannot be one.
JsonForm read_schema(Fields& fields, std::string_view name);

// Who may speak in a conversation; "developer" is OpenAI's newer word for system. Nothing: another
// role, such as a tool's.
std::optional<Role> chat_role(std::string_view name);

// The last message has to be the user's, none may be too much.
void check_messages(Fields& fields, const std::vector<Message>& messages);

// What a client that knows kai may want to know beside the answer.
void add_kai(JsonText& out, const Outcome& outcome);
std::string kai_text(const Outcome& outcome);
json::object kai_object(const Outcome& outcome);

// The answer of the member whose words were taken; nothing: there is none.
const Answer* author_of(const Outcome& outcome);

// "stop", or "length" where the author was cut.
std::string_view finish_reason(const Outcome& outcome);

// Of all members together: all of them were paid for.
Usage usage_of(const Outcome& outcome);

}  // namespace kai::wire
