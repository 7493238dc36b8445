#include <algorithm>

#include "fleet/fleet.h"

namespace kai {

namespace {

// Stand in for a device's speed until `kai doctor` has measured it: about three quarters of what
// one thread of a recent server core gives (26 GB/s of Q4_K weights, 104 GFLOP/s over a prompt; all
// of its two threads 36 GB/s), since older desktop cores give less.
constexpr double cpu_read = 36e9;      // bytes/s of the machine's memory, shared by lanes
constexpr double thread_read = 20e9;   // bytes/s that one thread multiplies
constexpr double thread_flops = 80e9;  // FLOP/s of one thread over a prompt
constexpr double gpu_read = 200e9;     // bytes/s, a laptop's GPU
constexpr double gpu_flops = 30e12;    // FLOP/s over a prompt

// What a whole model makes of it, measured there with two models of 18 and 30 layers: beside its
// weights, each layer of a token takes time of its own (normalisation, attention, many small
// steps); and a prompt's multiplications are not all as quick as those of Q4_K.
constexpr Duration layer_fixed = std::chrono::microseconds(140);  // of a CPU, each token written
constexpr double flops_used = 0.65;                               // 0..1

constexpr double load_bandwidth = 1e9;  // bytes/s from disk into place
constexpr Duration load_fixed = std::chrono::milliseconds(100);
constexpr double flop_per_token = 2;  // and parameter
constexpr double rate_min = 0.05;     // tokens/s
constexpr double rate_max = 20'000;

DeviceSpeed speed_of(const Device& device) {
  if (device.speed) return *device.speed;
  if (device.kind == DeviceKind::gpu) return {gpu_read, gpu_read, gpu_flops};
  const double threads = std::max(1, device.threads_per_lane);
  return {std::min(cpu_read, thread_read * threads), cpu_read, thread_flops * threads};
}

// Bytes/s for one lane while the others run too: they share the memory.
double read_rate(const Device& device, const DeviceSpeed& speed) {
  const double running = std::clamp(device.running, 1, std::max(1, device.lanes));
  return std::min(speed.lane_read, speed.all_read / running);
}

// Of a host nothing is known before its first answer.
CostCard guess(const Model& model, const Device& host) {
  constexpr Duration first = std::chrono::milliseconds(300);
  constexpr double read = 1000, write = 30;  // tokens/s
  return {.model = model.id,
          .device = host.id,
          .load = first,
          .prefill_rate = read,
          .decode_rate = write};
}

CostCard estimate(const Model& model, const Device& device) {
  const ModelFacts& facts = model.facts;
  // A file that hides its size counts as 1 GB, so that nothing divides by zero.
  const double weights = facts.weights.count > 0 ? static_cast<double>(facts.weights.count) : 1e9;
  const double weights_read =
      facts.weights_read.count > 0 ? static_cast<double>(facts.weights_read.count) : weights;
  const double parameters = facts.parameters_active > 0
                                ? static_cast<double>(facts.parameters_active)
                            : facts.parameters > 0 ? static_cast<double>(facts.parameters)
                                                   : weights * 2;
  const bool cpu = device.kind == DeviceKind::cpu;
  const DeviceSpeed speed = speed_of(device);
  const auto layers = static_cast<double>(std::clamp<std::int64_t>(facts.layers, 0, 1000));
  const double fixed = cpu ? layers * seconds(layer_fixed) : 0;

  CostCard card;
  card.model = model.id;
  card.device = device.id;
  card.weights = facts.weights;
  card.kv_per_token = facts.kv_per_token;
  card.buffers = facts.buffers;
  card.load = load_fixed + from_seconds(weights / load_bandwidth);
  card.decode_rate =
      std::clamp(1 / (weights_read / read_rate(device, speed) + fixed), rate_min, rate_max);
  card.prefill_rate =
      std::clamp(speed.lane_flops * flops_used / (flop_per_token * parameters), rate_min, rate_max);
  return card;
}

}  // namespace

std::vector<CostCard> estimate_cards(const Fleet& fleet) {
  std::vector<CostCard> cards;
  for (const auto& model : fleet.models) {
    if (!model.refused.empty()) continue;
    for (const auto& device : fleet.devices) {
      const bool remote = device.kind == DeviceKind::remote;
      if (remote != model.remote()) continue;
      if (!remote) cards.push_back(estimate(model, device));
      if (remote && device.id == model.host) cards.push_back(guess(model, device));
    }
  }
  return cards;
}

}  // namespace kai
