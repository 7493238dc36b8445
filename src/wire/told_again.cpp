#include "wire/told_again.h"

#include <algorithm>
#include <utility>

#include "wire/json.h"

namespace kai::wire {

namespace {

struct Moment {
  double at = 0;  // ms since it was asked
  std::size_t order = 0;
  json::object event;
};

class Telling {
 public:
  explicit Telling(const json::object& document) : document_(document) {}

  // Not marked as begun by the store.
  bool over() const {
    const auto* error = document_.if_contains("error");
    return error == nullptr || !error->is_object() ||
           text_in(error->get_object(), "code") != "begun";
  }
  std::vector<Moment> moments() && {
    add(0, "query.asked", {{"asked", field("asked")}, {"question", field("question")}});
    latency_ = number_in(document_, "latency_ms");
    if (const auto* members = list_in(document_, "members")) {
      tell_plan(*members);
      for (const auto& member : *members) {
        if (member.is_object()) tell_member(member.get_object());
      }
    }
    std::ranges::sort(moments_, {},
                      [](const Moment& moment) { return std::pair(moment.at, moment.order); });
    if (over()) tell_end();
    return std::move(moments_);
  }

 private:
  static double number_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return 0;
    return std::clamp(value->to_number<double>(), 0.0, 1e12);
  }
  static std::string_view text_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
  }
  static const json::array* list_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value == nullptr ? nullptr : value->if_array();
  }
  json::value field(std::string_view name) const {
    const auto* value = document_.if_contains(name);
    return value == nullptr ? json::value() : *value;
  }
  void add(double at, std::string_view type, json::object fields) {
    json::object event{{"type", type}};
    for (auto& [key, value] : fields) event.emplace(key, std::move(value));
    moments_.push_back({at, moments_.size(), std::move(event)});
  }

  void tell_plan(const json::array& members) {
    const auto* plan = document_.if_contains("plan");
    if (plan == nullptr || !plan->is_object()) return;
    json::object told = plan->get_object();
    told.erase("members");
    told.erase("fallbacks");
    json::array asks;
    for (const auto& value : members) {
      if (!value.is_object() || number_in(value.get_object(), "round") > 0) continue;
      json::object ask;
      for (const std::string_view name : {"member", "model", "sample", "device", "weight"}) {
        const auto* known = value.get_object().if_contains(name);
        ask[name] = known == nullptr ? json::value() : *known;
      }
      asks.push_back(std::move(ask));
    }
    told["asks"] = std::move(asks);
    add(0, "query.started",
        {{"id", field("id")}, {"complexity", field("complexity")}, {"plan", std::move(told)}});
  }

  void tell_member(const json::object& member) {
    if (text_in(member, "ending") == "not_run") return;
    const json::value name = json::string(text_in(member, "member"));
    const double loads = number_in(member, "queued_ms");
    const double reads = loads + number_in(member, "load_ms");
    const double writes = reads + number_in(member, "prefill_ms");
    const double ends = std::max(writes, number_in(member, "total_ms"));
    add(0, "member.queued", {{"member", name}});
    if (reads > loads) add(loads, "member.loading", {{"member", name}, {"progress", 0}});
    if (writes > reads) add(reads, "member.prefill", {{"member", name}, {"progress", 0}});
    const auto text = text_in(member, "text");
    if (!text.empty()) add(writes, "member.token", {{"member", name}, {"text", text}});
    add(ends, "member.ended", member);
  }

  void tell_end() {
    const auto* verdict = document_.if_contains("verdict");
    if (verdict != nullptr && verdict->is_object()) {
      const auto* members = list_in(document_, "members");
      const auto asked = members == nullptr ? std::size_t{0} : members->size();
      const auto answered = std::ranges::count_if(moments_, [](const Moment& moment) {
        return text_in(moment.event, "type") == "member.ended";
      });
      add(latency_, "agreement.updated",
          {{"asked", asked}, {"answered", answered}, {"verdict", *verdict}});
    }
    if (const auto why = text_in(document_, "stop_why"); !why.empty()) {
      add(latency_, "query.early_stop", {{"why", why}});
    }
    add(latency_, "query.completed", {{"outcome", document_}});
  }

  const json::object& document_;
  double latency_ = 0;
  std::vector<Moment> moments_;
};

}  // namespace

Result<ToldAgain> tell_again(std::string_view document) {
  auto value = parse(document);
  if (!value) return std::unexpected(value.error());
  const auto* object = value->if_object();
  const auto* schema = object == nullptr ? nullptr : object->if_contains("schema");
  if (schema == nullptr || !schema->is_string() || schema->get_string() != "kai.answer.v1") {
    return fail(ErrorCode::invalid_request, "this is no document of a question that kai answered");
  }
  const auto id = object->if_contains("id");
  const auto asked_text = object->if_contains("asked");
  std::optional<WallTime> asked;
  if (asked_text != nullptr && asked_text->is_string()) {
    asked = from_rfc3339(asked_text->get_string());
  }
  if (id == nullptr || !id->is_string() || !asked) {
    return fail(ErrorCode::invalid_request, "the document does not say what was asked, and when");
  }
  const auto since =
      std::chrono::duration_cast<std::chrono::microseconds>(asked->time_since_epoch());
  auto seq = static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 1));
  ToldAgain told{.events = {}, .over = Telling(*object).over()};
  for (auto& [at, order, event] : Telling(*object).moments()) {
    json::object placed{{"type", event.at("type")}, {"seq", seq}, {"query", *id}, {"t_ms", at}};
    event.erase("type");
    for (auto& [key, field] : event) placed.emplace(key, std::move(field));
    told.events.push_back({seq++, to_line(placed)});
  }
  return told;
}

}  // namespace kai::wire
