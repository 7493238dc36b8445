#include "wire/chat_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "wire/document_parts.h"
#include "wire/json_schema.h"

namespace kai::wire {

namespace {

constexpr Range deadline_range_ms{100, 86'400'000};
constexpr std::size_t members_max = 12;

void add_names(JsonText& out, const std::vector<MemberId>& members) {
  out.list(members, [&](const MemberId& member) { out.add(member.text); });
}

void add(JsonText& out, const Answer& answer) {
  out.add([&] {
    out.field("member", answer.member.text);
    out.field("model", answer.model.text);
    out.field("device", answer.device.text);
    out.field("ending", to_string(answer.ending));
    out.field("queued_ms", to_ms(answer.timings.queued));
    out.field("load_ms", to_ms(answer.timings.load));
    out.field("ttft_ms", to_ms(answer.timings.ttft));
    out.field("total_ms", to_ms(answer.timings.total));
    out.field("prompt_tokens", answer.usage.prompt.count);
    out.field("answer_tokens", answer.usage.answer.count);
    if (answer.error) out.field("error", answer.error->message);
  });
}

// Of a duration as Go writes it, "1h30m", "-1s", or a number alone. Nothing: it is none.
std::optional<double> duration_seconds(std::string_view text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  constexpr Unit units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3},
                            {"h", 3600},  {"m", 60},    {"s", 1}};
  const bool below = text.starts_with('-');
  if (below || text.starts_with('+')) text.remove_prefix(1);
  double sum = 0;
  for (bool first = true; first || !text.empty(); first = false) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* unit =
        std::ranges::find_if(units, [&](const Unit& one) { return text.starts_with(one.name); });
    if (unit == std::end(units)) {
      if (!first || !text.empty()) return std::nullopt;
      return below ? -number : number;
    }
    text.remove_prefix(unit->name.size());
    sum += number * unit->seconds;
  }
  return below ? -sum : sum;
}

constexpr std::string_view name_of(StepsAs steps) {
  switch (steps) {
    case StepsAs::comment: return "comment";
    case StepsAs::field: return "field";
    case StepsAs::reasoning: return "reasoning";
    case StepsAs::nothing: break;
  }
  return "nothing";
}

void read_progress(Fields& kai, const std::vector<StepsAs>& steps, ChatRequest& request) {
  const std::string how = kai.text("progress");
  const auto found = std::ranges::find(steps, how, name_of);
  if (found == steps.end()) {
    std::vector<std::string_view> names;
    for (const StepsAs one : steps) names.push_back(name_of(one));
    kai.reject("progress", fmt::format("must be {} here", fmt::join(names, " or ")));
  } else if (!request.stream) {
    kai.reject("progress", "is only for a stream");
  } else {
    request.steps = *found;
  }
}

}  // namespace

void refuse_others(Fields& fields, const std::vector<std::string_view>& known,
                   std::string_view remedy) {
  for (const auto& name : fields.names()) {
    if (!fields.has(name) || std::ranges::count(known, std::string_view(name)) > 0) continue;
    fields.reject(name, remedy);
    return;
  }
}

void read_wishes(Fields& fields, ChatRequest& request) {
  if (fields.has("tier") && !(fields.is_text("tier") && fields.text("tier") == "auto")) {
    request.tier = fields.one_of("tier", tier_named);
  }
  if (fields.has("mode")) request.mode = fields.one_of("mode", mode_named);
  if (fields.has("members")) {
    for (auto& name : fields.texts("members")) request.members.emplace_back(std::move(name));
    if (request.members.size() > members_max) fields.reject("members", "has more than 12 names");
  }
  if (fields.has("deadline_ms")) {
    request.deadline = std::chrono::milliseconds(fields.integer("deadline_ms", deadline_range_ms));
  }
}

void read_kai(Fields& fields, const std::vector<StepsAs>& steps, ChatRequest& request) {
  if (!fields.has("kai")) return;
  Fields kai = fields.object("kai");
  refuse_others(kai, {"tier", "mode", "members", "deadline_ms", "stream", "progress"},
                "is not known; kai has tier, mode, members, deadline_ms, stream and progress");
  read_wishes(kai, request);
  if (kai.has("progress")) read_progress(kai, steps, request);
  if (kai.has("stream")) {
    const std::string how = kai.text("stream");
    request.settled = how == "settled";
    if (how != "settled" && how != "anytime") kai.reject("stream", "must be anytime or settled");
  }
}

std::vector<std::string> read_stop(Fields& fields) {
  std::vector<std::string> stop;
  if (!fields.has("stop")) return stop;
  stop = fields.is_text("stop") ? std::vector{fields.text("stop")} : fields.texts("stop");
  if (stop.size() > chat_stops_max) {
    fields.reject("stop", fmt::format("has more than {} strings", chat_stops_max));
    return {};
  }
  for (const auto& word : stop) {
    if (!word.empty() && word.size() <= chat_stop_bytes_max) continue;
    fields.reject("stop", fmt::format("must hold strings of 1 to {} bytes", chat_stop_bytes_max));
    return {};
  }
  return stop;
}

std::optional<double> read_number(Fields& fields, std::string_view name, double min, double max) {
  if (!fields.has(name)) return std::nullopt;
  return fields.number(name, min, max);
}

std::optional<std::uint64_t> read_seed(Fields& fields) {
  if (!fields.has("seed")) return std::nullopt;
  return static_cast<std::uint64_t>(
      fields.integer("seed", {std::numeric_limits<std::int64_t>::min()}));
}

std::optional<Duration> read_keep_alive(Fields& fields) {
  constexpr double seconds_max = 30 * 86'400.0;
  if (!fields.has("keep_alive")) return std::nullopt;
  const auto length = fields.is_text("keep_alive")
                          ? duration_seconds(fields.text("keep_alive"))
                          : std::optional(fields.number("keep_alive", -1e12, 1e12));
  if (!length) {
    fields.reject("keep_alive", "must be a number of seconds, or a duration such as \"5m\"");
    return std::nullopt;
  }
  if (*length < 0) return Duration::max();
  return from_seconds(std::min(*length, seconds_max));
}

JsonForm read_schema(Fields& fields, std::string_view name) {
  const json::value* schema = fields.value(name);
  if (schema == nullptr) {
    fields.reject(name, "is missing");
    return {};
  }
  auto form = json_form_of(*schema);
  if (!form) fields.reject(name, "cannot be used: " + form.error().message);
  return form.value_or(JsonForm());
}

std::optional<Role> chat_role(std::string_view name) {
  for (const Role role : {Role::system, Role::user, Role::assistant}) {
    if (name == to_string(role)) return role;
  }
  return name == "developer" ? std::optional(Role::system) : std::nullopt;
}

void check_messages(Fields& fields, const std::vector<Message>& messages) {
  if (messages.empty()) return fields.reject("messages", "is empty; the last one is the question");
  if (messages.size() > chat_messages_max) {
    fields.reject("messages", fmt::format("has more than {} of them", chat_messages_max));
  }
  if (messages.back().role != Role::user) {
    fields.reject("messages", "must end with one of role user, which is the question");
  }
}

std::string_view answer_path(const Outcome& outcome) {
  if (!outcome.answered()) return "error";
  if (outcome.partial) return "partial";
  if (!outcome.stop_why.empty()) return "early_stop";
  return outcome.verdict.voters <= 1 ? "single" : "consensus";
}

void add_kai(JsonText& out, const Outcome& outcome) {
  const Verdict& verdict = outcome.verdict;
  const Tier tier = outcome.plans.empty() ? outcome.query.tier.value_or(outcome.complexity.tier)
                                          : outcome.plans.back().tier;
  out.add([&] {
    out.field("query_id", outcome.query.id.text);
    out.field("tier", to_string(tier));
    out.field("path", answer_path(outcome));
    out.field("author", verdict.author.text);
    out.field("agreement", verdict.agreement);
    out.field("confidence", verdict.confidence);
    out.field("voters", verdict.voters);
    out.field("agreeing", verdict.agreeing);
    out.field("partial", outcome.partial);
    out.field("revised", outcome.revised());
    out.field("latency_ms", to_ms(outcome.latency));
    out.name("groups").list(verdict.groups, [&](const Group& group) {
      out.add([&] {
        out.field("answer", group.answer);
        add_names(out.name("members"), group.members);
      });
    });
    out.name("dissent").list(verdict.dissent, [&](const Dissent& dissent) {
      out.add([&] {
        out.field("member", dissent.member.text);
        out.field("words", dissent.words);
      });
    });
    add_names(out.name("abstained"), verdict.abstained);
    out.name("members").list(outcome.answers, [&](const Answer& answer) { add(out, answer); });
  });
}

std::string kai_text(const Outcome& outcome) {
  JsonText out;
  add_kai(out, outcome);
  return out.take();
}

json::object kai_object(const Outcome& outcome) {
  return parse(kai_text(outcome))->as_object();
}

const Answer* author_of(const Outcome& outcome) {
  const auto found = std::ranges::find(outcome.answers, outcome.verdict.author, &Answer::member);
  return found == outcome.answers.end() ? nullptr : &*found;
}

std::string_view finish_reason(const Outcome& outcome) {
  const Answer* author = author_of(outcome);
  const bool cut = author != nullptr &&
                   (author->ending == Ending::token_limit || author->ending == Ending::deadline);
  return cut ? "length" : "stop";
}

Usage usage_of(const Outcome& outcome) {
  Usage sum;
  for (const auto& answer : outcome.answers) {
    sum.prompt += answer.usage.prompt;
    sum.answer += answer.usage.answer;
  }
  return sum;
}

}  // namespace kai::wire
