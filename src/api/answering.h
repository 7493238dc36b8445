// Answering: what all protocols of the server share: the models by their names, and the way of one
// question from its request to its answer. Knows nothing of how a question is answered: see
// Backend.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/admission.h"
#include "api/dialect.h"
#include "api/serve_options.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/embedded.h"
#include "domain/event.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "domain/query.h"
#include "http/http.h"
#include "wire/chat_request.h"
#include "wire/ollama_api.h"

namespace kai {

// What answers; all of it is called on kai's one thread.
struct Backend {
  // A query asked now, with an id and a seed of its own.
  std::function<Query(std::vector<Message>)> new_query;
  // As Coordinator::answer().
  std::function<Task<Outcome>(Query, std::function<void(const Event&)>)> answer;
  std::function<const std::vector<Model>&()> models;           // refused ones too
  std::function<std::vector<wire::ollama::Running>()> loaded;  // now
  // As Scheduler::stay(), of a member.
  std::function<void(const ModelId&, std::optional<Duration>)> stay = {};
  // Looks whether models have come or gone; called only while no question is being answered.
  std::function<void()> look_again;
  // Texts as vectors, by an embedding model. Errors: not_found (it is none), and others.
  std::function<Task<Result<Embedded>>(ModelId, std::vector<std::string>, Time until)> embed;
};

using Reply = std::optional<http::Response>;  // nothing: it was streamed

class Answering {
 public:
  // `clock` must outlive this.
  Answering(Executor executor, Clock& clock, const ServeOptions& options);

  // From now on questions are answered; before, they are told to come again.
  void open(Backend backend) { backend_ = std::move(backend); }
  // From now on they are refused: the server stops.
  void close() { closing_ = true; }

  // Other numbers of questions and waits from the next question on; address, port and connections
  // stay as they are.
  void use(const ServeOptions& options) {
    options_ = options;
    admission_.allow(options.questions_max, options.waiting_max);
  }

  const Backend* backend() const { return backend_ ? &*backend_ : nullptr; }  // null: not open yet
  bool closing() const { return closing_; }
  bool ready() const;                                     // some model can be asked
  int questions() const { return admission_.running(); }  // being answered
  int waiting() const { return admission_.waiting(); }    // for their turn
  Clock& clock() { return clock_; }
  WallTime started() const { return started_; }

  // Looks whether models have come or gone, where nobody is being answered; since it reads folders,
  // once a second at most unless a name is not known.
  void look_again(bool at_once = false);
  // kai's own names, then the members that can be asked.
  std::vector<wire::ollama::Listed> listed() const;
  // As it is listed: "kai" is kai:auto, and Ollama's clients leave ":latest" out or put it behind
  // what has no tag. Empty: there is no such model.
  std::string listed_name(std::string_view name) const;
  // Looks for models before. Errors: not_found, invalid_request.
  Result<Query> query_of(wire::ChatRequest& request);

  // Whether a further question of this caller (http::Exchange::caller) would be refused at once.
  bool full(const std::string& caller) const { return admission_.full(caller); }
  // A question whose client does not wait for it: it is answered when its turn comes. Errors:
  // overloaded, cancelled (it has had no turn).
  Task<Result<Outcome>> answer_in_turn(std::string caller, Query query);
  // Texts that a client wants as vectors: they wait for a turn like a question. Errors: overloaded,
  // and those of Backend::embed.
  Task<Result<Embedded>> embed(std::string caller, std::string model,
                               std::vector<std::string> texts);
  // How a request is refused: with when to come again, where that is known.
  http::Response refused(const Error& error, std::string body) const;
  // A question that a client waits for: it is answered when its turn comes, whole or word by word.
  Task<Reply> converse(http::Exchange& exchange, Dialect& dialect, wire::ChatRequest request);

 private:
  const Model* member_named(std::string_view name) const;
  http::Response unavailable(const Dialect& dialect) const;
  using OnEvent = std::function<void(const Event&)>;
  // A question that had its turn, or why it got none.
  struct Turned {
    std::optional<Outcome> outcome;
    Error no_turn{};
  };
  Task<Turned> take_turn(std::string caller, Query query, OnEvent on_event);
  http::Response replied(const Dialect& dialect, const Turned& turned) const;
  class Feed;
  Task<std::exception_ptr> tell_news(http::Exchange& exchange, Dialect& dialect, Feed& feed,
                                     const http::StreamHead& head,
                                     std::unique_ptr<http::Stream>& stream);
  Task<Reply> answer_streaming(http::Exchange& exchange, Dialect& dialect, Query query,
                               bool settled);

  Executor executor_;
  Clock& clock_;
  ServeOptions options_;
  WallTime started_;
  Admission admission_;
  std::optional<Backend> backend_;
  std::optional<Time> looked_;  // for models
  bool closing_ = false;
};

}  // namespace kai
