// Dialect: how one protocol says what all of them say: an answer whole or word by word, and why
// there is none.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/event.h"
#include "domain/outcome.h"
#include "wire/mcp.h"
#include "wire/ollama_api.h"
#include "wire/openai.h"
#include "wire/responses.h"

namespace kai {

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual void about(const QueryId&) {}              // which question is answered, before it is
  virtual std::string_view stream_type() const = 0;  // Content-Type of a stream
  // What is said of a question's steps beside its words; empty: nothing.
  virtual std::string note(const Event&) { return {}; }
  virtual std::string words(std::string_view text, bool first) = 0;
  // All the words of an answer of which none was said yet; empty: it has none.
  virtual std::string all_words(const Outcome& outcome, bool first);
  // Said after a while of silence, so that nobody takes the connection for dead.
  virtual std::string silence() const = 0;
  virtual std::string last(const Outcome& outcome) = 0;         // of a stream, behind all words
  virtual std::string broken(const Error& error) = 0;           // ends a stream
  virtual std::string whole(const Outcome& outcome) const = 0;  // of an answer at once
  virtual std::string refusal(const Error& error) const = 0;    // a body
};

// `steps`: how a stream tells the question's.
std::unique_ptr<Dialect> make_openai(wire::openai::Stamp stamp, wire::StepsAs steps);
std::unique_ptr<Dialect> make_responses(wire::openai::ResponseWriter writer, wire::StepsAs steps);
std::unique_ptr<Dialect> make_ollama(wire::ollama::Stamp stamp, wire::StepsAs steps);
// The reply to one call of ask_ensemble.
std::unique_ptr<Dialect> make_mcp(const wire::mcp::Message& call);

}  // namespace kai
