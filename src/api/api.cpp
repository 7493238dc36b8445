#include "api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/guard.h"
#include "api/replies.h"

namespace kai {

namespace {

constexpr std::array<std::string_view, 5> tier_names{"kai:auto", "kai:simple", "kai:medium",
                                                     "kai:complex", "kai:expert"};

bool is_ollama(std::string_view path) {
  return path.starts_with("/api/");
}

// The error's body in the protocol that its path belongs to.
http::Response refused(std::string_view path, const Error& error) {
  return refusal(error, is_ollama(path) ? wire::ollama::encode_error(error)
                                        : wire::openai::encode_error(error));
}

http::Response text(int status, std::string_view words) {
  return {.status = status, .content_type = "text/plain", .body = fmt::format("{}\n", words)};
}

http::Response json(std::string body) {
  return {.body = std::move(body)};
}

}  // namespace

// A path that ends in '/' stands for all below it.
struct Api::Route {
  std::string_view method;  // GET serves HEAD too
  std::string_view path;
  Task<Reply> (Api::*handler)(http::Exchange&, std::string);
};

const std::vector<Api::Route>& Api::routes() {
  static const std::vector<Route> table{
      {"GET", "/", &Api::root},
      {"GET", "/healthz", &Api::healthz},
      {"GET", "/readyz", &Api::readyz},
      {"GET", "/health", &Api::readyz},
      {"GET", "/v1/models", &Api::openai_models},
      {"GET", "/v1/models/", &Api::openai_model},
      {"POST", "/v1/chat/completions", &Api::openai_chat},
      {"GET", "/api/version", &Api::ollama_version},
      {"GET", "/api/tags", &Api::ollama_tags},
      {"GET", "/api/ps", &Api::ollama_ps},
      {"POST", "/api/show", &Api::ollama_show},
      {"POST", "/api/chat", &Api::ollama_chat},
      {"POST", "/api/generate", &Api::ollama_generate},
  };
  return table;
}

Result<> check_serve(const ServeOptions& options) {
  if (is_loopback(options.address)) return {};
  return fail(ErrorCode::invalid_config,
              fmt::format("serve.address is {}, which others can reach or which is no address; kai "
                          "has no keys yet, so choose 127.0.0.1 or ::1",
                          options.address));
}

Api::Api(Executor executor, Clock& clock, const ServeOptions& options, std::string version)
    : executor_(std::move(executor)),
      clock_(clock),
      options_(options),
      version_(std::move(version)),
      started_(clock.wall()),
      admission_(clock, options.questions_max, options.waiting_max) {}

http::Response Api::refuse(int status, std::string_view sentence) {
  return {.status = status,
          .body = wire::openai::encode_error({ErrorCode::invalid_request, std::string(sentence)})};
}

Task<Api::Reply> Api::handle(http::Exchange& exchange) {
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

Task<Api::Reply> Api::dispatch(http::Exchange& exchange, std::string path) {
  const std::string& method = exchange.request.method;
  std::string allowed;
  for (const auto& route : routes()) {
    const bool below = route.path.size() > 1 && route.path.ends_with('/');
    if (below ? !path.starts_with(route.path) : path != route.path) continue;
    if (method == route.method || (method == "HEAD" && route.method == "GET")) {
      co_return co_await (this->*route.handler)(exchange, std::move(path));
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

Task<Api::Reply> Api::root(http::Exchange&, std::string) {
  co_return text(200, "kai is running");
}

Task<Api::Reply> Api::healthz(http::Exchange&, std::string) {
  co_return text(200, "ok");
}

bool Api::ready() const {
  return backend_ && !closing_ && std::ranges::any_of(backend_->models(), [](const Model& model) {
           return model.refused.empty();
         });
}

Task<Api::Reply> Api::readyz(http::Exchange&, std::string) {
  if (ready()) co_return text(200, "ok");
  auto response = text(503, closing_    ? "kai is stopping"
                            : !backend_ ? "kai is looking at its models"
                                        : "there is no usable model; `kai models` says why");
  response.headers.push_back({"Retry-After", "1"});
  co_return response;
}

void Api::look_again() const {
  if (backend_ && admission_.running() == 0) backend_->look_again();
}

const Model* Api::member_named(std::string_view name) const {
  if (!backend_) return nullptr;
  for (const Model& model : backend_->models()) {
    if (model.id.text == name && model.refused.empty()) return &model;
  }
  return nullptr;
}

// As it is listed: "kai" is kai:auto, and Ollama's clients leave ":latest" out or put it behind
// what has no tag. Empty: there is no such model.
std::string Api::listed_name(std::string_view name) const {
  constexpr std::string_view tag = ":latest";
  std::vector<std::string> ways{std::string(name)};
  if (name.ends_with(tag)) ways.emplace_back(name.substr(0, name.size() - tag.size()));
  ways.push_back(std::string(name) + std::string(tag));
  for (const auto& way : ways) {
    if (way == "kai") return "kai:auto";
    if (std::ranges::count(tier_names, std::string_view(way)) > 0) return way;
    if (member_named(way) != nullptr) return way;
  }
  return "";
}

// kai's own names, then the members that can be asked.
std::vector<wire::ollama::Listed> Api::listed() const {
  std::vector<wire::ollama::Listed> list;
  for (const auto name : tier_names) list.push_back({std::string(name), nullptr});
  if (!backend_) return list;
  for (const Model& model : backend_->models()) {
    if (model.refused.empty()) list.push_back({model.id.text, &model});
  }
  return list;
}

Task<Api::Reply> Api::openai_models(http::Exchange&, std::string) {
  look_again();
  std::vector<std::string> names;
  for (auto& model : listed()) names.push_back(std::move(model.name));
  co_return json(wire::openai::encode_models(names, started_));
}

Task<Api::Reply> Api::openai_model(http::Exchange&, std::string path) {
  look_again();
  const std::string name = path.substr(std::string_view("/v1/models/").size());
  if (!listed_name(name).empty()) {
    co_return json(wire::openai::encode_model(name, started_));
  }
  co_return refused(path, {ErrorCode::not_found, "there is no such model; /v1/models lists them"});
}

Task<Api::Reply> Api::openai_chat(http::Exchange& exchange, std::string path) {
  auto request = wire::openai::decode_chat(exchange.request.body);
  if (!request) co_return refused(path, request.error());
  const auto dialect = make_openai({.id = {},
                                    .model = request->model,
                                    .created = clock_.wall(),
                                    .usage = request->include_usage});
  co_return co_await converse(exchange, *dialect, *std::move(request));
}

Task<Api::Reply> Api::ollama_version(http::Exchange&, std::string) {
  co_return json(wire::ollama::encode_version(version_));
}

Task<Api::Reply> Api::ollama_tags(http::Exchange&, std::string) {
  look_again();
  co_return json(wire::ollama::encode_tags(listed(), started_));
}

Task<Api::Reply> Api::ollama_ps(http::Exchange&, std::string) {
  co_return json(wire::ollama::encode_ps(backend_ ? backend_->loaded()
                                                  : std::vector<wire::ollama::Running>()));
}

Task<Api::Reply> Api::ollama_show(http::Exchange& exchange, std::string path) {
  look_again();
  const auto name = wire::ollama::decode_show(exchange.request.body);
  if (!name) co_return refused(path, name.error());
  for (const auto& model : listed()) {
    if (model.name == listed_name(*name))
      co_return json(wire::ollama::encode_show(model, started_));
  }
  co_return refused(path, {ErrorCode::not_found, "there is no such model; /api/tags lists them"});
}

Task<Api::Reply> Api::ollama_chat(http::Exchange& exchange, std::string) {
  co_return co_await ollama_words(exchange, wire::ollama::Form::chat);
}

Task<Api::Reply> Api::ollama_generate(http::Exchange& exchange, std::string) {
  co_return co_await ollama_words(exchange, wire::ollama::Form::generate);
}

Task<Api::Reply> Api::ollama_words(http::Exchange& exchange, wire::ollama::Form form) {
  auto request = wire::ollama::decode_chat(form, exchange.request.body);
  if (!request) co_return refused("/api/", request.error());
  const wire::ollama::Stamp stamp{form, request->model, clock_.wall()};
  if (request->messages.empty() && backend_) {
    look_again();
    if (const auto query = query_of(*request); !query) co_return refused("/api/", query.error());
    co_return json(wire::ollama::encode_loaded(stamp));  // kai loads with the first question
  }
  const auto dialect = make_ollama(stamp);
  co_return co_await converse(exchange, *dialect, *std::move(request));
}

}  // namespace kai
