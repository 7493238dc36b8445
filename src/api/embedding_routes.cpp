// Texts as vectors, in OpenAI's protocol and in Ollama's.
#include <utility>

#include "api/replies.h"
#include "api/routes.h"
#include "wire/embeddings.h"

namespace kai {

namespace {

Task<Result<Embedded>> embedded(Answering& answering, std::string caller,
                                wire::EmbeddingRequest request) {
  auto made = co_await answering.embed(std::move(caller), request.model, std::move(request.texts));
  if (!made) co_return made;
  co_return wire::shortened(*std::move(made), request.dimensions);
}

Task<Reply> openai(Answering& answering, http::Exchange& exchange) {
  exchange.leaving_cancels = true;
  const auto request = wire::decode_openai_embeddings(exchange.request.body);
  if (!request) {
    co_return refusal(request.error(), wire::openai::encode_error(request.error()));
  }
  const auto made = co_await embedded(answering, exchange.caller, *request);
  if (!made) co_return answering.refused(made.error(), wire::openai::encode_error(made.error()));
  co_return json_reply(wire::encode_openai_embeddings(*request, *made));
}

Task<Reply> ollama(Answering& answering, http::Exchange& exchange) {
  exchange.leaving_cancels = true;
  const Time begun = answering.clock().now();
  const auto request = wire::decode_ollama_embed(exchange.request.body);
  if (!request) {
    co_return refusal(request.error(), wire::ollama::encode_error(request.error()));
  }
  const auto made = co_await embedded(answering, exchange.caller, *request);
  if (!made) co_return answering.refused(made.error(), wire::ollama::encode_error(made.error()));
  co_return json_reply(wire::encode_ollama_embed(*request, *made, answering.clock().now() - begun));
}

}  // namespace

std::vector<Route> embedding_routes(Answering& answering) {
  return {
      {"POST", "/v1/embeddings", [&](auto& exchange, auto) { return openai(answering, exchange); }},
      {"POST", "/api/embed", [&](auto& exchange, auto) { return ollama(answering, exchange); }},
  };
}

}  // namespace kai
