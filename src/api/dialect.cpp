#include "api/dialect.h"

#include <fmt/format.h>

#include "wire/tools.h"

namespace kai {

namespace {

// A comment: clients skip it, where an event of our own breaks them.
constexpr std::string_view sse_silence = ": kai is thinking\n\n";

class OpenAi final : public Dialect {
 public:
  explicit OpenAi(wire::openai::Stamp stamp) : stamp_(std::move(stamp)) {}

  void about(const QueryId& query) override { stamp_.id = "chatcmpl-" + query.text; }
  std::string_view stream_type() const override { return "text/event-stream"; }
  std::string words(std::string_view text, bool first) override {
    return wire::openai::encode_words(stamp_, text, first);
  }
  std::string all_words(const Outcome& outcome, bool first) override {
    return stamp_.logprobs ? wire::openai::encode_all_words(stamp_, outcome, first)
                           : Dialect::all_words(outcome, first);
  }
  std::string silence() const override { return std::string(sse_silence); }
  std::string last(const Outcome& outcome) override {
    return wire::openai::encode_last(stamp_, outcome);
  }
  std::string broken(const Error& error) override { return wire::openai::encode_broken(error); }
  std::string whole(const Outcome& outcome) const override {
    return wire::openai::encode_chat(stamp_, outcome);
  }
  std::string refusal(const Error& error) const override {
    return wire::openai::encode_error(error);
  }

 private:
  wire::openai::Stamp stamp_;
};

class Responses final : public Dialect {
 public:
  explicit Responses(wire::openai::ResponseWriter writer) : writer_(std::move(writer)) {}

  void about(const QueryId& query) override { writer_.about(query.text); }
  std::string_view stream_type() const override { return "text/event-stream"; }
  std::string words(std::string_view text, bool) override { return writer_.words(text); }
  std::string all_words(const Outcome& outcome, bool) override {
    return writer_.all_words(outcome);
  }
  std::string silence() const override { return std::string(sse_silence); }
  std::string last(const Outcome& outcome) override { return writer_.last(outcome); }
  std::string broken(const Error& error) override { return writer_.broken(error); }
  std::string whole(const Outcome& outcome) const override { return writer_.whole(outcome); }
  std::string refusal(const Error& error) const override {
    return wire::openai::encode_error(error);
  }

 private:
  wire::openai::ResponseWriter writer_;
};

class Ollama final : public Dialect {
 public:
  explicit Ollama(wire::ollama::Stamp stamp) : stamp_(std::move(stamp)) {}

  std::string_view stream_type() const override { return "application/x-ndjson"; }
  std::string words(std::string_view text, bool) override {
    return wire::ollama::encode_words(stamp_, text);
  }
  // Lines have no comments, and an empty one is no JSON: a line without words.
  std::string silence() const override { return wire::ollama::encode_words(stamp_, ""); }
  std::string last(const Outcome& outcome) override {
    return wire::ollama::encode_last(stamp_, outcome, "");
  }
  std::string broken(const Error& error) override { return wire::ollama::encode_error(error); }
  std::string whole(const Outcome& outcome) const override {
    return wire::ollama::encode_last(stamp_, outcome, wire::words_of(outcome));
  }
  std::string refusal(const Error& error) const override {
    return wire::ollama::encode_error(error);
  }

 private:
  wire::ollama::Stamp stamp_;
};

// Nothing but how far it is before the whole answer.
class Mcp final : public Dialect {
 public:
  explicit Mcp(const wire::mcp::Message& call) : id_(call.id), progress_(call.progress) {}

  std::string_view stream_type() const override { return "text/event-stream"; }
  std::string note(const Event& event) override {
    std::string line = progress_.encode(event);
    return line.empty() ? line : message(line);
  }
  std::string words(std::string_view, bool) override { return ""; }
  std::string silence() const override { return std::string(sse_silence); }
  std::string last(const Outcome& outcome) override {
    return message(wire::mcp::encode_answer(id_, outcome));
  }
  std::string broken(const Error& error) override {
    return message(wire::mcp::encode_refused(id_, error));
  }
  std::string whole(const Outcome& outcome) const override {
    return wire::mcp::encode_answer(id_, outcome);
  }
  std::string refusal(const Error& error) const override {
    return wire::mcp::encode_refused(id_, error);
  }

 private:
  static std::string message(std::string_view line) {
    return fmt::format("event: message\ndata: {}\n\n", line);
  }

  std::string id_;
  wire::mcp::Progress progress_;
};

}  // namespace

std::string Dialect::all_words(const Outcome& outcome, bool first) {
  const std::string text = wire::words_of(outcome);
  return text.empty() ? "" : words(text, first);
}

std::unique_ptr<Dialect> make_openai(wire::openai::Stamp stamp) {
  return std::make_unique<OpenAi>(std::move(stamp));
}

std::unique_ptr<Dialect> make_responses(wire::openai::ResponseWriter writer) {
  return std::make_unique<Responses>(std::move(writer));
}

std::unique_ptr<Dialect> make_ollama(wire::ollama::Stamp stamp) {
  return std::make_unique<Ollama>(std::move(stamp));
}

std::unique_ptr<Dialect> make_mcp(const wire::mcp::Message& call) {
  return std::make_unique<Mcp>(call);
}

}  // namespace kai
