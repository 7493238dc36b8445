#include "api/dialect.h"

#include <fmt/format.h>

#include "wire/steps.h"
#include "wire/tools.h"

namespace kai {

namespace {

// A comment: clients skip it, where an event of our own breaks them.
constexpr std::string_view sse_silence = ": kai is thinking\n\n";

std::string comment(std::string_view line) {
  return fmt::format(": {}\n\n", line);
}

// A question's steps, for those who asked for them.
class Progress {
 public:
  explicit Progress(wire::StepsAs how) : how_(how) {}

  // `part`: of a line, where it is no comment. Empty: there is nothing to say.
  template <class Part>
  std::string say(const Event& event, Part part) {
    if (how_ == wire::StepsAs::nothing) return "";
    const std::string line = steps_.say(event);
    if (line.empty()) return "";
    return how_ == wire::StepsAs::comment ? comment(line)
                                          : part(line, how_ == wire::StepsAs::reasoning);
  }

 private:
  wire::StepsAs how_;
  wire::Steps steps_;
};

class OpenAi final : public Dialect {
 public:
  OpenAi(wire::openai::Stamp stamp, wire::StepsAs steps)
      : stamp_(std::move(stamp)), progress_(steps) {}

  void about(const QueryId& query) override { stamp_.id = "chatcmpl-" + query.text; }
  std::string_view stream_type() const override { return "text/event-stream"; }
  std::string note(const Event& event) override {
    return progress_.say(event, [this](std::string_view line, bool reasoning) {
      return wire::openai::encode_step(stamp_, line, reasoning, !std::exchange(begun_, true));
    });
  }
  std::string words(std::string_view text, bool first) override {
    return wire::openai::encode_words(stamp_, text, first && !begun_);
  }
  std::string all_words(const Outcome& outcome, bool first) override {
    return stamp_.logprobs ? wire::openai::encode_all_words(stamp_, outcome, first && !begun_)
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
  Progress progress_;
  bool begun_ = false;  // a step was the stream's first part, which has the role
};

class Responses final : public Dialect {
 public:
  Responses(wire::openai::ResponseWriter writer, wire::StepsAs steps)
      : writer_(std::move(writer)), progress_(steps) {}

  void about(const QueryId& query) override { writer_.about(query.text); }
  std::string_view stream_type() const override { return "text/event-stream"; }
  std::string note(const Event& event) override {
    return progress_.say(event, [](std::string_view line, bool) { return comment(line); });
  }
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
  Progress progress_;
};

class Ollama final : public Dialect {
 public:
  Ollama(wire::ollama::Stamp stamp, wire::StepsAs steps)
      : stamp_(std::move(stamp)), progress_(steps) {}

  std::string_view stream_type() const override { return "application/x-ndjson"; }
  std::string note(const Event& event) override {
    return progress_.say(event, [this](std::string_view line, bool reasoning) {
      return wire::ollama::encode_step(stamp_, line, reasoning);
    });
  }
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
  Progress progress_;
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

std::unique_ptr<Dialect> make_openai(wire::openai::Stamp stamp, wire::StepsAs steps) {
  return std::make_unique<OpenAi>(std::move(stamp), steps);
}

std::unique_ptr<Dialect> make_responses(wire::openai::ResponseWriter writer, wire::StepsAs steps) {
  return std::make_unique<Responses>(std::move(writer), steps);
}

std::unique_ptr<Dialect> make_ollama(wire::ollama::Stamp stamp, wire::StepsAs steps) {
  return std::make_unique<Ollama>(std::move(stamp), steps);
}

std::unique_ptr<Dialect> make_mcp(const wire::mcp::Message& call) {
  return std::make_unique<Mcp>(call);
}

}  // namespace kai
