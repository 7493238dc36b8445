#include "wire/machine.h"

#include "wire/documents.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr double rate_max = 1e18;  // bytes/s, FLOP/s
constexpr Range bytes_range{0, 1LL << 60};
constexpr Range count_range{0, 1'000'000};

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

}  // namespace kai::wire
