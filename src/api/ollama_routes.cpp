// Ollama's protocol.
#include <utility>

#include "api/replies.h"
#include "api/routes.h"
#include "wire/ollama_api.h"

namespace kai {

namespace {

namespace ollama = wire::ollama;

http::Response refused(const Error& error) {
  return refusal(error, ollama::encode_error(error));
}

Task<Reply> version(std::string kai_version) {
  co_return json_reply(ollama::encode_version(kai_version));
}

Task<Reply> tags(Answering& answering) {
  answering.look_again();
  co_return json_reply(ollama::encode_tags(answering.listed(), answering.started()));
}

Task<Reply> ps(Answering& answering) {
  const Backend* backend = answering.backend();
  co_return json_reply(
      ollama::encode_ps(backend != nullptr ? backend->loaded() : std::vector<ollama::Running>()));
}

Task<Reply> show(Answering& answering, http::Exchange& exchange) {
  answering.look_again();
  const auto name = ollama::decode_show(exchange.request.body);
  if (!name) co_return refused(name.error());
  for (const auto& model : answering.listed()) {
    if (model.name == answering.listed_name(*name)) {
      co_return json_reply(ollama::encode_show(model, answering.started()));
    }
  }
  co_return refused({ErrorCode::not_found, "there is no such model; /api/tags lists them"});
}

// What the `ollama` command does with models' files; for one that is not known, `ollama run` pulls.
Task<Reply> no_files() {
  co_return refused(
      {ErrorCode::not_found,
       "kai neither fetches nor changes models' files by this protocol: put a GGUF "
       "file into a folder that it reads (docs/configuration.md), or pull the model with an "
       "Ollama that kai asks (docs/engines.md)"});
}

Task<Reply> words(Answering& answering, http::Exchange& exchange, ollama::Form form) {
  auto request = ollama::decode_chat(form, exchange.request.body);
  if (!request) co_return refused(request.error());
  const ollama::Stamp stamp{form, request->model, answering.clock().wall()};
  if (request->messages.empty() && answering.backend() != nullptr) {
    answering.look_again();
    const auto query = answering.query_of(*request);
    if (!query) co_return refused(query.error());
    // kai loads with the first question, but whom nobody needs may leave at once.
    const bool leaves = query->keep == Duration::zero();
    if (leaves && query->models.size() != 1) {
      co_return refused({ErrorCode::invalid_request,
                         "field \"keep_alive\" of 0 without a question is for one model by its own "
                         "name, of those that /api/ps lists"});
    }
    if (query->keep && query->models.size() == 1) {
      answering.backend()->stay(query->models[0], query->keep);
    }
    co_return json_reply(leaves ? ollama::encode_unloaded(stamp) : ollama::encode_loaded(stamp));
  }
  const auto dialect = make_ollama(stamp, request->steps);
  co_return co_await answering.converse(exchange, *dialect, *std::move(request));
}

}  // namespace

std::vector<Route> ollama_routes(Answering& answering, const std::string& kai_version) {
  return {
      {"GET", "/api/version", [kai_version](auto&, auto) { return version(kai_version); }},
      {"GET", "/api/tags", [&](auto&, auto) { return tags(answering); }},
      {"GET", "/api/ps", [&](auto&, auto) { return ps(answering); }},
      {"POST", "/api/show", [&](auto& exchange, auto) { return show(answering, exchange); }},
      {"POST", "/api/pull", [](auto&, auto) { return no_files(); }},
      {"POST", "/api/push", [](auto&, auto) { return no_files(); }},
      {"POST", "/api/create", [](auto&, auto) { return no_files(); }},
      {"POST", "/api/copy", [](auto&, auto) { return no_files(); }},
      {"DELETE", "/api/delete", [](auto&, auto) { return no_files(); }},
      {"POST", "/api/chat",
       [&](auto& exchange, auto) { return words(answering, exchange, ollama::Form::chat); }},
      {"POST", "/api/generate",
       [&](auto& exchange, auto) { return words(answering, exchange, ollama::Form::generate); }},
  };
}

}  // namespace kai
