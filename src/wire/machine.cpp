#include "wire/machine.h"

#include <algorithm>

#include "wire/document_parts.h"
#include "wire/documents.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr double rate_max = 1e18;  // bytes/s, FLOP/s
constexpr Range bytes_range{0, 1LL << 60};
constexpr Range count_range{0, 1'000'000};

constexpr std::size_t cards_max = 64;
constexpr std::size_t text_max = 100;
constexpr double watts_max = 5000;
constexpr double celsius_max = 150;

std::string shortened(std::string text) {
  if (text.size() > text_max) text.resize(text_max);
  return text;
}

// Within 0..max; nothing: it is not there, or cannot be true.
std::optional<double> within(Fields& fields, std::string_view name, double max) {
  if (!fields.has(name)) return std::nullopt;
  const double value = fields.number(name, -1e300, 1e300);
  return value >= 0 && value <= max ? std::optional(value) : std::nullopt;
}

GpuReading gpu_reading(Fields& fields) {
  GpuReading reading;
  reading.gpu = shortened(fields.text("gpu"));
  reading.name = shortened(fields.text("name"));
  reading.utilization = within(fields, "utilization", 1);
  reading.power = within(fields, "power_watts", watts_max);
  reading.temperature = within(fields, "temperature_celsius", celsius_max);
  const auto used = within(fields, "memory_used_bytes", 1e18);
  const auto total = within(fields, "memory_total_bytes", 1e18);
  if (used && total && *total > 0 && *used <= *total) {
    reading.memory_used = Bytes(static_cast<std::int64_t>(*used));
    reading.memory_total = Bytes(static_cast<std::int64_t>(*total));
  }
  if (fields.has("throttled")) reading.throttled = fields.texts("throttled");
  return reading;
}

}  // namespace

std::string encode(const DeviceSpeed& speed) {
  return to_line(json::object{{"lane_bytes_per_s", speed.lane_read},
                              {"all_bytes_per_s", speed.all_read},
                              {"lane_flops", speed.lane_flops}});
}

Result<DeviceSpeed> decode_speed(std::string_view text) {
  auto speed = decode(text, [](Fields& fields) {
    return DeviceSpeed{fields.number("lane_bytes_per_s", 1, rate_max),
                       fields.number("all_bytes_per_s", 1, rate_max),
                       fields.number("lane_flops", 1, rate_max)};
  });
  if (speed) return speed;
  if (auto message = message_of_error(text)) return fail(ErrorCode::internal, *std::move(message));
  return speed;
}

std::string encode(const NvidiaFacts& facts) {
  json::array cards;
  for (const auto& card : facts.cards) {
    cards.push_back(json::object{{"name", card.name},
                                 {"bus", card.bus},
                                 {"total_bytes", card.total.count},
                                 {"free_bytes", card.free.count},
                                 {"processes", card.processes}});
  }
  return to_line(json::object{{"missing", facts.missing},
                              {"fault", facts.fault},
                              {"driver", facts.driver},
                              {"cards", std::move(cards)}});
}

Result<NvidiaFacts> decode_nvidia(std::string_view text) {
  return decode(text, [](Fields& fields) {
    NvidiaFacts facts;
    facts.missing = fields.text("missing");
    facts.fault = fields.text("fault");
    facts.driver = fields.text("driver");
    for (auto& card : fields.objects("cards")) {
      facts.cards.push_back({card.text("name"), card.text("bus"),
                             Bytes(card.integer("total_bytes", bytes_range)),
                             Bytes(card.integer("free_bytes", bytes_range)),
                             static_cast<int>(card.integer("processes", count_range))});
    }
    return facts;
  });
}

std::string encode(const std::vector<GpuReading>& readings) {
  const auto count = [](Bytes bytes) { return bytes.count; };
  json::array gpus;
  for (const auto& reading : readings) {
    json::object gpu{{"gpu", reading.gpu},
                     {"name", reading.name},
                     {"utilization", or_null(reading.utilization)},
                     {"memory_used_bytes", or_null(reading.memory_used.transform(count))},
                     {"memory_total_bytes", or_null(reading.memory_total.transform(count))},
                     {"power_watts", or_null(reading.power)},
                     {"temperature_celsius", or_null(reading.temperature)}};
    if (reading.throttled) {
      gpu["throttled"] = json::array(reading.throttled->begin(), reading.throttled->end());
    }
    gpus.push_back(std::move(gpu));
  }
  return to_line(json::object{{"gpus", std::move(gpus)}});
}

Result<std::vector<GpuReading>> decode_gpu_readings(std::string_view text) {
  return decode(text, [](Fields& fields) {
    std::vector<GpuReading> readings;
    for (auto& gpu : fields.objects("gpus")) {
      if (readings.size() < cards_max) readings.push_back(gpu_reading(gpu));
    }
    return readings;
  });
}

}  // namespace kai::wire
