// Model, Device, Fleet: what there is to answer with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"

namespace kai {

// How one role's words are framed for a model: prefix, the text, suffix.
struct Frame {
  std::string prefix;
  std::string suffix;
  bool operator==(const Frame&) const = default;
};

// A conversation's form for one model. Either the name of a family that llama.cpp knows (empty:
// the one in the GGUF), or frames of our own.
struct ChatTemplate {
  std::string family;
  std::string preamble;  // before everything, e.g. worked examples for a base model
  Frame system, user, assistant;
  std::vector<std::string> stop;  // the answer ends before any of these
  bool operator==(const ChatTemplate&) const = default;
  bool own_frames() const { return !user.prefix.empty() || !user.suffix.empty(); }
};

// What a model file says of itself; read by `kai-worker inspect`, never by kai.
struct ModelFacts {
  std::string digest;        // tells files apart, whatever their names; 16 hex digits, may be empty
  std::string name;          // general.name, as in the file
  std::string architecture;  // "llama", "gemma3", …
  std::string quantisation;  // "Q4_1", "Q4_K - Medium", …
  std::int64_t parameters = 0;
  Tokens context_max{};  // the model was trained for
  std::int64_t layers = 0;
  Bytes file{};                // size on disk
  Bytes weights{};             // in memory, estimated by loading without allocation
  Bytes kv_per_token{};        // of one sequence
  Bytes buffers{};             // compute buffers at our chunk size
  bool chat_template = false;  // the file has one that llama.cpp's families cover
  // Of the parameters, those that a token of a prompt is computed with: neither embeddings, which
  // are only looked up, nor the output, which only the last token needs, nor experts not chosen.
  std::int64_t parameters_active = 0;  // 0: not known
  Bytes weights_read{};                // of the weights, for each token written; 0: not known
};

// One model that can be asked: a file on this machine, or one that a host has.
struct Model {
  ModelId id;
  std::string path;  // of the file
  ModelFacts facts;
  ChatTemplate chat;        // override from the configuration, or empty
  double prior = 0.5;       // 0..1: chance of a right answer before anything was measured
  std::string refused;      // not empty: cannot be asked, and why, with the remedy
  DeviceId host{};          // that has it; empty: it is a file here
  std::string host_name{};  // what the host calls it
  bool remote() const { return !host.text.empty(); }
};

// remote: a host, an engine of others that is reached over the network. Its memory is its own
// affair: it has a capacity of 0 for models that need none, and answers `running` questions at
// once.
enum class DeviceKind : std::uint8_t { cpu, gpu, remote };

// What a device gives to the multiplications that models consist of, measured; > 0.
struct DeviceSpeed {
  double lane_read = 0;   // bytes/s of weights, one lane running
  double all_read = 0;    // the same, all threads of the device at it
  double lane_flops = 0;  // FLOP/s of one lane over a prompt
};

// A place where models run. Lanes are worker processes bound to it.
struct Device {
  DeviceId id;
  DeviceKind kind = DeviceKind::cpu;
  std::string name;          // "Intel Core i7-13620H"
  Bytes capacity{};          // kai may use, the buffer already taken off
  int lanes = 1;             // >= 1, worker processes
  int threads_per_lane = 1;  // >= 1; running * threads_per_lane <= cores on a CPU
  int running = lanes;  // 1..lanes, models answering at once; a lane beyond them loads meanwhile
  std::optional<DeviceSpeed> speed{};  // nothing: not measured, constants stand in for it
  Bytes buffer{};                      // left to others, already taken off the capacity
  Bytes lane_overhead{};               // of each lane's process beside its models, taken off too
};

struct Fleet {
  std::vector<Model> models;    // refused ones too, for people to see
  std::vector<Device> devices;  // at least one
};

// One of a device's turns to answer, taken by others who go first.
struct TakenTurn {
  Duration until{};  // from now, as predicted
  Bytes bytes{};     // held until then
};

// What is free on a device, and when. Same order as Fleet::devices.
struct DeviceRoom {
  DeviceId device;
  Bytes free{};                    // what idle models hold counts as free: they go when need be
  std::vector<ModelId> resident;   // loaded, ready to run at once
  std::vector<ModelId> in_use;     // of these, by others: what they hold is not free
  std::vector<TakenTurn> taken{};  // at most Device::running of them
  Duration loads_until{};          // from now, as predicted: others' loads end
};

// What running a model on a device costs. Measured values replace the estimates of the GGUF's
// facts; `measured` counts the questions behind them (0: estimated).
struct CostCard {
  ModelId model;
  DeviceId device;
  Bytes weights{};
  Bytes kv_per_token{};
  Bytes buffers{};
  Duration load{};          // on a host: what passes before it reads, the way there and its queue
  double prefill_rate = 0;  // tokens/s, > 0
  double decode_rate = 0;   // tokens/s, > 0
  int measured = 0;
  // Standard deviation of what is measured around these times, as a share of them.
  double spread = estimate_spread;
  static constexpr double estimate_spread = 0.7;  // of what was only estimated
};

std::string_view to_string(DeviceKind kind);

// The devices that only one kai may use at a time: all but hosts.
std::vector<DeviceId> devices_here(const Fleet& fleet);
bool is_host(const Fleet& fleet, const DeviceId& device);

// Memory a model needs on a device for `sequences` conversations of `context` tokens each.
Bytes memory_need(const CostCard& card, Tokens context, int sequences);

// The same of a model of which only `share` of the layers is on its device, (0..1]: there, and in
// the memory of the CPU. The buffers are on the device.
struct SplitNeed {
  Bytes device{};
  Bytes beside{};
};
SplitNeed split_need(const CostCard& card, Tokens context, int sequences, double share);

}  // namespace kai
