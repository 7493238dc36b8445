// What kai does, for whoever watches it.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "api/native.h"
#include "api/replies.h"
#include "api/routes.h"
#include "http/parameters.h"
#include "wire/alerts.h"
#include "wire/metrics_documents.h"

namespace kai {

namespace {

constexpr std::size_t names_max = 100;
constexpr int points_max = 10'000;

constexpr std::string_view too_early = "kai does not measure itself yet; ask again";

http::Response not_yet() {
  auto response = native_refusal({ErrorCode::overloaded, std::string(too_early)});
  response.status = 503;
  return response;
}

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

std::optional<std::string> value_of(const http::Parameters& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &http::Parameters::value_type::first);
  return found == parameters.end() ? std::nullopt : std::optional(found->second);
}

// Errors: invalid_request.
Result<std::optional<Duration>> seconds_in(const http::Parameters& parameters,
                                           std::string_view name) {
  const auto text = value_of(parameters, name);
  if (!text) return std::nullopt;
  double count = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, count);
  if (error != std::errc() || stop != end || !std::isfinite(count)) {
    return fail(ErrorCode::invalid_request,
                std::string(name) + " has to be seconds since 1970, or below zero, before now");
  }
  return from_seconds(count);
}

// Errors: invalid_request.
Result<int> points_in(const http::Parameters& parameters) {
  const auto text = value_of(parameters, "points");
  if (!text) return 0;
  int count = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, count);
  if (error == std::errc() && stop == end && count >= 1 && count <= points_max) return count;
  return fail(ErrorCode::invalid_request, "points has to be a whole number from 1 to 10000");
}

Task<Reply> metrics(const MonitorBackend& backend) {
  if (!backend.metrics) {
    auto response = text_reply(503, too_early);
    response.headers.push_back({"Retry-After", "1"});
    co_return response;
  }
  co_return http::Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                           .body = backend.metrics()};
}

Task<Reply> history(const MonitorBackend& backend, http::Exchange& exchange) {
  if (!backend.history) co_return not_yet();
  const auto parameters = http::parameters_of(exchange.request.target);
  if (!parameters) co_return native_refusal(parameters.error());
  HistoryWanted wanted;
  wanted.series = words_of(value_of(*parameters, "series").value_or(""));
  if (wanted.series.size() > names_max) {
    co_return native_refusal({ErrorCode::invalid_request, "at most 100 series can be asked for"});
  }
  const auto from = seconds_in(*parameters, "from");
  if (!from) co_return native_refusal(from.error());
  const auto to = seconds_in(*parameters, "to");
  if (!to) co_return native_refusal(to.error());
  wanted.from = *from;
  wanted.to = *to;
  const auto points = points_in(*parameters);
  if (!points) co_return native_refusal(points.error());
  wanted.points = *points;
  const auto columns = backend.history(wanted);
  if (!columns) co_return native_refusal(columns.error());
  co_return json_reply(wire::encode(*columns));
}

Task<Reply> alerts(const MonitorBackend& backend) {
  if (!backend.alerts) co_return not_yet();
  co_return json_reply(wire::encode(backend.alerts()));
}

Task<Reply> silence(const MonitorBackend& backend, http::Exchange& exchange) {
  if (!backend.alerts || !backend.silence) co_return not_yet();
  const auto wanted = wire::decode_silence(exchange.request.body);
  if (!wanted) co_return native_refusal(wanted.error());
  if (const auto done = backend.silence(wanted->alert, wanted->length); !done) {
    co_return native_refusal(done.error());
  }
  co_return json_reply(wire::encode(backend.alerts()));
}

}  // namespace

std::vector<Route> monitor_routes(const MonitorBackend& backend) {
  return {{"GET", "/metrics", [&](auto&, auto) { return metrics(backend); }},
          {"GET", "/api/v1/metrics/history",
           [&](auto& exchange, auto) { return history(backend, exchange); }},
          {"GET", "/api/v1/alerts", [&](auto&, auto) { return alerts(backend); }},
          {"POST", "/api/v1/alerts/silences",
           [&](auto& exchange, auto) { return silence(backend, exchange); }}};
}

}  // namespace kai
