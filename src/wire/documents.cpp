#include "wire/documents.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "wire/document_parts.h"
#include "wire/json_text.h"

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
void add_texts(JsonText& out, const Ids& ids) {
  out.list(ids, [&](const auto& id) { out.add(id.text); });
}

// Tokens per second; null where none were written or no time was measured.
std::optional<double> rate(Tokens tokens, Duration time) {
  if (tokens.count <= 0 || time <= Duration::zero()) return std::nullopt;
  return std::round(static_cast<double>(tokens.count) / seconds(time) * 1e3) / 1e3;
}

std::optional<double> ms_or_null(std::optional<Duration> time) {
  if (!time) return std::nullopt;
  return to_ms(*time);
}

void add(JsonText& out, const std::optional<Error>& error) {
  if (!error) return out.add(nullptr);
  out.add([&] {
    out.field("code", to_string(error->code));
    out.field("message", error->message);
  });
}

}  // namespace

void add(JsonText& out, const Complexity& complexity) {
  out.add([&] {
    out.field("difficulty", complexity.difficulty);
    out.field("tier", to_string(complexity.tier));
    out.field("why", complexity.why);
  });
}

void add(JsonText& out, const std::vector<LeftOut>& left_out) {
  out.list(left_out, [&](const LeftOut& one) {
    out.add([&] {
      out.field("model", one.model.text);
      out.field("why", one.why);
    });
  });
}

void add(JsonText& out, const Verdict& verdict) {
  out.add([&] {
    out.field("shape", to_string(verdict.shape));
    out.field("method", some(verdict.method));
    out.field("text", some(verdict.text));
    out.field("author", some(verdict.author.text));
    out.field("agreement", verdict.agreement);
    out.field("confidence", verdict.confidence);
    out.field("voters", verdict.voters);
    out.field("agreeing", verdict.agreeing);
    out.name("groups").list(verdict.groups, [&](const Group& group) {
      out.add([&] {
        out.field("answer", group.answer);
        add_texts(out.name("members"), group.members);
        out.field("weight", group.weight);
      });
    });
    out.name("dissent").list(verdict.dissent, [&](const Dissent& dissent) {
      out.add([&] {
        out.field("member", dissent.member.text);
        out.field("words", dissent.words);
      });
    });
    add_texts(out.name("abstained"), verdict.abstained);
  });
}

// What every answer has of its own, whatever became of the question.
void add_fields(JsonText& out, const Answer& answer, std::string_view ending) {
  const Timings& times = answer.timings;
  out.field("member", answer.member.text);
  out.field("model", answer.model.text);
  out.field("model_digest", some(answer.digest));
  out.field("sample", answer.sample);
  out.field("device", some(answer.device.text));
  out.field("ending", ending);
  add(out.name("error"), answer.error);
  out.field("text", answer.text);
  out.field("queued_ms", to_ms(times.queued));
  out.field("load_ms", to_ms(times.load));
  out.field("prefill_ms", to_ms(times.prefill));
  out.field("decode_ms", to_ms(times.decode));
  const bool began = times.ttft > Duration::zero();
  out.field("ttft_ms", began ? std::optional(to_ms(times.ttft)) : std::nullopt);
  out.field("total_ms", to_ms(times.total));
  out.field("prompt_tokens", answer.usage.prompt.count);
  out.field("answer_tokens", answer.usage.answer.count);
  out.field("tokens_per_second", rate(answer.usage.answer, times.decode));
  out.field("logprob_mean", answer.logprob_mean);
  if (answer.document) out.field("document", *answer.document);
}

namespace {

void add(JsonText& out, const Query& query) {
  out.add([&] {
    out.field("messages", query.messages.size());
    out.field("tier", query.tier ? std::optional(to_string(*query.tier)) : std::nullopt);
    out.field("mode", to_string(query.mode));
    add_texts(out.name("models"), query.models);
    out.field("seed", std::to_string(query.seed));
    out.field("time_limit_ms", ms_or_null(query.time_limit));
    out.field("answer_max",
              query.answer_max ? std::optional(query.answer_max->count) : std::nullopt);
    // Wishes on how members write, where there are some.
    if (!query.stop.empty()) {
      out.name("stop").list(query.stop, [&](const std::string& words) { out.add(words); });
    }
    if (query.temperature) out.field("temperature", *query.temperature);
    if (query.top_p) out.field("top_p", *query.top_p);
    if (!query.json_form.empty()) out.field("json", true);
  });
}

void add(JsonText& out, const RunResult& run) {
  out.add([&] {
    out.field("passed", run.passed);
    out.field("failed", run.failed);
    out.field("why", some(run.why));
    out.field("outputs", some(run.outputs));
  });
}

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

// One member's part of a plan.
struct Planned {
  const Ask* ask;
  std::size_t round;  // 0: the first plan; 1…: the fallbacks
  std::size_t order;  // in its plan
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

// What became of a member.
struct Fate {
  std::optional<Planned> planned;
  const Answer* answer = nullptr;  // null: it never ran
  Stance stance = Stance::none;
  bool answered = false;
};

// The answers in the order of their ending, then what never ran.
std::vector<Fate> fates_of(const Outcome& outcome) {
  const auto stance_of = stances(outcome.verdict);
  auto planned = all_planned(outcome.plans);
  std::vector<Fate> fates;
  for (const auto& answer : outcome.answers) {
    Fate& fate = fates.emplace_back();
    fate.answer = &answer;
    const auto found = stance_of.find(answer.member);
    if (found != stance_of.end()) fate.stance = found->second;
    fate.answered = answered(answer, fate.stance);
    const auto match = std::ranges::find_if(
        planned, [&](const Planned& one) { return one.ask->member == answer.member; });
    if (match == planned.end()) continue;
    fate.planned = *match;
    planned.erase(match);
  }
  for (const auto& missed : planned) fates.emplace_back().planned = missed;
  return fates;
}

void add_never_run(JsonText& out, const Ask& ask) {
  Answer never;
  never.member = ask.member;
  never.model = ask.model;
  never.sample = ask.sample;
  never.device = ask.device;
  add_fields(out, never, not_run);
}

void add(JsonText& out, const Fate& fate) {
  out.add([&] {
    if (fate.answer != nullptr) {
      add_fields(out, *fate.answer, to_string(fate.answer->ending));
      if (fate.answer->run) add(out.name("run"), *fate.answer->run);
    } else {
      add_never_run(out, *fate.planned->ask);
    }
    out.field("answered", fate.answered);
    out.field("stance", to_string(fate.stance));
    const Planned* planned = fate.planned ? &*fate.planned : nullptr;
    const auto of_plan = [&](std::string_view name, auto value) {
      out.field(name, planned != nullptr ? std::optional(value(*planned)) : std::nullopt);
    };
    of_plan("round", [](const Planned& one) { return one.round; });
    of_plan("order", [](const Planned& one) { return one.order; });
    of_plan("weight", [](const Planned& one) { return one.ask->weight; });
    of_plan("predicted_ms", [](const Planned& one) {
      return to_ms(one.ask->load + one.ask->prefill + one.ask->decode);
    });
  });
}

// Model names of those that ran, without repeats, in order; all, or those that answered.
void add_models(JsonText& out, const std::vector<Fate>& fates, bool answered_only) {
  std::set<std::string_view> seen;
  std::vector<std::string_view> names;
  for (const auto& fate : fates) {
    if (fate.answer == nullptr || (answered_only && !fate.answered)) continue;
    const std::string_view name = fate.answer->model.text;
    if (seen.insert(name).second) names.push_back(name);
  }
  out.list(names, [&](std::string_view name) { out.add(name); });
}

// The first plan, with what all of them left out; null if it never came to one.
void add_plan(JsonText& out, const Outcome& outcome) {
  if (outcome.plans.empty()) return out.add(nullptr);
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
  out.add([&] {
    out.field("tier", to_string(first.tier));
    out.field("mode", to_string(first.mode));
    out.field("members", first.asks.size());
    out.field("predicted_ms", to_ms(first.predicted));
    out.field("predicted_p90_ms", to_ms(first.predicted_p90));
    out.field("deadline_ms", to_ms(first.deadline - outcome.query.asked));
    out.field("fallbacks", outcome.plans.size() - 1);
    add(out.name("left_out"), left_out);
  });
}

void add(JsonText& out, const std::optional<Synthesis>& synthesis) {
  if (!synthesis) return out.add(nullptr);
  const Answer& answer = synthesis->answer;
  out.add([&] {
    out.field("text", answer.text);
    out.field("model", some(answer.model.text));
    out.field("merged", synthesis->merged);
    out.field("refused", some(synthesis->refused));
    out.field("ending", to_string(answer.ending));
    out.field("total_ms", to_ms(answer.timings.total));
  });
}

void add_fields(JsonText& out, const Outcome& outcome) {
  const Verdict& verdict = outcome.verdict;
  const Tier tier = outcome.plans.empty() ? outcome.query.tier.value_or(outcome.complexity.tier)
                                          : outcome.plans.back().tier;
  const bool good = outcome.answered();
  const auto fates = fates_of(outcome);
  out.field("schema", "kai.answer.v1");
  out.field("id", outcome.query.id.text);
  out.field("asked", to_rfc3339(outcome.asked));
  out.field("question", outcome.query.messages.empty() ? std::string() : outcome.query.question());
  out.field("text", good ? std::optional<std::string_view>(verdict.text) : std::nullopt);
  out.field("author", good ? some(verdict.author.text) : std::nullopt);
  out.field("drafted_by", some(outcome.drafted.text));
  out.field("agreement", verdict.agreement);
  out.field("confidence", verdict.confidence);
  add(out.name("error"), outcome.error);
  out.field("partial", outcome.partial);
  out.field("stop_why", some(outcome.stop_why));
  out.field("asked_why", some(outcome.asked_why));
  out.field("latency_ms", to_ms(outcome.latency));
  out.field("tier", to_string(tier));
  add_models(out.name("models_asked"), fates, false);
  add_models(out.name("models_answered"), fates, true);
  add(out.name("query"), outcome.query);
  add(out.name("complexity"), outcome.complexity);
  add_plan(out.name("plan"), outcome);
  add(out.name("verdict"), verdict);
  add(out.name("synthesis"), outcome.synthesis);
  out.name("members").list(fates, [&](const Fate& fate) { add(out, fate); });
  if (outcome.device_changes.empty()) return;
  out.name("device_changes").list(outcome.device_changes, [&](const std::string& change) {
    out.add(change);
  });
}

}  // namespace

void add(JsonText& out, const Outcome& outcome) {
  out.add([&] { add_fields(out, outcome); });
}

std::string encode_outcome(const Outcome& outcome) {
  JsonText out;
  add(out, outcome);
  return out.take();
}

std::string encode_verdict(const Verdict& verdict) {
  JsonText out;
  add(out, verdict);
  return out.take();
}

std::string encode_error(const Error& error) {
  JsonText out;
  out.add([&] { add(out.name("error"), std::optional(error)); });
  return out.take();
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
