#include <algorithm>

#include "fleet/fleet.h"

namespace kai {

namespace {

// Rough on purpose: they only have to order models and to be of the right size until the first
// question has measured them. CPU: measured on 2 cores with a 98 MB model (62-71 tokens/s for each
// of two processes of one thread, 84-114 for one of two), and what desktop memory gives in all.
constexpr double cpu_bandwidth = 20e9;    // bytes/s of the machine's memory, shared by lanes
constexpr double thread_bandwidth = 7e9;  // bytes/s that one thread can make use of
constexpr double thread_flops = 20e9;     // FLOP/s of one thread in prefill
constexpr double gpu_bandwidth = 200e9;   // bytes/s, a laptop's GPU
constexpr double gpu_flops = 20e12;       // FLOP/s in prefill
constexpr double load_bandwidth = 1e9;    // bytes/s from disk into place
constexpr Duration load_fixed = std::chrono::milliseconds(100);
constexpr double flop_per_token = 2;  // and parameter
constexpr double rate_min = 0.05;     // tokens/s
constexpr double rate_max = 20'000;

CostCard estimate(const Model& model, const Device& device) {
  // A file that hides its size counts as 1 GB, so that nothing divides by zero.
  const double weights =
      model.facts.weights.count > 0 ? static_cast<double>(model.facts.weights.count) : 1e9;
  const double parameters =
      model.facts.parameters > 0 ? static_cast<double>(model.facts.parameters) : weights * 2;
  const bool cpu = device.kind == DeviceKind::cpu;
  const double threads = std::max(1, device.threads_per_lane);
  const double lanes = std::max(1, device.lanes);
  const double bandwidth =
      cpu ? std::min(cpu_bandwidth / lanes, thread_bandwidth * threads) : gpu_bandwidth;
  const double flops = cpu ? thread_flops * threads : gpu_flops;

  CostCard card;
  card.model = model.id;
  card.device = device.id;
  card.weights = model.facts.weights;
  card.kv_per_token = model.facts.kv_per_token;
  card.buffers = model.facts.buffers;
  card.load = load_fixed + from_seconds(weights / load_bandwidth);
  card.decode_rate = std::clamp(bandwidth / weights, rate_min, rate_max);
  card.prefill_rate = std::clamp(flops / (flop_per_token * parameters), rate_min, rate_max);
  return card;
}

}  // namespace

std::vector<CostCard> estimate_cards(const Fleet& fleet) {
  std::vector<CostCard> cards;
  for (const auto& model : fleet.models) {
    if (!model.refused.empty()) continue;
    for (const auto& device : fleet.devices) cards.push_back(estimate(model, device));
  }
  return cards;
}

}  // namespace kai
