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

// Of a name in a path (RFC 3986, 2.1): clients write kai%3Aauto. What is no escape stays.
std::string unescaped(std::string_view path) {
  const auto digit = [](char letter) {
    constexpr std::string_view digits = "0123456789abcdef";
    const char lower = letter >= 'A' && letter <= 'F' ? static_cast<char>(letter + 32) : letter;
    return static_cast<int>(digits.find(lower));
  };
  std::string name;
  for (std::size_t at = 0; at < path.size(); ++at) {
    const bool escape = path[at] == '%' && at + 2 < path.size() && digit(path[at + 1]) >= 0 &&
                        digit(path[at + 2]) >= 0;
    name += escape ? static_cast<char>(digit(path[at + 1]) * 16 + digit(path[at + 2])) : path[at];
    if (escape) at += 2;
  }
  return name;
}

Task<Reply> model(Answering& answering, std::string path) {
  answering.look_again();
  const std::string name = unescaped(path).substr(std::string_view("/v1/models/").size());
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
                                    .usage = request->include_usage,
                                    .logprobs = request->top_logprobs.has_value()},
                                   request->steps);
  co_return co_await answering.converse(exchange, *dialect, *std::move(request));
}

Task<Reply> respond(Answering& answering, http::Exchange& exchange) {
  auto request = wire::openai::decode_response_request(exchange.request.body);
  if (!request) co_return refused(request.error());
  const auto dialect = make_responses({*request, answering.clock().wall()}, request->steps);
  co_return co_await answering.converse(exchange, *dialect, *std::move(request));
}

}  // namespace

std::vector<Route> openai_routes(Answering& answering) {
  return {
      {"GET", "/v1/models", [&](auto&, auto) { return models(answering); }},
      {"GET", "/v1/models/", [&](auto&, auto path) { return model(answering, std::move(path)); }},
      {"POST", "/v1/chat/completions",
       [&](auto& exchange, auto) { return chat(answering, exchange); }},
      {"POST", "/v1/responses", [&](auto& exchange, auto) { return respond(answering, exchange); }},
  };
}

}  // namespace kai
