// tool_parts: how requests tell of tools, in OpenAI's protocol and in Ollama's. Private to wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/chat_request.h"
#include "wire/json.h"
#include "wire/tools.h"

namespace kai::wire {

inline constexpr std::size_t tools_max = 128;
inline constexpr std::size_t tool_name_bytes_max = 64;

// Where a tool's name and parameters stand: in its "function", or beside its type, as in OpenAI's
// newer protocol.
enum class ToolForm : std::uint8_t { nested, flat };

// What a client wants done with its tools.
struct ToolChoice {
  enum class How : std::uint8_t { none, may, must };
  How how = How::may;
  std::string only;  // must: this one; empty: any
};

// "tool_choice" of OpenAI's protocols; may, where it is not there.
ToolChoice read_tool_choice(Fields& fields, ToolForm form);

// "tools", where it is there and `choice` does not say none: what members are told of them goes
// before the messages, the form of answers into the grammar. A tool whose parameters are no schema
// that kai can hold members to is refused by its place; members are told what only narrows a value,
// such as a pattern, but not held to it.
void read_tools(Fields& fields, ToolForm form, const ToolChoice& choice, ChatRequest& request);

// A conversation in which tools may have been called, as members read it: calls in the form that
// they write them in themselves, what came back as the user's words.
class ToolTalk {
 public:
  void say(Role role, std::string text);
  // Of the assistant's message said last.
  void call(std::string id, ToolCall call);
  // What a call gave; `id` is its own, where the protocol has one, else empty.
  void give(std::string_view id, std::string_view name, std::string_view what);
  // All messages. Where the last one is what a tool gave, the question is said once more.
  std::vector<Message> take();

 private:
  struct Called {
    std::string id, name;
  };
  std::vector<Message> messages_;
  std::vector<Called> called_;
  std::string question_;  // the user's own last words
  bool given_ = false;    // the last message is what tools gave
};

// A call's arguments, which OpenAI has as the text of a JSON object.
std::string read_arguments(Fields& function);

// A member "tool_calls" of an assistant's message. `arguments_are_text`: OpenAI's are.
void read_calls(Fields& message, bool arguments_are_text, ToolTalk& talk);

}  // namespace kai::wire
