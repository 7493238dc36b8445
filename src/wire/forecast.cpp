#include "wire/forecast.h"

#include "base/ensure.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

json::object encoded(const CostCard& card) {
  return {{"measured", card.measured},           {"load_ms", to_ms(card.load)},
          {"prefill_rate", card.prefill_rate},   {"decode_rate", card.decode_rate},
          {"weights_bytes", card.weights.count}, {"kv_bytes_per_token", card.kv_per_token.count},
          {"buffers_bytes", card.buffers.count}};
}

json::object member_of(const Ask& ask, const CostCard& card) {
  return {{"member", ask.member.text},
          {"model", ask.model.text},
          {"device", ask.device.text},
          {"start_ms", to_ms(ask.start)},
          {"load_ms", to_ms(ask.load)},
          {"wait_ms", to_ms(ask.wait)},
          {"prefill_ms", to_ms(ask.prefill)},
          {"decode_ms", to_ms(ask.decode)},
          {"end_ms", to_ms(ask.end())},
          {"weight", ask.weight},
          {"bytes", memory_need(card, ask.context, ask.sequences).count},
          {"card", encoded(card)}};
}

json::object encoded(const DeviceNeed& need) {
  return {{"id", need.device.text},
          {"name", need.name},
          {"running", need.running},
          {"needed_bytes", need.needed.count},
          {"capacity_bytes", need.capacity.count}};
}

json::object encoded(const Measurement& one) {
  json::array readings;
  for (const auto& reading : one.readings) {
    readings.push_back(json::object{{"prompt_tokens", reading.prompt.count},
                                    {"answer_tokens", reading.answer.count},
                                    {"prefill_ms", to_ms(reading.prefill)},
                                    {"decode_ms", to_ms(reading.decode)}});
  }
  const bool good = one.fault.empty();
  return {{"model", one.before.model.text},
          {"device", one.before.device.text},
          {"before", encoded(one.before)},
          {"after", good ? json::value(encoded(one.after)) : json::value()},
          {"readings", std::move(readings)},
          {"fault", good ? json::value() : json::value(one.fault)}};
}

}  // namespace

std::string encode_forecast(const Forecast& forecast) {
  const Plan& plan = forecast.plan;
  ensure(forecast.cards.size() == plan.asks.size(), "a forecast without a card for each ask");
  json::array members, left_out, devices;
  for (std::size_t ask = 0; ask < plan.asks.size(); ++ask) {
    members.push_back(member_of(plan.asks[ask], forecast.cards[ask]));
  }
  for (const auto& item : plan.left_out) {
    left_out.push_back(json::object{{"model", item.model.text}, {"why", item.why}});
  }
  for (const auto& need : forecast.memory) devices.push_back(encoded(need));
  const bool fits = forecast.misfit.empty();
  return to_line(
      json::object{{"schema", "kai.plan.v1"},
                   {"question", forecast.query.question()},
                   {"fits", fits},
                   {"misfit", fits ? json::value() : json::value(forecast.misfit)},
                   {"complexity", json::object{{"difficulty", forecast.complexity.difficulty},
                                               {"tier", to_string(forecast.complexity.tier)},
                                               {"why", forecast.complexity.why}}},
                   {"shape", to_string(forecast.shape)},
                   {"tier", to_string(plan.tier)},
                   {"mode", to_string(plan.mode)},
                   {"predicted_ms", to_ms(plan.predicted)},
                   {"predicted_p90_ms", to_ms(plan.predicted_p90)},
                   {"deadline_ms", to_ms(forecast.limit)},
                   {"members", std::move(members)},
                   {"left_out", std::move(left_out)},
                   {"devices", std::move(devices)}});
}

std::string encode_measurements(const MeasurementDocument& document) {
  json::array models;
  for (const auto& one : document.measurements) models.push_back(encoded(one));
  return to_line(json::object{{"schema", "kai.bench-models.v1"},
                              {"interrupted", document.interrupted},
                              {"models", std::move(models)}});
}

}  // namespace kai::wire
