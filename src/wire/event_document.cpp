// One event as a line of JSON.
#include <optional>
#include <utility>
#include <variant>

#include "wire/document_parts.h"
#include "wire/documents.h"

namespace kai::wire {

namespace {

// A plan as an event shows it, with every ask: what a progress view draws beforehand.
// `asked`: what its deadline is told from; nothing: it is not.
void add(JsonText& out, const Plan& plan, const std::optional<Time>& asked) {
  out.add([&] {
    out.field("tier", to_string(plan.tier));
    out.field("mode", to_string(plan.mode));
    out.field("predicted_ms", to_ms(plan.predicted));
    out.field("predicted_p90_ms", to_ms(plan.predicted_p90));
    out.name("asks").list(plan.asks, [&](const Ask& ask) {
      out.add([&] {
        out.field("member", ask.member.text);
        out.field("model", ask.model.text);
        out.field("sample", ask.sample);
        out.field("device", ask.device.text);
        out.field("share", ask.share);
        out.field("weight", ask.weight);
        out.field("prompt_tokens", ask.prompt.count);
        out.field("answer_max", ask.answer_max.count);
        out.field("start_ms", to_ms(ask.start));
        out.field("load_ms", to_ms(ask.load));
        out.field("wait_ms", to_ms(ask.wait));
        out.field("prefill_ms", to_ms(ask.prefill));
        out.field("decode_ms", to_ms(ask.decode));
      });
    });
    add(out.name("left_out"), plan.left_out);
    if (asked) out.field("deadline_ms", to_ms(plan.deadline - *asked));
  });
}

std::string_view type_of(const Event& event) {
  struct Types {
    std::string_view operator()(const event::Started&) { return "query.started"; }
    std::string_view operator()(const event::Fallback&) { return "query.fallback"; }
    std::string_view operator()(const event::DeviceChanged&) { return "device.changed"; }
    std::string_view operator()(const event::Waiting&) { return "query.waiting"; }
    std::string_view operator()(const event::Queued&) { return "member.queued"; }
    std::string_view operator()(const event::Loading&) { return "member.loading"; }
    std::string_view operator()(const event::Prefill&) { return "member.prefill"; }
    std::string_view operator()(const event::Token&) { return "member.token"; }
    std::string_view operator()(const event::Draft&) { return "answer.draft"; }
    std::string_view operator()(const event::Testing&) { return "member.testing"; }
    std::string_view operator()(const event::Ended&) { return "member.ended"; }
    std::string_view operator()(const event::Agreement&) { return "agreement.updated"; }
    std::string_view operator()(const event::EarlyStop&) { return "query.early_stop"; }
    std::string_view operator()(const event::Completed&) { return "query.completed"; }
  };
  return std::visit(Types(), event.what);
}

// The fields of one event beside its type and time.
struct FieldsOf {
  JsonText& out;
  std::optional<Time> asked;

  void operator()(const event::Started& e) const {
    out.field("id", e.query.text);
    add(out.name("complexity"), e.complexity);
    add(out.name("plan"), e.plan, asked);
  }
  void operator()(const event::Fallback& e) const {
    out.field("why", e.why);
    add(out.name("plan"), e.plan, asked);
  }
  void operator()(const event::DeviceChanged& e) const {
    out.field("what", e.what);
    out.name("moves").list(e.moves, [&](const auto& move) {
      out.add([&] {
        out.field("member", move.member.text);
        out.field("device", move.device.text);
      });
    });
  }
  void operator()(const event::Waiting& e) const { out.field("why", e.why); }
  void operator()(const event::Queued& e) const { out.field("member", e.member.text); }
  void operator()(const event::Loading& e) const {
    out.field("member", e.member.text);
    out.field("progress", e.progress);
  }
  void operator()(const event::Prefill& e) const {
    out.field("member", e.member.text);
    out.field("progress", e.progress);
  }
  void operator()(const event::Token& e) const {
    out.field("member", e.member.text);
    out.field("text", e.text);
  }
  void operator()(const event::Draft& e) const {
    out.field("member", e.member.text);
    out.field("text", e.text);
    out.field("anew", e.anew);
  }
  void operator()(const event::Testing& e) const { out.field("member", e.member.text); }
  void operator()(const event::Ended& e) const {
    add_fields(out, e.answer, to_string(e.answer.ending));
  }
  void operator()(const event::Agreement& e) const {
    out.field("asked", e.asked);
    out.field("answered", e.answered);
    add(out.name("verdict"), e.verdict);
  }
  void operator()(const event::EarlyStop& e) const { out.field("why", e.why); }
  void operator()(const event::Completed& e) const { add(out.name("outcome"), e.outcome); }
};

// The envelope of every event, with what only this one says behind it.
template <class Fill>
std::string placed(std::string_view type, const EventPlace& place, Duration at, Fill fill) {
  JsonText out;
  out.add([&] {
    out.field("type", type);
    out.field("seq", place.seq);
    out.field("query", place.query.text);
    out.field("t_ms", to_ms(at));
    fill(out);
  });
  return out.take();
}

}  // namespace

std::string encode_event(const Event& event) {
  JsonText out;
  out.add([&] {
    out.field("type", type_of(event));
    out.field("t_ms", to_ms(event.at));
    std::visit(FieldsOf{out, std::nullopt}, event.what);
  });
  return out.take();
}

std::string encode_event(const Event& event, const EventPlace& place) {
  return placed(type_of(event), place, event.at,
                [&](JsonText& out) { std::visit(FieldsOf{out, place.asked}, event.what); });
}

std::string encode_asked(const Query& query, WallTime asked, const EventPlace& place) {
  return placed("query.asked", place, {}, [&](JsonText& out) {
    out.field("asked", to_rfc3339(asked));
    out.field("question", query.question());
  });
}

std::string encode_anew(const EventPlace& place) {
  return placed("query.anew", place, {}, [](JsonText&) {});
}

}  // namespace kai::wire
