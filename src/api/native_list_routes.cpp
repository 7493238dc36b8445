// kai's own protocol: what there is, what was asked before, and everything that happens.
#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "api/replies.h"
#include "api/routes.h"
#include "http/parameters.h"

namespace kai {

namespace {

namespace native = wire::native;

constexpr std::size_t text_bytes_max = 1000;
constexpr int rows_max = 200;

std::unexpected<Error> wrong(std::string_view name, std::string_view why) {
  return fail(ErrorCode::invalid_request, fmt::format("parameter \"{}\" {}", name, why));
}

// 0..1; nothing: it is no such number.
std::optional<double> share_in(std::string_view text) {
  double share = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  const bool number = error == std::errc() && stop == text.data() + text.size();
  return number && share >= 0 && share <= 1 ? std::optional(share) : std::nullopt;
}

// One parameter of a search. Errors: invalid_request, with its name.
Result<> read_parameter(std::string_view name, std::string value, HistorySearch& search) {
  if (value.size() > text_bytes_max) return wrong(name, "has more than 1000 bytes");
  if (name == "search") {
    search.text = std::move(value);
  } else if (name == "tier") {
    search.tier = tier_named(value);
    if (!search.tier) return wrong(name, "must be simple, medium, complex or expert");
  } else if (name == "kind") {
    search.kind = shape_named(value);
    if (!search.kind) return wrong(name, "must be choice, number, short, code or open");
  } else if (name == "model") {
    search.model = ModelId(std::move(value));
  } else if (name == "dissent") {
    if (value != "true" && value != "false") return wrong(name, "must be true or false");
    search.dissent = value == "true";
  } else if (name == "confidence_min" || name == "confidence_max") {
    auto& bound = name == "confidence_min" ? search.confidence_min : search.confidence_max;
    bound = share_in(value);
    if (!bound) return wrong(name, "must be a number from 0 to 1");
  } else if (name == "ending") {
    search.ending = std::move(value);
  } else if (name == "before") {
    search.before = QueryId(std::move(value));
  } else if (name == "limit") {
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, search.rows_max);
    const bool number = error == std::errc() && stop == end;
    if (!number || search.rows_max < 1 || search.rows_max > rows_max) {
      return wrong(name, "must be a whole number from 1 to 200");
    }
  } else {
    return wrong(
        name,
        "is not known; this path takes search, tier, kind, model, dissent, confidence_min, "
        "confidence_max, ending, before and limit");
  }
  return {};
}

Result<HistorySearch> search_of(const http::Request& request) {
  auto parameters = http::parameters_of(request.target);
  if (!parameters) return std::unexpected(parameters.error());
  HistorySearch search;
  for (auto& [name, value] : *parameters) {
    if (auto read = read_parameter(name, std::move(value), search); !read) {
      return std::unexpected(read.error());
    }
  }
  return search;
}

http::Response not_open() {
  auto response =
      native_refusal({ErrorCode::overloaded, "kai is looking at its models; ask again"});
  response.status = 503;
  return response;
}

Task<Reply> history(NativeSite& site, http::Exchange& exchange) {
  if (site.backend == nullptr) co_return not_open();
  auto search = search_of(exchange.request);
  if (!search) co_return native_refusal(search.error());
  const auto page = co_await site.backend->search(*std::move(search));
  if (!page) co_return native_refusal(page.error());
  co_return json_reply(native::encode_history(*page));
}

Task<Reply> models(NativeSite& site) {
  if (site.backend == nullptr) co_return not_open();
  site.answering.look_again();
  const NativeBackend& backend = *site.backend;
  co_return json_reply(native::encode_models(backend.fleet(), backend.cards(), backend.loaded()));
}

Task<Reply> devices(NativeSite& site) {
  if (site.backend == nullptr) co_return not_open();
  co_return json_reply(native::encode_devices(site.backend->fleet()));
}

Task<Reply> events(NativeSite& site, http::Exchange& exchange) {
  if (site.backend == nullptr) co_return not_open();
  co_return co_await tell_all(site, exchange);
}

Task<Reply> reload(NativeSite& site) {
  if (site.backend == nullptr) co_return not_open();
  const auto reloaded = site.backend->reload();
  if (!reloaded) co_return native_refusal(reloaded.error());
  co_return json_reply(native::encode_reloaded(*reloaded));
}

}  // namespace

std::vector<Route> native_list_routes(NativeSite& site) {
  return {
      {"GET", "/api/v1/queries", [&](auto& exchange, auto) { return history(site, exchange); }},
      {"GET", "/api/v1/models", [&](auto&, auto) { return models(site); }},
      {"GET", "/api/v1/devices", [&](auto&, auto) { return devices(site); }},
      {"GET", "/api/v1/events", [&](auto& exchange, auto) { return events(site, exchange); }},
      {"POST", "/api/v1/reload", [&](auto&, auto) { return reload(site); }},
  };
}

}  // namespace kai
