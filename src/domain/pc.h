// Pc: a PC in numbers, for runs in virtual time: what its devices reach, what its models weigh.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"

namespace kai {

struct PcDevice {
  double bandwidth = 0;  // bytes/s that decoding reaches, > 0
  Duration per_token{};  // fixed, beside the bytes
  double flops = 0;      // FLOP/s that prefill reaches, > 0
  Duration per_prefill{};
};

// One way to bring models to the GPU and away again.
struct PcLoading {
  double rate = 0;  // bytes/s, > 0
  Duration per_load{};
  Duration per_unload{};  // until the memory is free again
};

struct PcModel {
  std::string name;
  double parameters = 0;      // all of them, > 0
  double active = 0;          // of them, that one token computes with, > 0
  Bytes file{};               // on disk, and the weights in memory
  double read_per_token = 0;  // bytes, > 0
  Bytes kv_per_token{};       // of context
};

// What another simulation of the same PC gave for some of its models, to be held against ours.
struct PcKnown {
  std::string name;
  std::vector<std::string> models;
  Duration bound{};  // no order can be faster
  Duration naive{};
  std::optional<double> naive_gpu_busy;  // 0..1
  Duration best{};
  std::optional<Duration> best_short;  // with answers of 128 tokens
  // Steps from `naive` to `best`: loads as Pc::pinned; contexts of 640 tokens, too.
  std::optional<Duration> naive_pinned, naive_context_640;
};

struct Pc {
  std::string what;  // it models, for people
  PcDevice gpu;
  PcDevice cpu;
  Bytes memory{};      // of the PC itself
  Bytes gpu_memory{};  // for weights, KV and buffers
  Bytes buffers{};     // of each loaded model
  PcLoading pinned;    // resident file, no memory map, pinned staging
  PcLoading naive;     // as Ollama loads
  std::vector<PcModel> models;
  std::vector<PcKnown> known;
};

}  // namespace kai
