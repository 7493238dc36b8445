#include "wire/recorded.h"

#include <algorithm>
#include <utility>

#include "wire/document_parts.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr Range any_place{0, 1'000'000};
constexpr double weight_max = 1e9;

// A member's fate; an answer only where it ran.
struct Member {
  Ask ask;
  std::optional<Answer> answer;
  std::int64_t round = -1;  // -1: in no plan
  std::int64_t order = 0;
};

Member member_in(Fields& fields) {
  Member member;
  Ask& ask = member.ask;
  ask.member = MemberId(fields.text("member"));
  ask.model = ModelId(fields.text("model"));
  ask.sample = fields.small("sample", {1, 1'000'000});
  if (fields.has("round")) {
    member.round = fields.integer("round", any_place);
    member.order = fields.integer("order", any_place);
    ask.weight = fields.number("weight", 0, weight_max);
  }
  // A cancelled member was stopped once the outcome was settled: what it had written by then was
  // not heard when it was decided.
  const std::string ending = fields.text("ending");
  if (ending == "not_run" || ending == to_string(Ending::cancelled)) return member;
  Answer answer;
  answer.member = ask.member;
  answer.model = ask.model;
  answer.sample = ask.sample;
  if (fields.has("device")) answer.device = DeviceId(fields.text("device"));
  if (fields.has("model_digest")) answer.digest = fields.text("model_digest");
  answer.ending = fields.one_of("ending", ending_named);
  answer.text = fields.text("text");
  if (fields.has("document")) answer.document = fields.text("document");
  answer.timings.decode = fields.ms("decode_ms");
  answer.usage.answer = Tokens(fields.integer("answer_tokens"));
  if (fields.has("run")) {
    constexpr Range examples{0, 1'000'000};
    Fields run = fields.object("run");
    answer.run = {run.small("passed", examples), run.small("failed", examples),
                  run.has("why") ? run.text("why") : "",
                  run.has("outputs") ? run.text("outputs") : ""};
  }
  member.answer = std::move(answer);
  return member;
}

std::vector<MemberId> ids_in(std::vector<std::string> names) {
  std::vector<MemberId> ids;
  for (auto& name : names) ids.emplace_back(std::move(name));
  return ids;
}

}  // namespace

Verdict verdict_in(Fields fields) {
  constexpr Range count{0, 1'000'000};
  Verdict verdict;
  verdict.shape = fields.one_of("shape", shape_named);
  if (fields.has("method")) verdict.method = fields.text("method");
  if (fields.has("text")) verdict.text = fields.text("text");
  if (fields.has("author")) verdict.author = MemberId(fields.text("author"));
  verdict.agreement = fields.number("agreement", 0, 1);
  if (fields.has("confidence")) verdict.confidence = fields.number("confidence", 0, 1);
  verdict.voters = fields.small("voters", count);
  verdict.agreeing = fields.small("agreeing", count);
  for (auto& group : fields.objects("groups")) {
    verdict.groups.push_back({group.text("answer"), ids_in(group.texts("members")),
                              group.number("weight", 0, weight_max)});
  }
  for (auto& dissent : fields.objects("dissent")) {
    verdict.dissent.push_back({MemberId(dissent.text("member")), dissent.text("words")});
  }
  verdict.abstained = ids_in(fields.texts("abstained"));
  return verdict;
}

Result<Recorded> decode_recorded(std::string_view document) {
  return decode(document, [](Fields& fields) {
    Recorded recorded;
    if (fields.text("schema") != "kai.answer.v1") {
      fields.reject("schema", "must be kai.answer.v1");
    }
    recorded.id = QueryId(fields.text("id"));
    recorded.question = fields.text("question");
    recorded.verdict = verdict_in(fields.object("verdict"));
    recorded.shape = recorded.verdict.shape;
    std::vector<Member> members;
    for (auto& member : fields.objects("members")) members.push_back(member_in(member));
    std::int64_t last_round = -1;
    for (const auto& member : members) last_round = std::max(last_round, member.round);
    for (auto& member : members) {
      if (member.answer) recorded.answers.push_back(*std::move(member.answer));
    }
    std::erase_if(members, [&](const Member& one) { return one.round != last_round; });
    std::ranges::sort(members, {}, &Member::order);
    if (last_round < 0) members.clear();
    for (auto& member : members) recorded.asks.push_back(std::move(member.ask));
    return recorded;
  });
}

Result<Prediction> decode_prediction(std::string_view document) {
  return decode(document, [](Fields& fields) {
    Prediction prediction;
    Fields plan = fields.object("plan");
    prediction.predicted = plan.ms("predicted_ms");
    prediction.predicted_p90 = plan.ms("predicted_p90_ms");
    prediction.latency = fields.ms("latency_ms");
    for (auto& member : fields.objects("members")) {
      const std::string ending = member.text("ending");
      ++prediction.asked;
      prediction.whole +=
          ending == to_string(Ending::complete) || ending == to_string(Ending::token_limit) ? 1 : 0;
    }
    return prediction;
  });
}

std::string encode_feedback(const Feedback& feedback) {
  switch (feedback.kind) {
    case Feedback::Kind::good: return to_line(json::object{{"kind", "good"}});
    case Feedback::Kind::bad: return to_line(json::object{{"kind", "bad"}});
    case Feedback::Kind::answer: break;
  }
  return to_line(json::object{{"kind", "answer"}, {"answer", feedback.answer}});
}

Result<Feedback> decode_feedback(std::string_view text) {
  return decode(text, [](Fields& fields) {
    const auto kind_named = [](std::string_view name) -> std::optional<Feedback::Kind> {
      if (name == "good") return Feedback::Kind::good;
      if (name == "bad") return Feedback::Kind::bad;
      if (name == "answer") return Feedback::Kind::answer;
      return std::nullopt;
    };
    Feedback feedback{fields.one_of("kind", kind_named), {}};
    if (feedback.kind == Feedback::Kind::answer) feedback.answer = fields.text("answer");
    return feedback;
  });
}

std::string with_feedback(std::string document, const Feedback& feedback) {
  if (!document.ends_with('}')) return document;
  const auto said = [](const char* word) { return json::object{{"said", word}}; };
  json::object field;
  switch (feedback.kind) {
    case Feedback::Kind::good: field = said("good"); break;
    case Feedback::Kind::bad: field = said("bad"); break;
    case Feedback::Kind::answer: field = {{"answer", feedback.answer}}; break;
  }
  return with_field(std::move(document), "feedback", to_line(field));
}

}  // namespace kai::wire
