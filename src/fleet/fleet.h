// fleet: what there is to answer with: model files found on disk, and the machine's devices.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model.h"
#include "store/store.h"
#include "wire/host_api.h"

namespace kai {

// What the configuration says of one model.
struct MemberOverride {
  std::string model;      // its id, as `kai models` lists it; "*" wildcards allowed
  ChatTemplate chat;      // empty: the file's own
  double prior = -1;      // 0..1; negative: from the table of priors
  bool disabled = false;  // listed as refused "disabled in kai.toml"
  bool operator==(const MemberOverride&) const = default;
};

struct FleetOptions {
  std::string worker;                       // path of kai-worker
  std::vector<std::string> folders;         // of GGUF files, searched three folders deep
  std::string ollama_store;                 // Ollama's models folder; empty: not read
  std::vector<MemberOverride> overrides;    // the last that matches wins
  std::string devices = "auto";             // "auto", or a list: "cpu", "gpu0,cpu"
  int cpu_lanes = 0;                        // answering at once, 1..64; 0: one, of 2 or 3 cores two
  int cpu_threads = 0;                      // of all CPU lanes together, 1..the cores; 0: the cores
  Bytes cpu_memory{};                       // for kai; 0: what is available less 1 GB or a tenth
  Bytes gpu_buffer = Bytes(1'000'000'000);  // of each GPU left to others (R10)
  Duration inspect_max = std::chrono::seconds(20);  // for one file
  int files_max = 256;                              // model files looked at, 1..4096
};

// Called for each file that has to be inspected anew (the first time, or changed).
using OnInspect = std::function<void(const std::string& path, int done, int total)>;

// Every model file there is, in the order of their ids; those that cannot be asked carry the
// reason in `refused`. Never fails: a folder that cannot be read gives no models and a note. One
// file under several names, and several Ollama tags of one blob, are one model. Cost: some 0.1 s
// for each file that is new or changed since, or since kai-worker changed; the others a stat.
struct Found {
  std::vector<Model> models;
  std::vector<std::string> notes;  // sentences for people: folders missing, files left out
};
Found find_models(const FleetOptions& options, Store& store, const OnInspect& on_inspect);

// What the configuration says of a model; null: nothing.
const MemberOverride* override_of(const ModelId& id, const FleetOptions& options);

// The models of the host `engine` as members, "vllm/llama3.1:8b", in the order of its list, no two
// of one name; what only makes embeddings is refused. Of a base model's template and of a context
// that is not told nothing is known: the host sees to both.
std::vector<Model> host_models(const std::string& engine,
                               const std::vector<wire::HostModel>& listed,
                               const FleetOptions& options);

// The devices as `kai-worker devices` finds them, bounded by the options, with lanes and threads;
// of an NVIDIA card the free memory as the driver's own library has it, where that is less. Errors:
// internal (kai-worker does not run), invalid_config (an unknown or full device is named; more
// threads or lanes than cores).
Result<std::vector<Device>> find_devices(const FleetOptions& options);

// Measures a device with its lanes and threads by `kai-worker speed`: some 0.3 s on a CPU. Errors:
// internal (kai-worker does not run, or says why it cannot).
Result<DeviceSpeed> measure_device(const FleetOptions& options, const Device& device);

// Gives devices the speed that the store has of them, as long as name, lanes and threads are the
// same as when it was measured.
void recall_speeds(std::vector<Device>& devices, Store& store);

// What running a model on a device is expected to cost, from the file's own facts, until it was
// measured; one card per pair of usable model and device that may have it: a file's any that is no
// host, a host's model that host.
std::vector<CostCard> estimate_cards(const Fleet& fleet);

// The chance of a right answer of a model nobody measured yet, 0..1, from the table of priors
// (family and size), else from size alone.
double prior_of(const ModelFacts& facts, const ModelId& id);

}  // namespace kai
