#include "worker/chat.h"

#include <fmt/format.h>

namespace kai {

namespace {

// Stands for a message's text while llama.cpp builds the frame. Control characters keep it apart
// from anything a template writes; user text never goes through the template.
std::string placeholder(std::size_t index) {
  return fmt::format("\x02{}\x03", index);
}

std::vector<Segment> by_own_frames(std::span<const Message> messages, const ChatTemplate& chat) {
  std::vector<Segment> segments;
  const auto add_frame = [&](const std::string& text) {
    if (text.empty()) return;
    if (!segments.empty() && segments.back().frame) {
      segments.back().text += text;
    } else {
      segments.push_back({text, true});
    }
  };
  add_frame(chat.preamble);
  for (const auto& message : messages) {
    const Frame& around = message.role == Role::system      ? chat.system
                          : message.role == Role::assistant ? chat.assistant
                                                            : chat.user;
    // A template without a form for system messages leaves them out.
    if (message.role == Role::system && around == Frame{}) continue;
    add_frame(around.prefix);
    segments.push_back({message.text, false});
    add_frame(around.suffix);
  }
  add_frame(chat.assistant.prefix);
  return segments;
}

Result<std::string> apply_family(std::span<const Message> messages, const std::string& family) {
  std::vector<std::string> places;
  std::vector<std::string> roles;
  for (std::size_t index = 0; index < messages.size(); ++index) {
    places.push_back(placeholder(index));
    roles.emplace_back(to_string(messages[index].role));
  }
  std::vector<llama_chat_message> chat;
  for (std::size_t index = 0; index < messages.size(); ++index) {
    chat.push_back({roles[index].c_str(), places[index].c_str()});
  }
  std::string text(4096, '\0');
  for (;;) {
    const int size = llama_chat_apply_template(family.c_str(), chat.data(), chat.size(), true,
                                               text.data(), static_cast<int>(text.size()));
    if (size < 0) {
      return fail(ErrorCode::model_refused,
                  "its chat template is of no family that llama.cpp knows; give the member a "
                  "template in kai.toml, e.g. template = \"chatml\"");
    }
    if (static_cast<std::size_t>(size) <= text.size()) {
      text.resize(static_cast<std::size_t>(size));
      return text;
    }
    text.resize(static_cast<std::size_t>(size));
  }
}

}  // namespace

bool known_template(const std::string& file_template) {
  const Message probe{Role::user, ""};
  return !file_template.empty() && apply_family({&probe, 1}, file_template).has_value();
}

Result<std::vector<Segment>> frame(std::span<const Message> messages, const ChatTemplate& chat,
                                   const std::string& file_template) {
  if (chat.own_frames()) return by_own_frames(messages, chat);
  const std::string& family = chat.family.empty() ? file_template : chat.family;
  if (family.empty()) {
    return fail(ErrorCode::model_refused,
                "the file has no chat template (a base model?); give the member a template in "
                "kai.toml, e.g. template = \"qa\"");
  }
  auto framed = apply_family(messages, family);
  if (!framed) return std::unexpected(framed.error());

  std::vector<Segment> segments;
  std::string_view rest = *framed;
  for (std::size_t index = 0; index < messages.size(); ++index) {
    const std::string place = placeholder(index);
    const std::size_t at = rest.find(place);
    if (at == std::string_view::npos) continue;  // a family without this role leaves it out
    if (at > 0) segments.push_back({std::string(rest.substr(0, at)), true});
    segments.push_back({messages[index].text, false});
    rest.remove_prefix(at + place.size());
  }
  if (!rest.empty()) segments.push_back({std::string(rest), true});
  return segments;
}

std::vector<llama_token> tokenise(const llama_vocab* vocab, std::span<const Segment> segments) {
  std::vector<llama_token> tokens;
  bool first = true;
  for (const auto& segment : segments) {
    // A token is at least one byte; two more for the beginning and the end of text.
    std::vector<llama_token> part(segment.text.size() + 2);
    const int count =
        llama_tokenize(vocab, segment.text.data(), static_cast<int>(segment.text.size()),
                       part.data(), static_cast<int>(part.size()), first, segment.frame);
    first = false;
    // A frame that writes the beginning-of-text itself must not double it.
    std::size_t from = 0;
    const llama_token bos = llama_vocab_bos(vocab);
    if (tokens.empty() && count >= 2 && part[0] == bos && part[1] == bos) from = 1;
    if (count > 0) {
      tokens.insert(tokens.end(), part.begin() + static_cast<std::ptrdiff_t>(from),
                    part.begin() + count);
    }
  }
  return tokens;
}

}  // namespace kai
