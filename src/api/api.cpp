#include "api/api.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/guard.h"
#include "api/media.h"
#include "api/page.h"
#include "api/refusals.h"

namespace kai {

namespace {

// See Route::path.
bool stands_for(std::string_view route, std::string_view path) {
  if (route.size() > 1 && route.ends_with('/')) return path.starts_with(route);
  for (auto open = route.find('{'); open != std::string_view::npos; open = route.find('{')) {
    if (path.substr(0, open) != route.substr(0, open)) return false;
    path.remove_prefix(open);
    const auto part = std::min(path.find('/'), path.size());
    if (part == 0) return false;
    path.remove_prefix(part);
    route.remove_prefix(route.find('}') + 1);
  }
  return path == route;
}

// Nothing: it can be read and answered.
Reply mismatch(const http::Request& request, std::string_view path) {
  const auto found = mismatch_of(request.headers, path);
  if (!found) return std::nullopt;
  auto response = refused(path, {ErrorCode::invalid_request, found->sentence});
  response.status = found->status;
  if (found->status == 415) response.headers.push_back({"Accept-Encoding", "identity"});
  return response;
}

Task<Reply> healthz() {
  co_return text_reply(200, "ok");
}

// Whoever waits for it waits perhaps for a first model.
Task<Reply> readyz(Answering& answering) {
  if (!answering.ready() && !answering.closing()) answering.look_again();
  if (answering.ready()) co_return text_reply(200, "ok");
  auto response =
      text_reply(503, answering.closing()              ? "kai is stopping"
                      : answering.backend() == nullptr ? "kai is looking at its models"
                                                       : "there is no usable model; `kai models` "
                                                         "says why");
  response.headers.push_back({"Retry-After", "1"});
  co_return response;
}

std::vector<Route> health_routes(Answering& answering) {
  return {
      {"GET", "/healthz", [](auto&, auto) { return healthz(); }},
      {"GET", "/readyz", [&](auto&, auto) { return readyz(answering); }},
      {"GET", "/health", [&](auto&, auto) { return readyz(answering); }},
  };
}

}  // namespace

Result<> check_serve(const ServeOptions& options, bool has_keys) {
  if (has_keys || is_loopback(options.address)) return {};
  return fail(ErrorCode::invalid_config,
              fmt::format("serve.address is {}, which others can reach or which is no address, and "
                          "there is no key; make one with `kai keys create NAME`, or choose "
                          "127.0.0.1 or ::1",
                          options.address));
}

Api::Api(Executor executor, Clock& clock, const ServeOptions& options, const std::string& version,
         KeyWatch* keys)
    : gate_(clock, options, keys),
      answering_(executor, clock, options),
      mcp_(answering_, version),
      spine_(executor, clock),
      questions_(executor, answering_, spine_),
      site_(answering_, spine_, questions_) {
  gate_.count_also([this](const std::string& key) { return questions_.begun_by(key); });
  for (auto rows :
       {health_routes(answering_), openai_routes(answering_), ollama_routes(answering_, version),
        embedding_routes(answering_), mcp_.routes(), native_routes(site_),
        native_list_routes(site_), openapi_routes(), monitor_routes(monitor_), login_routes(gate_),
        access_routes(gate_), upkeep_routes(upkeep_), page_routes()}) {
    std::ranges::move(rows, std::back_inserter(routes_));
  }
}

void Api::open(Backend backend, std::optional<NativeBackend> native) {
  spine_.open(std::exchange(backend.answer, [this](Query query, auto on_event) {
    return spine_.tell(std::move(query), std::move(on_event));
  }));
  native_ = std::move(native);
  site_.backend = native_ ? &*native_ : nullptr;
  answering_.open(std::move(backend));
}

Task<void> Api::settle(Time until) {
  co_await questions_.settle(until);
  spine_.close();
}

void Api::look_at_models() {
  if (site_.backend == nullptr) return;
  if (spine_.watchers() == 0) return models_told_.clear();  // the next one gets a snapshot
  const auto loaded = site_.backend->loaded();
  const Fleet& fleet = site_.backend->fleet();
  auto now = wire::native::encode_models_changed(0, fleet, loaded);
  if (now == models_told_) return;
  models_told_ = std::move(now);
  spine_.tell_beside(
      [&](std::uint64_t seq) { return wire::native::encode_models_changed(seq, fleet, loaded); });
}

std::vector<std::string> Api::routes() const {
  std::vector<std::string> names;
  for (const auto& route : routes_) names.push_back(route.method + ' ' + route.path);
  return names;
}

http::Response Api::refuse(int status, std::string_view target, std::string_view sentence) {
  auto response = refused(target.substr(0, target.find('?')),
                          {ErrorCode::invalid_request, std::string(sentence)});
  response.status = status;
  return response;
}

Task<Reply> Api::handle(http::Exchange& exchange) {
  const std::string& target = exchange.request.target;
  std::string path = target.substr(0, target.find('?'));
  if (auto at_once = gate_.look_at(exchange.request, path)) co_return at_once;
  // Whatever goes wrong at one request, the others and the server go on.
  std::string fault;
  try {
    co_return co_await dispatch(exchange, path);
  } catch (const std::exception& error) {
    fault = error.what();
  }
  const Error error = faulted(exchange.request.method + ' ' + path, fault);
  exchange.cut = exchange.streaming;
  if (exchange.cut) co_return Reply();
  co_return refused(path, error);
}

Task<Reply> Api::call(http::Exchange& exchange, wire::mcp::Message message) {
  const std::string id = message.id;
  std::string fault;
  try {
    co_return co_await mcp_.answer(exchange, std::move(message));
  } catch (const std::exception& error) {
    fault = error.what();
  }
  co_return http::Response{.status = 500,
                           .body = wire::mcp::encode_error(id, wire::mcp::internal_error,
                                                           faulted("MCP", fault).message)};
}

void Api::on_fault(std::function<void(std::string)> tell) {
  spine_.on_fault(tell);
  tell_fault_ = std::move(tell);
}

// Tells it to whoever runs the server; the client gets no words that might be of others' questions.
Error Api::faulted(std::string_view where, std::string_view what) const {
  tell_fault_(fmt::format("{} ended by a fault of kai's own, please report it: {}", where, what));
  return {ErrorCode::internal,
          "a fault of kai's own ended this request; the server's log says more, please report it"};
}

Task<Reply> Api::dispatch(http::Exchange& exchange, std::string path) {
  const std::string& method = exchange.request.method;
  std::vector<std::string> allowed;
  for (const auto& route : routes_) {
    if (!stands_for(route.path, path)) continue;
    if (method == route.method || (method == "HEAD" && route.method == "GET")) {
      auto visit = gate_.admit(exchange, path, need_of(method, route.path));
      if (!visit) co_return std::move(visit.error());
      Reply reply = mismatch(exchange.request, path);
      if (!reply) reply = co_await route.handler(exchange, std::move(path));
      if (reply) gate_.dress(*visit, *reply);
      co_return reply;
    }
    allowed.push_back(route.method == "GET" ? "GET, HEAD" : route.method);
  }
  if (allowed.empty()) {  // the page asks for a key where one is needed
    if (auto page = page_at(page_files(), exchange.request, path)) co_return page;
  }
  if (auto visit = gate_.admit(exchange, path, Need::any); !visit) {
    co_return std::move(visit.error());
  }
  if (allowed.empty()) {
    co_return refused(path, {ErrorCode::not_found, "there is no such path; docs/api.md has all"});
  }
  const std::string all = fmt::format("{}", fmt::join(allowed, ", "));
  auto response =
      refused(path, {ErrorCode::invalid_request, fmt::format("this path takes {} only", all)});
  response.status = 405;
  response.headers.push_back({"Allow", all});
  co_return response;
}

}  // namespace kai
