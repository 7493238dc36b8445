#include "wire/documents.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "wire/document_parts.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

// The ending of a member that was planned but never started: there is no Answer of it.
constexpr std::string_view not_run = "not_run";

// What one member's answer meant for the verdict.
enum class Stance { agrees, dissents, abstained, none };

std::string_view to_string(Stance stance) {
  switch (stance) {
    case Stance::agrees: return "agrees";
    case Stance::dissents: return "dissents";
    case Stance::abstained: return "abstained";
    case Stance::none: break;
  }
  return "none";
}

template <class Ids>
json::array texts(const Ids& ids) {
  json::array list;
  for (const auto& id : ids) list.emplace_back(id.text);
  return list;
}

json::value encoded(const std::optional<Error>& error) {
  if (!error) return nullptr;
  return json::object{{"code", to_string(error->code)}, {"message", error->message}};
}

// Tokens per second; null where none were written or no time was measured.
json::value rate(Tokens tokens, Duration time) {
  if (tokens.count <= 0 || time <= Duration::zero()) return nullptr;
  return std::round(static_cast<double>(tokens.count) / seconds(time) * 1e3) / 1e3;
}

}  // namespace

json::object encoded(const Complexity& complexity) {
  return {{"difficulty", complexity.difficulty},
          {"tier", to_string(complexity.tier)},
          {"why", complexity.why}};
}

namespace {

json::object encoded(const Query& query) {
  json::object out{{"messages", query.messages.size()},
                   {"tier", nullptr},
                   {"mode", to_string(query.mode)},
                   {"models", texts(query.models)},
                   {"seed", std::to_string(query.seed)},
                   {"time_limit_ms", nullptr},
                   {"answer_max", nullptr}};
  if (query.tier) out["tier"] = to_string(*query.tier);
  if (query.time_limit) out["time_limit_ms"] = to_ms(*query.time_limit);
  if (query.answer_max) out["answer_max"] = query.answer_max->count;
  return out;
}

}  // namespace

json::array encoded(const std::vector<LeftOut>& left_out) {
  json::array list;
  for (const auto& [model, why] : left_out) {
    list.push_back(json::object{{"model", model.text}, {"why", why}});
  }
  return list;
}

json::object encoded(const Verdict& verdict) {
  json::array groups;
  for (const auto& group : verdict.groups) {
    groups.push_back(json::object{
        {"answer", group.answer}, {"members", texts(group.members)}, {"weight", group.weight}});
  }
  json::array dissent;
  for (const auto& [member, words] : verdict.dissent) {
    dissent.push_back(json::object{{"member", member.text}, {"words", words}});
  }
  return {{"shape", to_string(verdict.shape)},
          {"method", text_or_null(verdict.method)},
          {"text", text_or_null(verdict.text)},
          {"author", text_or_null(verdict.author.text)},
          {"agreement", verdict.agreement},
          {"confidence", or_null(verdict.confidence)},
          {"voters", verdict.voters},
          {"agreeing", verdict.agreeing},
          {"groups", std::move(groups)},
          {"dissent", std::move(dissent)},
          {"abstained", texts(verdict.abstained)}};
}

namespace {

// The stance of every member that has one.
std::map<MemberId, Stance> stances(const Verdict& verdict) {
  std::map<MemberId, Stance> found;
  for (const auto& member : verdict.abstained) found[member] = Stance::abstained;
  for (std::size_t index = 0; index < verdict.groups.size(); ++index) {
    const Stance stance = index == 0 ? Stance::agrees : Stance::dissents;
    for (const auto& member : verdict.groups[index].members) found[member] = stance;
  }
  return found;
}

// An answer counts where the model came to its end, or was cut but had its vote counted.
bool answered(const Answer& answer, Stance stance) {
  const bool whole = answer.ending == Ending::complete || answer.ending == Ending::token_limit;
  return stance == Stance::agrees || stance == Stance::dissents || (whole && !answer.text.empty());
}

json::object encoded(const RunResult& run) {
  return {{"passed", run.passed},
          {"failed", run.failed},
          {"why", text_or_null(run.why)},
          {"outputs", text_or_null(run.outputs)}};
}

}  // namespace

// What every answer has of its own, whatever became of the question.
json::object encoded(const Answer& answer) {
  const Timings& times = answer.timings;
  return {{"member", answer.member.text},
          {"model", answer.model.text},
          {"model_digest", text_or_null(answer.digest)},
          {"sample", answer.sample},
          {"device", text_or_null(answer.device.text)},
          {"ending", to_string(answer.ending)},
          {"error", encoded(answer.error)},
          {"text", answer.text},
          {"queued_ms", to_ms(times.queued)},
          {"load_ms", to_ms(times.load)},
          {"prefill_ms", to_ms(times.prefill)},
          {"decode_ms", to_ms(times.decode)},
          {"ttft_ms", times.ttft > Duration::zero() ? json::value(to_ms(times.ttft)) : nullptr},
          {"total_ms", to_ms(times.total)},
          {"prompt_tokens", answer.usage.prompt.count},
          {"answer_tokens", answer.usage.answer.count},
          {"tokens_per_second", rate(answer.usage.answer, times.decode)},
          {"logprob_mean", or_null(answer.logprob_mean)}};
}

namespace {

// One member's part of a plan, and whether its answer was met already.
struct Planned {
  const Ask* ask;
  std::size_t round;  // 0: the first plan; 1…: the fallbacks
  std::size_t order;  // in its plan
  bool met = false;
};

std::vector<Planned> all_planned(const std::vector<Plan>& plans) {
  std::vector<Planned> list;
  for (std::size_t round = 0; round < plans.size(); ++round) {
    const auto& asks = plans[round].asks;
    for (std::size_t order = 0; order < asks.size(); ++order) {
      list.push_back({&asks[order], round, order});
    }
  }
  return list;
}

void add_plan(json::object& member, const Planned* planned) {
  member["round"] = planned ? json::value(planned->round) : nullptr;
  member["order"] = planned ? json::value(planned->order) : nullptr;
  member["weight"] = planned ? json::value(planned->ask->weight) : nullptr;
  member["predicted_ms"] =
      planned
          ? json::value(to_ms(planned->ask->load + planned->ask->prefill + planned->ask->decode))
          : nullptr;
}

// Every member's fate: the answers in the order of their ending, then what never ran.
json::array members(const Outcome& outcome) {
  const auto stance_of = stances(outcome.verdict);
  auto planned = all_planned(outcome.plans);
  json::array list;
  for (const auto& answer : outcome.answers) {
    const auto found = stance_of.find(answer.member);
    const Stance stance = found == stance_of.end() ? Stance::none : found->second;
    const auto match = std::ranges::find_if(planned, [&](const Planned& candidate) {
      return !candidate.met && candidate.ask->member == answer.member;
    });
    json::object member = wire::encoded(answer);
    if (answer.run) member["run"] = encoded(*answer.run);
    member["answered"] = answered(answer, stance);
    member["stance"] = to_string(stance);
    add_plan(member, match == planned.end() ? nullptr : &*match);
    if (match != planned.end()) match->met = true;
    list.push_back(std::move(member));
  }
  for (const auto& missed : planned) {
    if (missed.met) continue;
    Answer never;
    never.member = missed.ask->member;
    never.model = missed.ask->model;
    never.sample = missed.ask->sample;
    never.device = missed.ask->device;
    json::object member = wire::encoded(never);
    member["ending"] = not_run;
    member["answered"] = false;
    member["stance"] = to_string(Stance::none);
    add_plan(member, &missed);
    list.push_back(std::move(member));
  }
  return list;
}

// Model names of `members` that ran, without repeats, in order; all, or those that answered.
json::array models_of(const json::array& members, bool answered_only) {
  std::set<std::string> seen;
  json::array list;
  for (const auto& value : members) {
    const auto& member = value.get_object();
    if (member.at("ending").get_string() == not_run) continue;
    if (answered_only && !member.at("answered").get_bool()) continue;
    const auto& model = member.at("model").get_string();
    if (seen.emplace(model.data(), model.size()).second) list.emplace_back(model);
  }
  return list;
}

// The first plan, with what all of them left out; null if it never came to one.
json::value plan_summary(const Outcome& outcome) {
  if (outcome.plans.empty()) return nullptr;
  const Plan& first = outcome.plans.front();
  std::vector<LeftOut> left_out;
  for (const auto& plan : outcome.plans) {
    for (const auto& item : plan.left_out) {
      const bool known = std::ranges::any_of(left_out, [&](const LeftOut& other) {
        return other.model == item.model && other.why == item.why;
      });
      if (!known) left_out.push_back(item);
    }
  }
  return json::object{{"tier", to_string(first.tier)},
                      {"mode", to_string(first.mode)},
                      {"members", first.asks.size()},
                      {"predicted_ms", to_ms(first.predicted)},
                      {"predicted_p90_ms", to_ms(first.predicted_p90)},
                      {"deadline_ms", to_ms(first.deadline - outcome.query.asked)},
                      {"fallbacks", outcome.plans.size() - 1},
                      {"left_out", wire::encoded(left_out)}};
}

json::value encoded(const std::optional<Synthesis>& synthesis) {
  if (!synthesis) return nullptr;
  const Answer& answer = synthesis->answer;
  return json::object{{"text", answer.text},
                      {"model", text_or_null(answer.model.text)},
                      {"merged", synthesis->merged},
                      {"refused", text_or_null(synthesis->refused)},
                      {"ending", to_string(answer.ending)},
                      {"total_ms", to_ms(answer.timings.total)}};
}

}  // namespace

json::object encoded(const Outcome& outcome) {
  const Verdict& verdict = outcome.verdict;
  const Tier tier = outcome.plans.empty() ? outcome.query.tier.value_or(outcome.complexity.tier)
                                          : outcome.plans.back().tier;
  json::array fates = members(outcome);
  json::array asked = models_of(fates, false);
  json::array answered = models_of(fates, true);
  const bool good = outcome.answered();
  const std::string question =
      outcome.query.messages.empty() ? std::string() : outcome.query.question();
  json::object out{{"schema", "kai.answer.v1"},
                   {"id", outcome.query.id.text},
                   {"asked", to_rfc3339(outcome.asked)},
                   {"question", question},
                   {"text", good ? json::value(verdict.text) : nullptr},
                   {"author", good ? text_or_null(verdict.author.text) : nullptr},
                   {"drafted_by", text_or_null(outcome.drafted.text)},
                   {"agreement", verdict.agreement},
                   {"confidence", or_null(verdict.confidence)},
                   {"error", encoded(outcome.error)},
                   {"partial", outcome.partial},
                   {"stop_why", text_or_null(outcome.stop_why)},
                   {"asked_why", text_or_null(outcome.asked_why)},
                   {"latency_ms", to_ms(outcome.latency)},
                   {"tier", to_string(tier)},
                   {"models_asked", std::move(asked)},
                   {"models_answered", std::move(answered)},
                   {"query", encoded(outcome.query)},
                   {"complexity", encoded(outcome.complexity)},
                   {"plan", plan_summary(outcome)},
                   {"verdict", encoded(verdict)},
                   {"synthesis", encoded(outcome.synthesis)},
                   {"members", std::move(fates)}};
  if (!outcome.device_changes.empty()) {
    json::array& changes = out["device_changes"].emplace_array();
    for (const auto& change : outcome.device_changes) changes.emplace_back(change);
  }
  return out;
}

std::string encode_outcome(const Outcome& outcome) {
  return to_line(encoded(outcome));
}

std::string encode_verdict(const Verdict& verdict) {
  return to_line(encoded(verdict));
}

std::string encode_error(const Error& error) {
  return to_line(json::object{{"error", encoded(std::optional(error))}});
}

std::optional<std::string> message_of_error(std::string_view text) {
  auto message =
      decode(text, [](Fields& fields) { return fields.object("error").text("message"); });
  return message ? std::optional(*std::move(message)) : std::nullopt;
}

std::string pretty(std::string_view text) {
  const auto value = parse(text);
  return value ? to_indented(*value) : std::string(text);
}

}  // namespace kai::wire
