// One event as a line of JSON.
#include <utility>
#include <variant>

#include "wire/document_parts.h"
#include "wire/documents.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

// A plan as an event shows it, with every ask: what a progress view draws beforehand.
json::object with_asks(const Plan& plan) {
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
  return {{"tier", to_string(plan.tier)},
          {"mode", to_string(plan.mode)},
          {"predicted_ms", to_ms(plan.predicted)},
          {"predicted_p90_ms", to_ms(plan.predicted_p90)},
          {"asks", std::move(asks)},
          {"left_out", encoded(plan.left_out)}};
}

// The fields of one event beside its type and time.
struct EventFields {
  using Out = std::pair<std::string_view, json::object>;

  Out operator()(const event::Started& e) const {
    return {
        "query.started",
        {{"id", e.query.text}, {"complexity", encoded(e.complexity)}, {"plan", with_asks(e.plan)}}};
  }
  Out operator()(const event::Fallback& e) const {
    return {"query.fallback", {{"why", e.why}, {"plan", with_asks(e.plan)}}};
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

}  // namespace

std::string encode_event(const Event& event) {
  auto [type, fields] = std::visit(EventFields{}, event.what);
  json::object out{{"type", type}, {"t_ms", to_ms(event.at)}};
  for (auto& [key, value] : fields) out.emplace(key, std::move(value));
  return to_line(out);
}

}  // namespace kai::wire
