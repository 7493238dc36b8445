// Streams of events: server-sent ones (WHATWG HTML, 9.2), which a client takes up again where it
// was cut by the number of the last it has seen.
#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "api/native.h"
#include "api/replies.h"
#include "http/parameters.h"
#include "wire/documents.h"
#include "wire/told_again.h"

namespace kai {

namespace {

// A client that reads nothing holds one of these.
constexpr std::size_t piece_bytes_max = 64 * 1024;
constexpr Duration silence_max = std::chrono::seconds(15);
// Between two writes to one that watches everything: what comes meanwhile goes together.
constexpr Duration pace = std::chrono::milliseconds(100);
constexpr std::string_view preface = "retry: 1000\n\n";
// Not a comment, which browsers keep to themselves: so a page knows a server that hangs from one
// that has nothing to tell. Under a name of its own, so that it is no event to others.
constexpr std::string_view sign_of_life = "event: alive\ndata: {}\n\n";

using Position = std::optional<std::uint64_t>;

http::StreamHead head() {
  return {"text/event-stream", {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
}

// Behind which event to go on: the header that browsers send when they come again, else the
// parameter. Errors: invalid_request.
Result<Position> position_of(const http::Request& request) {
  std::optional<std::string> said;
  if (const auto header = http::header_of(request.headers, "last-event-id")) said = *header;
  const auto parameters = http::parameters_of(request.target);
  if (!parameters) return std::unexpected(parameters.error());
  for (const auto& [name, value] : *parameters) {
    if (name != "after") {
      return fail(ErrorCode::invalid_request,
                  fmt::format("parameter \"{}\" is not known; this path takes after", name));
    }
    if (!said) said = value;
  }
  if (!said) return Position();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(said->data(), said->data() + said->size(), number);
  if (error != std::errc() || end != said->data() + said->size()) {
    return fail(ErrorCode::invalid_request,
                "Last-Event-ID or after must be the number of an event: its id");
  }
  return number == 0 ? Position() : Position(number);
}

std::string as_sent(std::uint64_t seq, std::string_view text) {
  return fmt::format("id: {}\ndata: {}\n\n", seq, text);
}

// A question as it stands, for whoever has seen nothing of it or has lost the thread.
std::string standing(Spine& spine, const QueryId& query) {
  std::string text = as_sent(spine.last(), wire::encode_anew({spine.last(), query, {}}));
  for (const auto& event : spine.recap(query)) text += as_sent(spine.last(), event);
  return text;
}

Reply nothing_more() {
  return http::Response{.status = 204, .content_type = "", .body = ""};
}

// HEAD: there is no body to wait for.
std::optional<http::Response> head_alone(const http::Exchange& exchange) {
  if (exchange.request.method != "HEAD") return std::nullopt;
  return http::Response{.content_type = head().content_type, .body = ""};
}

Task<Reply> tell_kept(NativeSite& site, http::Exchange& exchange, QueryId query, Position after) {
  const auto document = co_await site.backend->document(query.text);
  if (!document) co_return native_refusal(document.error());
  const auto told = wire::tell_again(*document);
  if (!told) co_return native_refusal(told.error());
  const auto& events = told->events;
  const bool mine = after && *after >= events.front().seq && *after <= events.back().seq;
  if (mine && told->over && *after == events.back().seq) co_return nothing_more();
  const auto stream = co_await exchange.stream(head());
  std::string text(preface);
  if (after && !mine) {
    const std::uint64_t before = events.front().seq - 1;
    text += as_sent(before, wire::encode_anew({before, query, {}}));
  }
  for (const auto& event : events) {
    if (mine && event.seq <= *after) continue;
    text += as_sent(event.seq, event.text);
    if (text.size() < piece_bytes_max) continue;
    if (!co_await stream->write(std::exchange(text, ""))) co_return Reply();
  }
  co_await stream->write(std::move(text));
  co_return Reply();
}

// What to send of one question, and up to where.
Spine::Piece next_of(Spine& spine, const QueryId& query, const Spine::Told& told, Position after) {
  const bool begins = !after;
  const std::uint64_t from = after.value_or(told.first - 1);
  const bool foreign = after && (*after + 1 < told.first || *after > spine.last());
  if ((begins || foreign) && told.whole) {
    Spine::Piece piece = spine.read(told.first - 1, &query, piece_bytes_max);
    if (foreign) {
      piece.text.insert(0, as_sent(told.first - 1, wire::encode_anew({told.first - 1, query, {}})));
    }
    return piece;
  }
  if (begins || foreign || !spine.reaches(from)) {
    return {standing(spine, query), spine.last(), false};
  }
  return spine.read(from, &query, piece_bytes_max);
}

}  // namespace

Task<Reply> tell_one(NativeSite& site, http::Exchange& exchange, QueryId query) {
  const auto asked_after = position_of(exchange.request);
  if (!asked_after) co_return native_refusal(asked_after.error());
  if (auto whole = head_alone(exchange)) co_return whole;
  Position after = *asked_after;
  Spine& spine = site.spine;
  query = spine.whole_id(query);
  auto told = spine.find(query);
  // Of one that is over and not held whole, the store knows more.
  const bool held = told && (!told->over || told->whole || (after && spine.reaches(*after)));
  if (!held && site.backend != nullptr) {
    co_return co_await tell_kept(site, exchange, std::move(query), after);
  }
  if (!held) co_return native_refusal({ErrorCode::not_found, "there is no such question"});
  if (told->over && after && *after >= told->last && *after <= spine.last()) {
    co_return nothing_more();
  }
  exchange.leaving_cancels = true;
  const auto stream = co_await exchange.stream(head());
  Spine::Watch watch(site.spine);
  std::string text(preface);
  Time silent_until = site.answering.clock().now() + silence_max;
  for (;;) {
    told = spine.find(query);
    if (!told) break;  // over, and no longer held
    // Its end is held, what comes before it is not: the store has it for whoever comes again.
    if (told->over && !told->whole && after && !spine.reaches(*after)) break;
    Spine::Piece piece = next_of(spine, query, *told, after);
    after = piece.last;
    text += piece.text;
    if (!text.empty()) {
      if (!co_await stream->write(std::exchange(text, ""))) break;
      silent_until = site.answering.clock().now() + silence_max;
      continue;  // there may be more by now
    }
    if (told->over || spine.closed()) break;
    co_await site.answering.clock().sleep_on(watch.news(), silent_until);
    if (co_await cancelled()) break;
    if (site.answering.clock().now() >= silent_until) text = sign_of_life;
  }
  co_return Reply();
}

Task<Reply> tell_all(NativeSite& site, http::Exchange& exchange) {
  auto after = position_of(exchange.request);
  if (!after) co_return native_refusal(after.error());
  if (auto whole = head_alone(exchange)) co_return whole;
  Clock& clock = site.answering.clock();
  Spine& spine = site.spine;
  exchange.leaving_cancels = true;
  const auto stream = co_await exchange.stream(head());
  Spine::Watch watch(site.spine);
  std::string text(preface);
  Position at = *after && spine.reaches(**after) ? *after : Position();
  Time silent_until = clock.now() + silence_max;
  for (;;) {
    if (!at || !spine.reaches(*at)) {
      at = spine.last();
      text += as_sent(*at, wire::native::encode_snapshot(*at, site.backend->fleet(),
                                                         site.backend->loaded(), spine.recap()));
    }
    Spine::Piece piece = spine.read(*at, nullptr, piece_bytes_max);
    at = piece.last;
    text += piece.text;
    if (!text.empty()) {
      if (!co_await stream->write(std::exchange(text, ""))) break;
      silent_until = clock.now() + silence_max;
      if (piece.more) continue;
      co_await clock.sleep_until(clock.now() + pace);
    }
    if (co_await cancelled()) break;
    if (spine.closed() && spine.last() == *at) break;
    if (spine.last() != *at) continue;
    co_await clock.sleep_on(watch.news(), silent_until);
    if (co_await cancelled()) break;
    if (clock.now() >= silent_until) text = sign_of_life;
  }
  co_return Reply();
}

}  // namespace kai
