#include "wire/told.h"

#include <string>
#include <utility>

#include "wire/document_parts.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr Range count_range{0, 1'000'000'000};

std::string text_in(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.text(name) : std::string();
}
double number_in(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.number(name, -1e18, 1e18) : 0;
}
Duration ms_in(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.ms(name) : Duration{};
}
Tokens tokens_in(Fields& fields, std::string_view name) {
  return Tokens(fields.has(name) ? fields.integer(name, count_range) : 0);
}

std::optional<Error> error_in(Fields& fields) {
  if (!fields.has("error")) return std::nullopt;
  Fields error = fields.object("error");
  return Error{error_code_named(error.text("code")), error.text("message")};
}

Complexity complexity_in(Fields fields) {
  return {number_in(fields, "difficulty"), fields.one_of("tier", tier_named),
          text_in(fields, "why")};
}

Plan plan_in(Fields fields, Time asked) {
  Plan plan;
  plan.tier = fields.one_of("tier", tier_named);
  plan.mode = fields.one_of("mode", mode_named);
  plan.predicted = ms_in(fields, "predicted_ms");
  plan.predicted_p90 = ms_in(fields, "predicted_p90_ms");
  if (fields.has("deadline_ms")) plan.deadline = asked + fields.ms("deadline_ms");
  for (auto& item : fields.objects("asks")) {
    Ask ask;
    ask.member = MemberId(item.text("member"));
    ask.model = ModelId(item.text("model"));
    ask.device = DeviceId(text_in(item, "device"));
    plan.asks.push_back(std::move(ask));
  }
  for (auto& item : fields.objects("left_out")) {
    plan.left_out.push_back({ModelId(item.text("model")), item.text("why")});
  }
  return plan;
}

Answer answer_in(Fields& fields) {
  Answer answer;
  answer.member = MemberId(fields.text("member"));
  answer.model = ModelId(fields.text("model"));
  answer.device = DeviceId(text_in(fields, "device"));
  answer.ending = fields.one_of("ending", ending_named);
  answer.error = error_in(fields);
  answer.text = text_in(fields, "text");
  answer.timings = {.queued = ms_in(fields, "queued_ms"),
                    .load = ms_in(fields, "load_ms"),
                    .prefill = ms_in(fields, "prefill_ms"),
                    .decode = ms_in(fields, "decode_ms"),
                    .ttft = ms_in(fields, "ttft_ms"),
                    .total = ms_in(fields, "total_ms")};
  answer.usage = {tokens_in(fields, "prompt_tokens"), tokens_in(fields, "answer_tokens")};
  if (fields.has("run")) {
    Fields run = fields.object("run");
    answer.run = {run.small("passed", count_range), run.small("failed", count_range),
                  text_in(run, "why"), text_in(run, "outputs")};
  }
  return answer;
}

Synthesis synthesis_in(Fields fields) {
  Synthesis synthesis;
  synthesis.answer.text = text_in(fields, "text");
  synthesis.answer.model = ModelId(text_in(fields, "model"));
  synthesis.merged = fields.small("merged", count_range);
  synthesis.refused = text_in(fields, "refused");
  return synthesis;
}

Outcome outcome_in(Fields fields) {
  Outcome outcome;
  outcome.query.id = QueryId(fields.text("id"));
  outcome.query.messages = {{Role::user, fields.text("question")}};
  outcome.complexity = complexity_in(fields.object("complexity"));
  outcome.verdict = verdict_in(fields.object("verdict"));
  for (auto& member : fields.objects("members")) {
    if (member.text("ending") != "not_run") outcome.answers.push_back(answer_in(member));
  }
  if (fields.has("synthesis")) outcome.synthesis = synthesis_in(fields.object("synthesis"));
  outcome.error = error_in(fields);
  outcome.drafted = MemberId(text_in(fields, "drafted_by"));
  outcome.stop_why = text_in(fields, "stop_why");
  outcome.asked_why = text_in(fields, "asked_why");
  outcome.partial = fields.flag("partial");
  outcome.latency = ms_in(fields, "latency_ms");
  return outcome;
}

using What = decltype(Event::what);

// What an event of this type says; nothing: it is of another kind.
std::optional<What> what_in(std::string_view type, Fields& fields, Time asked) {
  const auto member = [&] { return MemberId(fields.text("member")); };
  if (type == "query.started") {
    return event::Started{QueryId(fields.text("id")), complexity_in(fields.object("complexity")),
                          plan_in(fields.object("plan"), asked)};
  }
  if (type == "query.fallback") {
    return event::Fallback{fields.text("why"), plan_in(fields.object("plan"), asked)};
  }
  if (type == "device.changed") return event::DeviceChanged{fields.text("what"), {}};
  if (type == "query.waiting") return event::Waiting{fields.text("why")};
  if (type == "member.queued") return event::Queued{member()};
  if (type == "member.loading") return event::Loading{member(), fields.number("progress", 0, 1)};
  if (type == "member.prefill") return event::Prefill{member(), fields.number("progress", 0, 1)};
  if (type == "member.token") return event::Token{member(), fields.text("text")};
  if (type == "member.testing") return event::Testing{member()};
  if (type == "member.ended") return event::Ended{answer_in(fields)};
  if (type == "answer.draft") {
    return event::Draft{member(), fields.text("text"), fields.flag("anew")};
  }
  if (type == "agreement.updated") {
    return event::Agreement{verdict_in(fields.object("verdict")),
                            fields.small("asked", count_range),
                            fields.small("answered", count_range)};
  }
  if (type == "query.early_stop") return event::EarlyStop{fields.text("why")};
  if (type == "query.completed") return event::Completed{outcome_in(fields.object("outcome"))};
  return std::nullopt;
}

}  // namespace

ErrorCode error_code_named(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    if (name == to_string(static_cast<ErrorCode>(code))) return static_cast<ErrorCode>(code);
  }
  return ErrorCode::internal;
}

Result<std::optional<Event>> decode_event(std::string_view text, Time asked) {
  return decode(text, [asked](Fields& fields) -> std::optional<Event> {
    const std::string type = fields.text("type");
    const Duration at = ms_in(fields, "t_ms");
    auto what = what_in(type, fields, asked);
    if (!what) return std::nullopt;
    return Event{at, *std::move(what)};
  });
}

}  // namespace kai::wire
