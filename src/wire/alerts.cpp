#include "wire/alerts.h"

#include <fmt/format.h>

#include "wire/document_parts.h"
#include "wire/json.h"
#include "wire/repeated_key.h"

namespace kai::wire {

namespace {

constexpr double value_max = 1e300;
constexpr double silence_max = 30.0 * 24 * 3600;  // seconds

json::value time_or_null(std::optional<WallTime> time) {
  if (!time) return nullptr;
  return json::string(to_rfc3339(*time));
}

WallTime time_of(Fields& fields, std::string_view name) {
  const auto time = from_rfc3339(fields.text(name));
  if (!time) fields.reject(name, "must be a time such as 2026-03-01T12:00:00.250Z");
  return time.value_or(WallTime());
}

std::optional<WallTime> time_if_there(Fields& fields, std::string_view name) {
  return fields.has(name) ? std::optional(time_of(fields, name)) : std::nullopt;
}

json::object encoded(const Alert& alert) {
  return {{"name", alert.name},
          {"severity", alert.severity},
          {"label", alert.label},
          {"subject", alert.subject},
          {"summary", alert.summary},
          {"state", to_string(alert.state)},
          {"value", alert.value},
          {"threshold", alert.threshold},
          {"since", to_rfc3339(alert.since)},
          {"ended", time_or_null(alert.ended)},
          {"silenced_until", time_or_null(alert.silenced_until)}};
}

Alert alert_of(Fields& fields) {
  Alert alert;
  alert.name = fields.text("name");
  alert.severity = fields.text("severity");
  alert.label = fields.text("label");
  alert.subject = fields.text("subject");
  alert.summary = fields.text("summary");
  alert.state = fields.one_of("state", alert_state_named);
  alert.value = fields.number("value", -value_max, value_max);
  alert.threshold = fields.number("threshold", -value_max, value_max);
  alert.since = time_of(fields, "since");
  alert.ended = time_if_there(fields, "ended");
  alert.silenced_until = time_if_there(fields, "silenced_until");
  return alert;
}

json::object encoded(const AlertTerms& rule) {
  return {{"name", rule.name},
          {"severity", rule.severity},
          {"label", rule.label},
          {"summary", rule.summary},
          {"fires_above", rule.fires},
          {"clears_at", rule.clears},
          {"for_s", seconds(rule.hold)},
          {"keep_firing_for_s", seconds(rule.keep)},
          {"unit", to_string(rule.unit)},
          {"remedy", rule.remedy},
          {"silenced_until", time_or_null(rule.silenced_until)}};
}

AlertTerms rule_of(Fields& fields) {
  return {fields.text("name"),
          fields.text("severity"),
          fields.text("label"),
          fields.text("summary"),
          fields.number("fires_above", -value_max, value_max),
          fields.number("clears_at", -value_max, value_max),
          from_seconds(fields.number("for_s", 0, value_max)),
          from_seconds(fields.number("keep_firing_for_s", 0, value_max)),
          fields.one_of("unit", alert_unit_named),
          fields.text("remedy"),
          time_if_there(fields, "silenced_until")};
}

}  // namespace

std::string encode(const AlertList& list) {
  json::array alerts, past, rules;
  for (const auto& alert : list.alerts) alerts.push_back(encoded(alert));
  for (const auto& alert : list.past) past.push_back(encoded(alert));
  for (const auto& rule : list.rules) rules.push_back(encoded(rule));
  return to_line(json::object{
      {"alerts", std::move(alerts)}, {"past", std::move(past)}, {"rules", std::move(rules)}});
}

Result<AlertList> decode_alerts(std::string_view text) {
  return decode(text, [](Fields& fields) {
    AlertList list;
    for (auto& alert : fields.objects("alerts")) list.alerts.push_back(alert_of(alert));
    for (auto& alert : fields.objects("past")) list.past.push_back(alert_of(alert));
    for (auto& rule : fields.objects("rules")) list.rules.push_back(rule_of(rule));
    return list;
  });
}

std::string encode(const Silence& silence) {
  return to_line(json::object{{"alert", silence.alert}, {"duration_s", seconds(silence.length)}});
}

Result<Silence> decode_silence(std::string_view text) {
  return decode_request(text, [](Fields& fields) {
    return Silence{fields.text("alert"), from_seconds(fields.number("duration_s", 0, silence_max))};
  });
}

std::string encode_webhook(const Alert& alert, WallTime now) {
  const bool over = alert.ended.has_value();
  const char* status = over ? "resolved" : "firing";
  json::object labels{{"alertname", alert.name}, {"severity", alert.severity}};
  if (!alert.label.empty()) labels[alert.label] = alert.subject;
  const json::object annotations{{"summary", alert.summary},
                                 {"value", fmt::format("{:.4g}", alert.value)}};
  const json::object one{{"status", status},
                         {"labels", labels},
                         {"annotations", annotations},
                         {"startsAt", to_rfc3339(alert.since)},
                         {"endsAt", over ? to_rfc3339(*alert.ended) : "0001-01-01T00:00:00Z"},
                         {"generatorURL", ""},
                         {"fingerprint", alert.name + ":" + alert.subject}};
  return to_line(json::object{{"version", "4"},
                              {"groupKey", alert.name + ":" + alert.subject},
                              {"truncatedAlerts", 0},
                              {"status", status},
                              {"receiver", "kai"},
                              {"groupLabels", labels},
                              {"commonLabels", labels},
                              {"commonAnnotations", annotations},
                              {"externalURL", ""},
                              {"sentAt", to_rfc3339(now)},
                              {"alerts", json::array{one}}});
}

}  // namespace kai::wire
