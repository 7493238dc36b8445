// api: the routes of kai's server: OpenAI's and Ollama's protocols, health. Each is a row of the
// table in api.cpp. Knows nothing of how a question is answered: see Backend.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/admission.h"
#include "api/dialect.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/event.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "domain/query.h"
#include "http/http.h"
#include "wire/chat_request.h"
#include "wire/ollama_api.h"

namespace kai {

struct ServeOptions {
  std::string address = "127.0.0.1";  // of this machine alone, in numbers
  // Below the ports that the system gives out by itself (32768 on), beside Ollama's 11434, on none
  // that a server of language models listens at by default; its end is K-A-I on a telephone.
  int port = 11524;                               // 0..65535; 0: any that is free
  int questions_max = 4;                          // answered at once, 1..64
  int waiting_max = 32;                           // for their turn, 0..10,000; beyond: refused
  Duration wait_max = std::chrono::seconds(30);   // for a turn; later: refused
  int connections_max = 256;                      // at once, 1..10,000
  Bytes body_max = 4_MiB;                         // of a request
  Duration drain_max = std::chrono::seconds(30);  // for answers under way, when it stops
};

// Errors: invalid_config, where the address is one that others can reach: there are no keys yet.
Result<> check_serve(const ServeOptions& options);

// What answers; all of it is called on kai's one thread.
struct Backend {
  // A query asked now, with an id and a seed of its own.
  std::function<Query(std::vector<Message>)> new_query;
  // As Coordinator::answer().
  std::function<Task<Outcome>(Query, std::function<void(const Event&)>)> answer;
  std::function<const std::vector<Model>&()> models;           // refused ones too
  std::function<std::vector<wire::ollama::Running>()> loaded;  // now
  // Looks whether models have come or gone; called only while no question is being answered.
  std::function<void()> look_again;
};

class Api {
 public:
  // `clock` must outlive this.
  Api(Executor executor, Clock& clock, const ServeOptions& options, std::string version);

  // From now on questions are answered; before, they are told to come again.
  void open(Backend backend) { backend_ = std::move(backend); }
  // From now on they are refused: the server stops.
  void close() { closing_ = true; }

  // Serves one request, whatever it is.
  Task<std::optional<http::Response>> handle(http::Exchange& exchange);
  // For what is no request: see http::serve().
  static http::Response refuse(int status, std::string_view sentence);

  bool ready() const;
  int questions() const { return admission_.running(); }  // being answered

 private:
  using Reply = std::optional<http::Response>;
  struct Route;
  static const std::vector<Route>& routes();
  Task<Reply> dispatch(http::Exchange& exchange, std::string path);

  Task<Reply> root(http::Exchange& exchange, std::string path);
  Task<Reply> healthz(http::Exchange& exchange, std::string path);
  Task<Reply> readyz(http::Exchange& exchange, std::string path);
  Task<Reply> openai_models(http::Exchange& exchange, std::string path);
  Task<Reply> openai_model(http::Exchange& exchange, std::string path);
  Task<Reply> openai_chat(http::Exchange& exchange, std::string path);
  Task<Reply> ollama_version(http::Exchange& exchange, std::string path);
  Task<Reply> ollama_tags(http::Exchange& exchange, std::string path);
  Task<Reply> ollama_ps(http::Exchange& exchange, std::string path);
  Task<Reply> ollama_show(http::Exchange& exchange, std::string path);
  Task<Reply> ollama_chat(http::Exchange& exchange, std::string path);
  Task<Reply> ollama_generate(http::Exchange& exchange, std::string path);
  Task<Reply> ollama_words(http::Exchange& exchange, wire::ollama::Form form);

  Task<Reply> converse(http::Exchange& exchange, Dialect& dialect, wire::ChatRequest request);
  Task<Reply> answer_streaming(http::Exchange& exchange, const Dialect& dialect, Query query,
                               bool settled);
  void look_again() const;
  Result<Query> query_of(wire::ChatRequest& request) const;
  http::Response unavailable(const Dialect& dialect) const;
  const Model* member_named(std::string_view name) const;
  std::string listed_name(std::string_view name) const;
  std::vector<wire::ollama::Listed> listed() const;

  Executor executor_;
  Clock& clock_;
  ServeOptions options_;
  std::string version_;
  WallTime started_;
  Admission admission_;
  std::optional<Backend> backend_;
  bool closing_ = false;
};

}  // namespace kai
