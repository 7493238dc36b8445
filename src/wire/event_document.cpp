// One event as a line of JSON.
#include <optional>
#include <utility>
#include <variant>

#include "wire/document_parts.h"
#include "wire/documents.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

// A plan as an event shows it, with every ask: what a progress view draws beforehand.
// `asked`: what its deadline is told from; nothing: it is not.
json::object with_asks(const Plan& plan, const std::optional<Time>& asked) {
  json::array asks;
  for (const auto& ask : plan.asks) {
    asks.push_back(json::object{{"member", ask.member.text},
                                {"model", ask.model.text},
                                {"sample", ask.sample},
                                {"device", ask.device.text},
                                {"share", ask.share},
                                {"weight", ask.weight},
                                {"prompt_tokens", ask.prompt.count},
                                {"answer_max", ask.answer_max.count},
                                {"start_ms", to_ms(ask.start)},
                                {"load_ms", to_ms(ask.load)},
                                {"wait_ms", to_ms(ask.wait)},
                                {"prefill_ms", to_ms(ask.prefill)},
                                {"decode_ms", to_ms(ask.decode)}});
  }
  json::object out{{"tier", to_string(plan.tier)},
                   {"mode", to_string(plan.mode)},
                   {"predicted_ms", to_ms(plan.predicted)},
                   {"predicted_p90_ms", to_ms(plan.predicted_p90)},
                   {"asks", std::move(asks)},
                   {"left_out", encoded(plan.left_out)}};
  if (asked) out["deadline_ms"] = to_ms(plan.deadline - *asked);
  return out;
}

// The fields of one event beside its type and time.
struct EventFields {
  using Out = std::pair<std::string_view, json::object>;
  std::optional<Time> asked;

  Out operator()(const event::Started& e) const {
    return {"query.started",
            {{"id", e.query.text},
             {"complexity", encoded(e.complexity)},
             {"plan", with_asks(e.plan, asked)}}};
  }
  Out operator()(const event::Fallback& e) const {
    return {"query.fallback", {{"why", e.why}, {"plan", with_asks(e.plan, asked)}}};
  }
  Out operator()(const event::DeviceChanged& e) const {
    json::array moves;
    for (const auto& [member, device] : e.moves) {
      moves.push_back(json::object{{"member", member.text}, {"device", device.text}});
    }
    return {"device.changed", {{"what", e.what}, {"moves", std::move(moves)}}};
  }
  Out operator()(const event::Waiting& e) const { return {"query.waiting", {{"why", e.why}}}; }
  Out operator()(const event::Queued& e) const {
    return {"member.queued", {{"member", e.member.text}}};
  }
  Out operator()(const event::Loading& e) const {
    return {"member.loading", {{"member", e.member.text}, {"progress", e.progress}}};
  }
  Out operator()(const event::Prefill& e) const {
    return {"member.prefill", {{"member", e.member.text}, {"progress", e.progress}}};
  }
  Out operator()(const event::Token& e) const {
    return {"member.token", {{"member", e.member.text}, {"text", e.text}}};
  }
  Out operator()(const event::Draft& e) const {
    return {"answer.draft", {{"member", e.member.text}, {"text", e.text}, {"anew", e.anew}}};
  }
  Out operator()(const event::Testing& e) const {
    return {"member.testing", {{"member", e.member.text}}};
  }
  Out operator()(const event::Ended& e) const { return {"member.ended", encoded(e.answer)}; }
  Out operator()(const event::Agreement& e) const {
    return {"agreement.updated",
            {{"asked", e.asked}, {"answered", e.answered}, {"verdict", encoded(e.verdict)}}};
  }
  Out operator()(const event::EarlyStop& e) const { return {"query.early_stop", {{"why", e.why}}}; }
  Out operator()(const event::Completed& e) const {
    return {"query.completed", {{"outcome", encoded(e.outcome)}}};
  }
};

// The envelope of every event, with what only this one says behind it.
json::object placed(std::string_view type, const EventPlace& place, Duration at) {
  return {{"type", type}, {"seq", place.seq}, {"query", place.query.text}, {"t_ms", to_ms(at)}};
}

void add(json::object& out, json::object fields) {
  for (auto& [key, value] : fields) out.emplace(key, std::move(value));
}

}  // namespace

std::string encode_event(const Event& event) {
  auto [type, fields] = std::visit(EventFields{}, event.what);
  json::object out{{"type", type}, {"t_ms", to_ms(event.at)}};
  add(out, std::move(fields));
  return to_line(out);
}

std::string encode_event(const Event& event, const EventPlace& place) {
  auto [type, fields] = std::visit(EventFields{place.asked}, event.what);
  json::object out = placed(type, place, event.at);
  add(out, std::move(fields));
  return to_line(out);
}

std::string encode_asked(const Query& query, WallTime asked, const EventPlace& place) {
  json::object out = placed("query.asked", place, {});
  out["asked"] = to_rfc3339(asked);
  out["question"] = query.question();
  return to_line(out);
}

std::string encode_anew(const EventPlace& place) {
  return to_line(placed("query.anew", place, {}));
}

}  // namespace kai::wire
