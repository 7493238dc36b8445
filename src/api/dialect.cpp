#include "api/dialect.h"

namespace kai {

namespace {

class OpenAi final : public Dialect {
 public:
  explicit OpenAi(wire::openai::Stamp stamp) : stamp_(std::move(stamp)) {}

  void about(const QueryId& query) override { stamp_.id = "chatcmpl-" + query.text; }
  std::string_view stream_type() const override { return "text/event-stream"; }
  std::string words(std::string_view text, bool first) const override {
    return wire::openai::encode_words(stamp_, text, first);
  }
  // A comment: clients skip it, where an event of our own breaks them.
  std::string silence() const override { return ": kai is thinking\n\n"; }
  std::string last(const Outcome& outcome) const override {
    return wire::openai::encode_last(stamp_, outcome);
  }
  std::string broken(const Error& error) const override {
    return wire::openai::encode_broken(error);
  }
  std::string whole(const Outcome& outcome) const override {
    return wire::openai::encode_chat(stamp_, outcome);
  }
  std::string refusal(const Error& error) const override {
    return wire::openai::encode_error(error);
  }

 private:
  wire::openai::Stamp stamp_;
};

class Ollama final : public Dialect {
 public:
  explicit Ollama(wire::ollama::Stamp stamp) : stamp_(std::move(stamp)) {}

  std::string_view stream_type() const override { return "application/x-ndjson"; }
  std::string words(std::string_view text, bool) const override {
    return wire::ollama::encode_words(stamp_, text);
  }
  // Lines have no comments, and an empty one is no JSON: a line without words.
  std::string silence() const override { return wire::ollama::encode_words(stamp_, ""); }
  std::string last(const Outcome& outcome) const override {
    return wire::ollama::encode_last(stamp_, outcome, "");
  }
  std::string broken(const Error& error) const override {
    return wire::ollama::encode_error(error);
  }
  std::string whole(const Outcome& outcome) const override {
    return wire::ollama::encode_last(stamp_, outcome, outcome.verdict.text);
  }
  std::string refusal(const Error& error) const override {
    return wire::ollama::encode_error(error);
  }

 private:
  wire::ollama::Stamp stamp_;
};

}  // namespace

std::unique_ptr<Dialect> make_openai(wire::openai::Stamp stamp) {
  return std::make_unique<OpenAi>(std::move(stamp));
}

std::unique_ptr<Dialect> make_ollama(wire::ollama::Stamp stamp) {
  return std::make_unique<Ollama>(std::move(stamp));
}

}  // namespace kai
