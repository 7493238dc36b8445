// OpenAI's protocol.
#include <string_view>
#include <utility>

#include "api/replies.h"
#include "api/routes.h"
#include "wire/openai.h"

namespace kai {

namespace {

http::Response refused(const Error& error) {
  return refusal(error, wire::openai::encode_error(error));
}

Task<Reply> models(Answering& answering) {
  answering.look_again();
  std::vector<std::string> names;
  for (auto& model : answering.listed()) names.push_back(std::move(model.name));
  co_return json_reply(wire::openai::encode_models(names, answering.started()));
}

Task<Reply> model(Answering& answering, std::string path) {
  answering.look_again();
  const std::string name = path.substr(std::string_view("/v1/models/").size());
  if (!answering.listed_name(name).empty()) {
    co_return json_reply(wire::openai::encode_model(name, answering.started()));
  }
  co_return refused({ErrorCode::not_found, "there is no such model; /v1/models lists them"});
}

Task<Reply> chat(Answering& answering, http::Exchange& exchange) {
  auto request = wire::openai::decode_chat(exchange.request.body);
  if (!request) co_return refused(request.error());
  const auto dialect = make_openai({.id = {},
                                    .model = request->model,
                                    .created = answering.clock().wall(),
                                    .usage = request->include_usage});
  co_return co_await answering.converse(exchange, *dialect, *std::move(request));
}

}  // namespace

std::vector<Route> openai_routes(Answering& answering) {
  return {
      {"GET", "/v1/models", [&](auto&, auto) { return models(answering); }},
      {"GET", "/v1/models/", [&](auto&, auto path) { return model(answering, std::move(path)); }},
      {"POST", "/v1/chat/completions",
       [&](auto& exchange, auto) { return chat(answering, exchange); }},
  };
}

}  // namespace kai
