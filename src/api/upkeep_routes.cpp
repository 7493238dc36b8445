// kai's own protocol: what looking after a server needs.
#include "api/native.h"
#include "api/replies.h"
#include "api/routes.h"
#include "api/upkeep.h"

namespace kai {

namespace {

http::Response not_open() {
  auto response =
      native_refusal({ErrorCode::overloaded, "kai is looking at its models; ask again"});
  response.status = 503;
  return response;
}

Task<Reply> at_once(Reply reply) {
  co_return reply;
}

// A reply to a path without a body, once the backend is there.
Route plain(std::string method, std::string path, const std::optional<UpkeepBackend>& backend,
            std::function<Result<std::string>(const UpkeepBackend&)> say) {
  const auto answered = [&backend, say = std::move(say)]() -> Reply {
    if (!backend) return not_open();
    auto said = say(*backend);
    if (!said) return native_refusal(said.error());
    return json_reply(*std::move(said));
  };
  return {std::move(method), std::move(path),
          [answered](auto&, auto) { return at_once(answered()); }};
}

Task<Reply> load(const std::optional<UpkeepBackend>& backend, http::Exchange& exchange) {
  if (!backend) co_return not_open();
  const auto model = wire::decode_model_named(exchange.request.body);
  if (!model) co_return native_refusal(model.error());
  const auto load = co_await backend->load(*model);
  if (!load) co_return native_refusal(load.error());
  co_return json_reply(wire::encode_loaded(*model, *load));
}

Task<Reply> unload(const std::optional<UpkeepBackend>& backend, http::Exchange& exchange) {
  if (!backend) co_return not_open();
  const auto model = wire::decode_model_named(exchange.request.body);
  if (!model) co_return native_refusal(model.error());
  const auto unloaded = co_await backend->unload(*model);
  if (!unloaded) co_return native_refusal(unloaded.error());
  co_return json_reply(wire::encode_unloaded(*model, *unloaded));
}

Task<Reply> forget(const std::optional<UpkeepBackend>& backend) {
  if (!backend) co_return not_open();
  const auto forgotten = co_await backend->forget();
  if (!forgotten) co_return native_refusal(forgotten.error());
  co_return json_reply(wire::encode_forgotten(*forgotten));
}

Task<Reply> bench_runs(const std::optional<UpkeepBackend>& backend) {
  if (!backend) co_return not_open();
  const auto runs = co_await backend->bench_runs();
  if (!runs) co_return native_refusal(runs.error());
  co_return json_reply(wire::encode_bench_runs(*runs));
}

}  // namespace

std::vector<Route> upkeep_routes(const std::optional<UpkeepBackend>& backend) {
  return {
      plain("GET", "/api/v1/models/health", backend,
            [](const auto& upkeep) { return wire::encode_health(upkeep.health()); }),
      {"POST", "/api/v1/models/load",
       [&](auto& exchange, auto) { return load(backend, exchange); }},
      {"POST", "/api/v1/models/unload",
       [&](auto& exchange, auto) { return unload(backend, exchange); }},
      plain("GET", "/api/v1/config", backend,
            [](const auto& upkeep) { return wire::encode_config(upkeep.config()); }),
      plain("GET", "/api/v1/learned", backend, [](const auto& upkeep) { return upkeep.learned(); }),
      {"DELETE", "/api/v1/learned", [&](auto&, auto) { return forget(backend); }},
      {"GET", "/api/v1/bench", [&](auto&, auto) { return bench_runs(backend); }},
  };
}

}  // namespace kai
