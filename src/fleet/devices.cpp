#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/process.h"
#include "fleet/devices.h"
#include "fleet/fleet.h"
#include "fleet/nvidia.h"
#include "wire/documents.h"
#include "wire/machine.h"
#include "wire/worker_protocol.h"

namespace kai {

namespace {

constexpr int gpu_lanes = 2;    // one loads while the other answers
constexpr int gpu_running = 1;  // two at once would only share its bandwidth
// From so many cores on the CPU answers with one model at a time, with all of them: two at once
// would only share its memory's bandwidth. Of fewer, one alone does not use all of that, and is
// slow as soon as another program wants a core.
constexpr int one_at_a_time_min = 4;
constexpr int ggml_threads_max = 512;      // of one computation
constexpr Bytes gpu_process(300'000'000);  // what each process takes on a GPU before any model
constexpr Bytes cpu_buffer_min(1'000'000'000);
constexpr Bytes speed_bytes_max(256'000'000);
constexpr Duration speed_time_max = std::chrono::seconds(10);  // a GPU's first use takes seconds

// The names in "gpu0, cpu", in that order, each once.
std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  std::string name;
  for (std::size_t at = 0; at <= list.size(); ++at) {
    const char c = at < list.size() ? list[at] : ',';
    if (c == ',') {
      if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
      name.clear();
    } else if (c != ' ' && c != '\t') {
      name += c;
    }
  }
  return names;
}

// Others' part of the memory: 1 GB or a tenth, whichever is more, but at most half of it.
Bytes cpu_capacity(Bytes available) {
  const std::int64_t buffer = std::max(cpu_buffer_min.count, available.count / 10);
  return Bytes(std::max<std::int64_t>(0, available.count - std::min(buffer, available.count / 2)));
}

Result<Device> cpu_device(const wire::DeviceFacts& facts, const FleetOptions& options,
                          const Machine& machine) {
  const int threads = options.cpu_threads > 0 ? options.cpu_threads : machine.cores;
  const int lanes = options.cpu_lanes > 0          ? options.cpu_lanes
                    : threads >= one_at_a_time_min ? 1
                                                   : std::min(2, threads);
  // ggml's threads spin: beyond the cores, everything runs hundreds of times slower.
  if (std::max(threads, lanes) > machine.cores) {
    return fail(
        ErrorCode::invalid_config,
        fmt::format("{} is {}, but kai may use {} core{} here; lower it, or leave it out",
                    threads > machine.cores ? "cpu.threads" : "cpu.lanes", std::max(threads, lanes),
                    machine.cores, machine.cores == 1 ? "" : "s"));
  }
  if (lanes > threads) {
    return fail(ErrorCode::invalid_config,
                fmt::format("cpu.lanes is {}, but cpu.threads is {}: every lane needs a thread",
                            lanes, threads));
  }
  Device device;
  device.id = DeviceId(facts.id);
  device.kind = DeviceKind::cpu;
  device.name = facts.name;
  device.capacity =
      options.cpu_memory.count > 0 ? options.cpu_memory : cpu_capacity(machine.memory);
  device.running = lanes;
  // Where one answers, the next is loaded meanwhile, as on a GPU.
  device.lanes = lanes == 1 && machine.cores > 1 ? 2 : lanes;
  device.threads_per_lane = std::min(threads / lanes, ggml_threads_max);
  return device;
}

// Nothing where others leave no room on it.
std::optional<Device> gpu_device(const wire::DeviceFacts& facts, const FleetOptions& options) {
  Device device;
  device.id = DeviceId(facts.id);
  device.kind = DeviceKind::gpu;
  device.name = facts.name;
  device.lanes = gpu_lanes;
  device.running = gpu_running;
  device.buffer = options.gpu_buffer;
  device.lane_overhead = gpu_process;
  device.capacity = facts.free - device.buffer - device.lane_overhead * device.lanes;
  if (device.capacity.count <= 0) return std::nullopt;
  return device;
}

}  // namespace

Result<std::vector<Device>> choose_devices(const std::vector<wire::DeviceFacts>& found,
                                           const FleetOptions& options, const Machine& machine) {
  std::vector<std::string> known;
  for (const auto& facts : found) known.push_back(facts.id);
  const bool all = options.devices.empty() || options.devices == "auto";
  const auto names = all ? known : names_in(options.devices);
  std::vector<Device> devices;
  for (const auto& name : names) {
    const auto facts = std::ranges::find(found, name, &wire::DeviceFacts::id);
    if (facts == found.end()) {
      return fail(ErrorCode::invalid_config,
                  fmt::format("there is no device \"{}\"; this machine has {}", name,
                              fmt::join(known, ", ")));
    }
    if (facts->kind == DeviceKind::cpu) {
      auto device = cpu_device(*facts, options, machine);
      if (!device) return std::unexpected(device.error());
      devices.push_back(*std::move(device));
    } else if (auto device = gpu_device(*facts, options)) {
      devices.push_back(*std::move(device));
    } else if (!all) {
      return fail(ErrorCode::invalid_config,
                  fmt::format("{} has only {} MB free, less than gpu.buffer and its two lanes "
                              "need; free some, or leave it out of devices",
                              name, facts->free.count / 1'000'000));
    }
  }
  if (devices.empty()) {
    return fail(ErrorCode::invalid_config,
                fmt::format("no device is left to run models on; this machine has {}",
                            fmt::join(known, ", ")));
  }
  return devices;
}

Result<std::vector<wire::DeviceFacts>> list_devices(const FleetOptions& options) {
  const auto output = run_process({options.worker, "devices"}, options.inspect_max);
  if (!output || output->status != 0) {
    if (const auto why = output ? wire::message_of_error(output->text) : std::nullopt) {
      return fail(ErrorCode::internal, fmt::format("kai-worker finds no devices: {}", *why));
    }
    return fail(ErrorCode::internal,
                fmt::format("kai-worker does not run: {}; install kai again",
                            output ? fmt::format("`{} devices` ended with status {}",
                                                 options.worker, output->status)
                                   : output.error().message));
  }
  auto found = wire::decode_devices(output->text);
  if (!found) {
    return fail(ErrorCode::internal,
                fmt::format("`{} devices` answered something else ({}); is it kai's own?",
                            options.worker, found.error().message));
  }
  return found;
}

Result<std::vector<Device>> find_devices(const FleetOptions& options) {
  auto found = list_devices(options);
  if (!found) return std::unexpected(found.error());
  if (has_nvidia(*found)) trust_smaller(*found, ask_nvidia(options));
  return choose_devices(*found, options, {usable_cores(), usable_memory()});
}

Result<DeviceSpeed> measure_device(const FleetOptions& options, const Device& device) {
  // An eighth of what models may take, so that nobody is pushed out for it.
  const auto bytes = std::min(speed_bytes_max.count, device.capacity.count / 8);
  const auto output =
      run_process({options.worker, "speed", "--bytes", fmt::format("{}", bytes), "--device",
                   device.id.text, "--threads", fmt::format("{}", device.threads_per_lane), "--all",
                   fmt::format("{}", device.threads_per_lane * std::max(1, device.running))},
                  speed_time_max);
  if (!output) return fail(ErrorCode::internal, output.error().message);
  auto speed = wire::decode_speed(output->text);
  if (speed || speed.error().code == ErrorCode::internal) return speed;
  return fail(ErrorCode::internal,
              fmt::format("`{} speed` ended with status {}", options.worker, output->status));
}

void recall_speeds(std::vector<Device>& devices, Store& store) {
  const auto known = store.speeds();
  if (!known) return;  // constants stand in; the store itself says what is wrong with it
  for (auto& device : devices) {
    const auto same = std::ranges::find_if(*known, [&](const Device& other) {
      return other.id == device.id && other.name == device.name &&
             other.running == device.running && other.threads_per_lane == device.threads_per_lane;
    });
    if (same != known->end()) device.speed = same->speed;
  }
}

}  // namespace kai
