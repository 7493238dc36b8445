// Runner: the one thread of a worker that touches llama.cpp. Takes orders from the I/O thread,
// runs one model at a time, and batches all conversations of that model in one decode.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "worker/batch.h"
#include "worker/embedder.h"
#include "worker/generation.h"
#include "worker/loaded_model.h"
#include "worker/paced_decoder.h"
#include "worker/runtime.h"

namespace kai {

// All public functions may be called from any thread.
class Runner {
 public:
  using Id = std::uint64_t;
  // Called on the runner's own thread; the last event of an id is Loaded, Done or Failed.
  using Sink = std::function<void(Id, wire::WorkerEvent)>;

  // threads: >= 1, of every decode; on the CPU at most so many (ThreadPace). `sink` must be
  // callable until the runner is destroyed.
  Runner(const RuntimeDevice& device, int threads, Sink sink);
  ~Runner();  // cancels everything and joins
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Id load(wire::LoadRequest request);
  Id generate(wire::GenerateRequest request);
  Id embed(wire::EmbedRequest request);
  Id unload(ModelId model);  // Loaded with an empty footprint when gone; Failed if unknown
  // Takes effect within one load callback or decode step; while reading a prompt, on the CPU within
  // one operation of the chunk (but see LoadedModel::forgets_steps), on a GPU after the chunk;
  // texts to be embedded are such chunks. A model whose load is cancelled goes even where it was
  // loaded already: nobody knows that it is there.
  void cancel(Id id);
  // At most so many compute from the next step on; >= 1.
  void use_threads(int threads) { decoder_.use_threads(threads); }

  wire::Status status() const;
  // Steps done so far: load callbacks, decodes and, on the CPU, operations within them.
  std::int64_t counter() const { return counter_.load(std::memory_order_relaxed); }

 private:
  struct Left {
    Id order;  // whose client has gone
  };
  struct Order {
    Id id;
    std::variant<wire::LoadRequest, wire::GenerateRequest, wire::EmbedRequest, ModelId, Left> what;
  };
  struct Running {
    Id id;
    Generation generation;
  };
  struct Embedding {
    Id id;
    Embedder embedder;
  };
  struct Resident {
    LoadedModel model;
    Id loaded_by;  // the last load that it answered
    std::list<Running> running;
    std::list<Embedding> embedding;  // of an embedding model, instead
    bool decoded = false;
    int chunk = prefill_chunk_min;  // tokens of a prompt read in one step
    bool busy() const { return !running.empty() || !embedding.empty(); }
  };
  // One conversation's share of a step.
  struct Part {
    std::list<Running>::iterator who;
    std::size_t prompt_tokens;  // 0: fed its last token
    int logits_at;              // -1: none wanted
  };

  Id enqueue(decltype(Order::what) what);
  void run(std::stop_token stop);
  bool take_orders(std::stop_token stop);
  void obey(Order order);
  void load_now(Id id, const wire::LoadRequest& request);
  void begin(Id id, const wire::GenerateRequest& request);
  void begin(Id id, wire::EmbedRequest request);
  bool fits(Resident& resident, Id id, const Generation& generation, Tokens answer_max);
  void drop_cancelled();
  bool is_cancelled(Id id) const;
  Batch& empty_batch(const Resident& resident);
  void step(Resident& resident);
  void embed_next(Resident& resident);
  std::vector<Part> fill(Batch& batch, Resident& resident);
  int decode(const Batch& batch, Resident& resident);
  void give_slots(Resident& resident);
  void publish();

  RuntimeDevice device_;
  const int threads_;
  PacedDecoder decoder_;  // runner's thread, but for use_threads()
  Sink sink_;
  std::atomic<std::int64_t> counter_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> interrupted_{false};  // someone was cancelled since the step began

  std::map<ModelId, Resident> residents_;  // runner's thread only, like the batch
  std::unique_ptr<Batch> batch_;           // kept, since making one takes longer than filling it

  mutable std::mutex mutex_;
  std::condition_variable_any orders_arrived_;
  std::vector<Order> orders_;  // guarded by mutex_, like the three below
  std::set<Id> cancelled_;
  wire::Status status_;
  Id last_id_ = 0;

  std::jthread thread_;  // last: starts when all else is ready, joins first
};

}  // namespace kai
