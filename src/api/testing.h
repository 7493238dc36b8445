// A server of the API on a real port, with models that a test plays.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "api/api.h"
#include "http/fixture.h"
#include "wire/documents.h"

namespace kai::testing_api {

class ApiTest : public http::HttpTest {
 protected:
  ApiTest() {
    Model small;
    small.id = ModelId("small:1b");
    Model broken;
    broken.id = ModelId("broken:1b");
    broken.refused = "the file is damaged";
    models = {small, broken};
  }

 public:
  void serve_api(const ServeOptions& options = {}, bool opened = true) {
    api = std::make_unique<Api>(io.get_executor(), *clock, options, "1.2.3", keys.get());
    if (opened) api->open(backend(), native());
    start_tcp([this](http::Exchange& exchange) { return api->handle(exchange); }, {}, Api::refuse);
  }

  Backend backend() {
    return {.new_query =
                [this](std::vector<Message> messages) {
                  Query query;
                  query.id = QueryId("q_" + std::to_string(++asked));
                  query.messages = std::move(messages);
                  query.asked = clock->now();
                  return query;
                },
            .answer =
                [this](Query query, std::function<void(const Event&)> on_event) {
                  return play(std::move(query), std::move(on_event));
                },
            .models = [this]() -> const std::vector<Model>& { return models; },
            .loaded = [this] { return loaded; },
            .stay = [this](const ModelId& model,
                           std::optional<Duration> length) { stays[model] = length; },
            .look_again = [this] { ++looks; },
            .embed = [](ModelId model, std::vector<std::string> texts,
                        Time) { return played(std::move(model), std::move(texts)); }};
  }

  // Keeps documents as the store does, but at once.
  NativeBackend native() {
    NativeBackend native;
    native.check = [](const Query& query) -> Result<> {
      if (query.question().empty()) return fail(ErrorCode::invalid_request, "it is empty");
      return {};
    };
    native.forecast = [this](Query query) -> Result<Forecast> {
      if (!misfit.empty()) return fail(ErrorCode::nothing_fits, misfit);
      Forecast forecast;
      forecast.query = std::move(query);
      return forecast;
    };
    native.fleet = [this]() -> const Fleet& {
      fleet.models = models;
      return fleet;
    };
    native.cards = [this]() -> const std::vector<CostCard>& { return cards; };
    native.loaded = [this] { return resident; };
    native.document = [this](std::string id) { return document(std::move(id)); };
    native.search = [this](HistorySearch what) { return page(std::move(what)); };
    native.put_feedback = [this](std::string id, Feedback said) {
      return judge(std::move(id), std::move(said));
    };
    native.keep_begun = [this](const Query& query) {
      Outcome outcome;
      outcome.query = query;
      documents[query.id.text] = wire::encode_outcome(outcome);
    };
    native.keep_ended = [this](const Outcome& outcome) {
      documents[outcome.query.id.text] = wire::encode_outcome(outcome);
    };
    native.reload = [this] { return reloaded; };
    return native;
  }

  Task<Result<std::string>> document(std::string id) {
    const auto found = documents.find(id);
    if (found == documents.end()) co_return fail(ErrorCode::not_found, "no such question is kept");
    co_return found->second;
  }
  Task<Result<HistoryPage>> page(HistorySearch what) {
    searched = std::move(what);
    co_return HistoryPage{history, true};
  }

  Task<Result<QueryId>> judge(std::string id, Feedback said) {
    feedback = std::move(said);
    co_return QueryId(std::move(id));
  }

  // Tells the events of `script` as the question's, waits for the gate where there is one, and
  // ends as `ending` says.
  Task<Outcome> play(Query query, std::function<void(const Event&)> on_event) {
    last = query;
    ++begun;
    const auto tell = [&](decltype(Event::what) what) {
      if (on_event) on_event(Event{{}, std::move(what)});
    };
    ++running;
    for (const auto& what : script) {
      tell(what);
      co_await clock->sleep_until(clock->now() + std::chrono::milliseconds(1));
    }
    if (gated) co_await clock->sleep_on(gate, soon());
    --running;
    if (throws) throw std::runtime_error("a secret fault");
    Outcome outcome = ending;
    outcome.query = std::move(query);
    if (co_await cancelled()) {
      outcome.error = Error{ErrorCode::cancelled, "cancelled"};
      ++cancellations;
      left.resume();
    }
    documents[outcome.query.id.text] = wire::encode_outcome(outcome);
    tell(event::Completed{outcome});
    co_return outcome;
  }

  // Its only embedding model is "minilm".
  static Task<Result<Embedded>> played(ModelId model, std::vector<std::string> texts) {
    if (model.text != "minilm") co_return fail(ErrorCode::not_found, "there is no embedding model");
    Embedded embedded{.vectors = {}, .read = Tokens(3)};
    for (std::size_t at = 0; at < texts.size(); ++at) embedded.vectors.push_back({0.6F, 0.8F});
    co_return embedded;
  }

  // A request as a raw client sends it, and all that comes back.
  Task<std::string> say(std::string head, std::string body = "") {
    const auto client = co_await connect();
    co_await client->write(*clock,
                           head + "\r\nConnection: close\r\nContent-Length: " +
                               std::to_string(body.size()) + "\r\n\r\n" + body,
                           soon());
    co_return co_await read_all(*client);
  }
  Task<std::string> get(std::string path) {
    return say("GET " + path + " HTTP/1.1\r\nHost: localhost");
  }
  Task<std::string> post(std::string path, std::string body) {
    return say("POST " + path + " HTTP/1.1\r\nHost: localhost", std::move(body));
  }
  Task<std::string> send(std::string method, std::string path, std::string body = "") {
    return say(method + " " + path + " HTTP/1.1\r\nHost: localhost", std::move(body));
  }

  static Outcome paris() {
    Outcome outcome;
    Plan plan;
    plan.tier = Tier::medium;
    outcome.plans = {plan};
    outcome.verdict.text = "Paris.";
    outcome.verdict.author = MemberId("small:1b");
    outcome.verdict.voters = 2;
    return outcome;
  }

  std::vector<Model> models;
  std::vector<wire::ollama::Running> loaded;
  std::map<ModelId, std::optional<Duration>> stays;  // as it was said
  std::vector<decltype(Event::what)> script;
  Outcome ending = paris();
  bool gated = false;
  bool throws = false;  // instead of an answer
  Wait gate, left;
  Fleet fleet;
  std::vector<CostCard> cards;
  std::vector<wire::native::Loaded> resident;
  std::map<std::string, std::string> documents;  // by id
  std::vector<HistoryRow> history;
  HistorySearch searched;
  Feedback feedback;
  std::string misfit;
  Result<wire::native::Reloaded> reloaded = wire::native::Reloaded{{"tiers.simple.timeout"}, {}};
  int begun = 0, running = 0, cancellations = 0, asked = 0, looks = 0;
  Query last;
  std::unique_ptr<KeyWatch> keys;  // null: nobody needs one
  std::unique_ptr<Api> api;
};

}  // namespace kai::testing_api
