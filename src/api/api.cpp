#include "api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/guard.h"
#include "api/replies.h"

namespace kai {

namespace {

// The error's body in the protocol that its path belongs to.
http::Response refused(std::string_view path, const Error& error) {
  return refusal(error, path == "/mcp"              ? mcp_refusal(error.message)
                        : path.starts_with("/api/") ? wire::ollama::encode_error(error)
                                                    : wire::openai::encode_error(error));
}

Task<Reply> root() {
  co_return text_reply(200, "kai is running");
}

Task<Reply> healthz() {
  co_return text_reply(200, "ok");
}

Task<Reply> readyz(const Answering& answering) {
  if (answering.ready()) co_return text_reply(200, "ok");
  auto response =
      text_reply(503, answering.closing()              ? "kai is stopping"
                      : answering.backend() == nullptr ? "kai is looking at its models"
                                                       : "there is no usable model; `kai models` "
                                                         "says why");
  response.headers.push_back({"Retry-After", "1"});
  co_return response;
}

std::vector<Route> health_routes(const Answering& answering) {
  return {
      {"GET", "/", [](auto&, auto) { return root(); }},
      {"GET", "/healthz", [](auto&, auto) { return healthz(); }},
      {"GET", "/readyz", [&](auto&, auto) { return readyz(answering); }},
      {"GET", "/health", [&](auto&, auto) { return readyz(answering); }},
  };
}

}  // namespace

Result<> check_serve(const ServeOptions& options) {
  if (is_loopback(options.address)) return {};
  return fail(ErrorCode::invalid_config,
              fmt::format("serve.address is {}, which others can reach or which is no address; kai "
                          "has no keys yet, so choose 127.0.0.1 or ::1",
                          options.address));
}

Api::Api(Executor executor, Clock& clock, const ServeOptions& options, const std::string& version)
    : answering_(std::move(executor), clock, options), mcp_(answering_, version) {
  for (auto rows :
       {health_routes(answering_), openai_routes(answering_), ollama_routes(answering_, version),
        embedding_routes(answering_), mcp_.routes()}) {
    std::ranges::move(rows, std::back_inserter(routes_));
  }
}

http::Response Api::refuse(int status, std::string_view sentence) {
  return {.status = status,
          .body = wire::openai::encode_error({ErrorCode::invalid_request, std::string(sentence)})};
}

Task<Reply> Api::handle(http::Exchange& exchange) {
  const std::string& target = exchange.request.target;
  std::string path = target.substr(0, target.find('?'));
  if (const auto why = objection_to(exchange.request.headers); !why.empty()) {
    auto response = refused(path, {ErrorCode::invalid_request, why});
    const bool no_host = !http::header_of(exchange.request.headers, "host");
    response.status = no_host ? 400 : 403;
    co_return response;
  }
  co_return co_await dispatch(exchange, std::move(path));
}

Task<Reply> Api::dispatch(http::Exchange& exchange, std::string path) {
  const std::string& method = exchange.request.method;
  std::string allowed;
  for (const auto& route : routes_) {
    const bool below = route.path.size() > 1 && route.path.ends_with('/');
    if (below ? !path.starts_with(route.path) : path != route.path) continue;
    if (method == route.method || (method == "HEAD" && route.method == "GET")) {
      co_return co_await route.handler(exchange, std::move(path));
    }
    allowed = route.method == "GET" ? "GET, HEAD" : route.method;
  }
  if (allowed.empty()) {
    co_return refused(path, {ErrorCode::not_found, "there is no such path; docs/api.md has all"});
  }
  auto response =
      refused(path, {ErrorCode::invalid_request, fmt::format("this path takes {} only", allowed)});
  response.status = 405;
  response.headers.push_back({"Allow", allowed});
  co_return response;
}

}  // namespace kai
