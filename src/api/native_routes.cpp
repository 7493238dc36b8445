// kai's own protocol: questions that are asked, watched, stopped, judged and asked again.
#include <string_view>
#include <utility>

#include "api/replies.h"
#include "api/routes.h"
#include "wire/documents.h"
#include "wire/forecast.h"
#include "wire/told_again.h"

namespace kai {

namespace {

namespace native = wire::native;

constexpr std::string_view queries = "/api/v1/queries/";

// The id in a path below that.
std::string id_in(std::string_view path) {
  path.remove_prefix(queries.size());
  return std::string(path.substr(0, path.find('/')));
}

http::Response not_ready(const NativeSite& site) {
  auto response = native_refusal({ErrorCode::overloaded, site.answering.closing()
                                                             ? "kai is stopping"
                                                             : "kai is looking at its models; ask "
                                                               "again"});
  response.status = 503;
  return response;
}

bool ready(const NativeSite& site) {
  return site.backend != nullptr && site.answering.backend() != nullptr &&
         !site.answering.closing();
}

// The question as kai asks it. Errors: not_found, invalid_request.
Result<Query> query_of(const NativeSite& site, native::Asking asking) {
  auto query = site.answering.query_of(asking.chat);
  if (!query) return query;
  query->synthesize = asking.synthesize;
  query->hear_all = asking.synthesize;  // what shall be merged has to be written
  return query;
}

http::Response taken(const QueryId& id) {
  auto response = json_reply(native::encode_taken(id));
  response.status = 202;
  response.headers.push_back({"Location", std::string(queries) + id.text});
  return response;
}

struct Begun {
  http::Response reply;
  QueryId question{};  // empty: it was refused
};

Begun begin(NativeSite& site, const http::Exchange& exchange, native::Asking asking) {
  auto query = query_of(site, std::move(asking));
  if (!query) return {native_refusal(query.error())};
  // Who is told that it is taken does not look whether it was refused a moment later.
  if (auto good = site.backend->check(*query); !good) return {native_refusal(good.error())};
  QueryId id = query->id;
  if (auto begun = site.questions.begin(exchange.caller, *std::move(query), *site.backend);
      !begun) {
    return {native_refusal(begun.error())};
  }
  auto response = taken(id);
  return {std::move(response), std::move(id)};
}

// Where it comes again with the same key, the question that it began the first time.
http::Response begin_once(NativeSite& site, const http::Exchange& exchange, std::string_view key,
                          native::Asking asking) {
  if (key.empty() || key.size() > Repeats::key_bytes_max) {
    return native_refusal({ErrorCode::invalid_request, "Idempotency-Key must have 1 to 255 bytes"});
  }
  const Repeats::Request request{exchange.caller, key, exchange.request.body};
  const auto before = site.repeats.find(request);
  if (!before) {
    auto response = native_refusal(before.error());
    response.status = 422;
    return response;
  }
  if (!before->text.empty()) return taken(*before);
  auto begun = begin(site, exchange, std::move(asking));
  if (!begun.question.text.empty()) site.repeats.note(request, begun.question);
  return std::move(begun.reply);
}

Task<Reply> ask(NativeSite& site, http::Exchange& exchange) {
  if (!ready(site)) co_return not_ready(site);
  auto asking = native::decode_asking(exchange.request.body);
  if (!asking) co_return native_refusal(asking.error());
  const auto key = http::header_of(exchange.request.headers, "idempotency-key");
  if (!key) co_return begin(site, exchange, *std::move(asking)).reply;
  co_return begin_once(site, exchange, *key, *std::move(asking));
}

Task<Reply> plan(NativeSite& site, http::Exchange& exchange) {
  if (!ready(site)) co_return not_ready(site);
  auto asking = native::decode_asking(exchange.request.body);
  if (!asking) co_return native_refusal(asking.error());
  auto query = query_of(site, *std::move(asking));
  if (!query) co_return native_refusal(query.error());
  const auto forecast = site.backend->forecast(*std::move(query));
  if (!forecast) co_return native_refusal(forecast.error());
  co_return json_reply(wire::encode_forecast(*forecast));
}

Task<Reply> show(NativeSite& site, std::string path) {
  if (site.backend == nullptr) co_return not_ready(site);
  auto document = co_await site.backend->document(id_in(path));
  if (!document) co_return native_refusal(document.error());
  co_return json_reply(*std::move(document));
}

Task<Reply> stop(NativeSite& site, std::string path) {
  const QueryId id = site.spine.whole_id(QueryId(id_in(path)));
  if (site.questions.stop(id)) {
    co_return http::Response{.status = 202, .body = native::encode_taken(id)};
  }
  if (site.backend == nullptr) co_return not_ready(site);
  const auto document = co_await site.backend->document(id.text);
  if (!document) co_return native_refusal(document.error());
  const auto told = wire::tell_again(*document);
  const bool elsewhere = told && !told->over;
  auto response =
      native_refusal({ErrorCode::invalid_request,
                      elsewhere ? "another kai on this data folder answers it; stop it there"
                                : "it is over already"});
  response.status = 409;
  co_return response;
}

Task<Reply> events(NativeSite& site, http::Exchange& exchange, std::string path) {
  co_return co_await tell_one(site, exchange, QueryId(id_in(path)));
}

Task<Reply> feedback(NativeSite& site, http::Exchange& exchange, std::string path) {
  if (site.backend == nullptr) co_return not_ready(site);
  const auto said = native::decode_feedback(exchange.request.body);
  if (!said) co_return native_refusal(said.error());
  const auto id = co_await site.backend->put_feedback(id_in(path), *said);
  if (!id) co_return native_refusal(id.error());
  co_return json_reply(native::encode_taken(*id));
}

Task<Reply> replay(NativeSite& site, http::Exchange& exchange, std::string path) {
  if (!ready(site)) co_return not_ready(site);
  const auto replaying = native::decode_replaying(exchange.request.body);
  if (!replaying) co_return native_refusal(replaying.error());
  const auto document = co_await site.backend->document(id_in(path));
  if (!document) co_return native_refusal(document.error());
  auto asking = native::asking_again(*document, *replaying);
  if (!asking) co_return native_refusal(asking.error());
  if (!ready(site)) co_return not_ready(site);
  co_return begin(site, exchange, *std::move(asking)).reply;
}

}  // namespace

std::vector<Route> native_routes(NativeSite& site) {
  return {
      {"POST", "/api/v1/queries", [&](auto& exchange, auto) { return ask(site, exchange); }},
      {"POST", "/api/v1/plan", [&](auto& exchange, auto) { return plan(site, exchange); }},
      {"GET", "/api/v1/queries/{id}",
       [&](auto&, auto path) { return show(site, std::move(path)); }},
      {"DELETE", "/api/v1/queries/{id}",
       [&](auto&, auto path) { return stop(site, std::move(path)); }},
      {"GET", "/api/v1/queries/{id}/events",
       [&](auto& exchange, auto path) { return events(site, exchange, std::move(path)); }},
      {"PUT", "/api/v1/queries/{id}/feedback",
       [&](auto& exchange, auto path) { return feedback(site, exchange, std::move(path)); }},
      {"POST", "/api/v1/queries/{id}/replay",
       [&](auto& exchange, auto path) { return replay(site, exchange, std::move(path)); }},
  };
}

}  // namespace kai
