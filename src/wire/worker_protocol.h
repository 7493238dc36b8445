// worker_protocol: what kai and its workers say to each other: HTTP over a Unix socket, bodies of
// one JSON object a line. Debug it with `curl --unix-socket`.
//
//   POST /load      LoadRequest       -> Progress…, Loaded | Failed
//   POST /generate  GenerateRequest   -> Prefill…, (Odds, Piece)…, Done | Failed
//   POST /embed     EmbedRequest      -> Embedding… (one a text, in order), Done | Failed
//   GET  /status                      -> Status
//   POST /unload    {"model": …}      -> {}
//   POST /threads   {"threads": …}    -> {}   at most so many compute, 1..1024, from the next step
//   on
//
// While a stream is open the worker sends a Beat a second: its counter of load callbacks, prefill
// chunks and decode steps. Closing the connection cancels. Times travel as durations.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"
#include "base/result.h"
#include "domain/answer.h"
#include "domain/model.h"
#include "domain/plan.h"
#include "domain/query.h"

namespace kai::wire {

struct LoadRequest {
  ModelId model;
  std::string path;
  Tokens context{};   // of one sequence, 16..1,048,576
  int sequences = 1;  // conversations at once, 1..64
  // On the worker's GPU, 0..1000, the others being computed on the CPU; nothing: all of them.
  // Without effect on a CPU.
  std::optional<int> gpu_layers{};
};

struct GenerateRequest {
  ModelId model;
  std::vector<Message> messages;
  ChatTemplate chat;
  Sampling sampling;
  Tokens answer_max{};  // 1..1,048,576
  Duration limit{};     // cut here; <= 0 or missing: no limit
};

// Texts to be turned into vectors, by a model that was loaded for it. Of a text longer than the
// model's context its beginning is read.
struct EmbedRequest {
  ModelId model;
  std::vector<std::string> texts;  // 1..256, each of at most 64 KiB
};

// What holding a model takes. The larger of estimate and measurement.
struct Footprint {
  Bytes weights{};
  Bytes kv_per_token{};
  Bytes buffers{};
};

struct Beat {
  std::int64_t counter = 0;
};
struct Progress {
  double done = 0;
};  // of a load, 0..1
struct Loaded {
  Footprint footprint;
  Duration load{};
};
struct Prefill {
  double done = 0;
};  // 0..1
struct Piece {
  std::string text;
};  // whole UTF-8 characters
// Of each token written, where Sampling::top_logprobs asks for it: also of one that the answer's
// text is cut before, such as a stop string's, but not of the one that ends an answer.
struct Odds {
  TokenOdds token;  // at most 256 bytes each, at most 20 beside it
};
struct Embedding {
  std::vector<float> vector;  // of length one; 1..65,536 numbers
};
struct Done {
  Ending ending = Ending::complete;
  Usage usage;
  Duration prefill{};
  Duration decode{};
  std::optional<double> logprob_mean;
};
struct Failed {
  Error error;
};
using WorkerEvent =
    std::variant<Beat, Progress, Loaded, Prefill, Piece, Odds, Embedding, Done, Failed>;

struct StatusModel {
  ModelId model;
  Footprint footprint;
  Tokens context{};
  int sequences = 0;
  int active = 0;  // generations running
};
struct Status {
  std::int64_t counter = 0;
  int threads = 0;
  std::vector<StatusModel> models;
  // Of the worker's device, whoever holds it: just read. total 0: the driver does not answer.
  Bytes free{}, total{};
};

// A device as `kai-worker devices` lists it.
struct DeviceFacts {
  std::string id;  // "cpu", "gpu0", …
  DeviceKind kind = DeviceKind::cpu;
  std::string name;
  Bytes total{};
  Bytes free{};
  std::string bus = {};      // "0000:01:00.0"; empty: not known, or no such thing
  std::string backend = {};  // of llama.cpp: "CPU", "CUDA", "Vulkan"
};

std::string encode(const LoadRequest& request);
std::string encode(const GenerateRequest& request);
std::string encode(const EmbedRequest& request);
std::string encode_unload(const ModelId& model);
std::string encode_threads(int threads);
std::string encode(const WorkerEvent& event);  // without a line's end
std::string encode(const Status& status);
std::string encode(const std::vector<DeviceFacts>& devices);

// Errors of all: invalid_request, naming the field and its range.
Result<LoadRequest> decode_load(std::string_view json);
Result<GenerateRequest> decode_generate(std::string_view json);
Result<EmbedRequest> decode_embed(std::string_view json);
Result<ModelId> decode_unload(std::string_view json);
Result<int> decode_threads(std::string_view json);
Result<WorkerEvent> decode_event(std::string_view line);
Result<Status> decode_status(std::string_view json);
Result<std::vector<DeviceFacts>> decode_devices(std::string_view json);

}  // namespace kai::wire
