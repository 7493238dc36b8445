// mcp: the Model Context Protocol's messages, text <-> nouns (modelcontextprotocol.io,
// specification 2025-11-25): JSON-RPC 2.0 with two tools, ask_ensemble and ensemble_status. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "wire/chat_request.h"

namespace kai::wire::mcp {

// Of the specification, the newest first: a client that wishes for another one is offered this. The
// one before has batches, which are not taken.
inline constexpr std::array<std::string_view, 2> versions{"2025-11-25", "2025-06-18"};

bool is_spoken(std::string_view version);

enum class What : std::uint8_t {
  initialize,
  ping,
  tools,  // the list of them
  ask,
  status,
  cancelled,  // nobody waits for a request's reply any more
  nothing,    // another notification, or a reply: nothing is to be said
  wrong,      // `error` with `code` says why
};

struct Message {
  What what = What::wrong;
  std::string id;        // JSON: a string or a whole number; "null": not known, for an error alone
  std::string version;   // of initialize: as the client wishes
  ChatRequest question;  // of ask
  std::string progress;  // of ask: the token for its progress, JSON; empty: none is wanted
  std::string request;   // of cancelled: its id, JSON
  std::optional<Error> error;  // of wrong; of ask and status: their arguments are
  int code = 0;                // JSON-RPC's, of wrong
};

// Whatever came, at most one message: more at once are refused, as the specification says.
Message decode(std::string_view text);

// One line each, without its end; `id` as decode() gives it.
std::string encode_initialized(std::string_view id, std::string_view wished,
                               std::string_view kai_version);
std::string encode_pong(std::string_view id);
std::string encode_tools(std::string_view id);
std::string encode_error(std::string_view id, int code, std::string_view sentence);
// What a tool says that could not do its work, for the model that called it.
std::string encode_refused(std::string_view id, const Error& error);
// An answer; where there is none, as encode_refused().
std::string encode_answer(std::string_view id, const Outcome& outcome);

struct Status {
  bool ready = false;
  int questions = 0;  // being answered
  const std::vector<Model>* models = nullptr;
  std::vector<ModelId> loaded;
};
std::string encode_status(std::string_view id, const Status& status);

// How far a question is, from its events: who has answered of those asked. Rises with each one, as
// the specification wants it.
class Progress {
 public:
  explicit Progress(std::string token) : token_(std::move(token)) {}
  // Empty: nothing to say.
  std::string encode(const Event& event);

 private:
  std::string token_;  // JSON; empty: none is wanted
  int told_ = -1;      // members that had answered
};

inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int parse_error = -32700;

}  // namespace kai::wire::mcp
