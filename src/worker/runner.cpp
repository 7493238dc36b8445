#include "worker/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kai {

namespace {

constexpr int aborted = PacedDecoder::aborted;

Time now() {
  return std::chrono::steady_clock::now();
}

// The next prompt's chunk: what takes about two seconds, so that a person sees the reading go on.
int chunk_after(int tokens, Duration time) {
  constexpr double aim = 2.0;  // seconds
  const double rate = tokens / std::max(1e-6, seconds(time));
  return static_cast<int>(std::clamp(rate * aim, 1.0 * prefill_chunk_min, 1.0 * prefill_chunk_max));
}

// A prompt's chunk that takes about as long with fewer threads.
int chunk_for(int chunk, int threads_before, int threads) {
  return std::max(prefill_chunk_min, chunk * std::min(threads, threads_before) / threads_before);
}

}  // namespace

Runner::Runner(const RuntimeDevice& device, int threads, Sink sink)
    : device_(device),
      threads_(threads),
      decoder_(device.facts.kind, threads),
      sink_(std::move(sink)),
      status_{.counter = 0, .threads = threads, .models = {}, .free = {}, .total = {}},
      thread_([this](std::stop_token stop) { run(stop); }) {}

Runner::~Runner() {
  stopping_ = true;
  interrupted_ = true;
  thread_.request_stop();
  thread_.join();
}

Runner::Id Runner::load(wire::LoadRequest request) {
  return enqueue(std::move(request));
}
Runner::Id Runner::generate(wire::GenerateRequest request) {
  return enqueue(std::move(request));
}
Runner::Id Runner::embed(wire::EmbedRequest request) {
  return enqueue(std::move(request));
}
Runner::Id Runner::unload(ModelId model) {
  return enqueue(std::move(model));
}

Runner::Id Runner::enqueue(decltype(Order::what) what) {
  const std::scoped_lock lock(mutex_);
  if (const auto* left = std::get_if<Left>(&what)) {
    cancelled_.insert(left->order);
    interrupted_ = true;
  }
  orders_.push_back({++last_id_, std::move(what)});
  orders_arrived_.notify_one();
  return last_id_;
}

void Runner::cancel(Id id) {
  enqueue(Left{id});
}

bool Runner::is_cancelled(Id id) const {
  const std::scoped_lock lock(mutex_);
  return stopping_ || cancelled_.contains(id);
}

wire::Status Runner::status() const {
  const std::scoped_lock lock(mutex_);
  wire::Status status = status_;
  status.counter = counter();
  return status;
}

void Runner::run(std::stop_token stop) {
  while (take_orders(stop)) {
    drop_cancelled();
    const auto busy =
        std::ranges::find_if(residents_, [](const auto& entry) { return entry.second.busy(); });
    if (busy != residents_.end()) step(busy->second);
    publish();
  }
}

// Obeys what has arrived; sleeps only when there is nothing to run. False: the end.
bool Runner::take_orders(std::stop_token stop) {
  std::vector<Order> orders;
  {
    std::unique_lock lock(mutex_);
    const bool idle =
        std::ranges::none_of(residents_, [](const auto& entry) { return entry.second.busy(); });
    if (idle) {
      if (orders_.empty()) cancelled_.clear();  // else one of them may be cancelled
      orders_arrived_.wait(lock, stop, [this] { return !orders_.empty(); });
    }
    if (stop.stop_requested()) return false;
    orders.swap(orders_);
  }
  for (auto& order : orders) obey(std::move(order));
  return true;
}

void Runner::obey(Order order) {
  if (is_cancelled(order.id)) {
    sink_(order.id, wire::Failed{{ErrorCode::cancelled, "cancelled before it began"}});
  } else if (const auto* load = std::get_if<wire::LoadRequest>(&order.what)) {
    load_now(order.id, *load);
  } else if (const auto* request = std::get_if<wire::GenerateRequest>(&order.what)) {
    begin(order.id, *request);
  } else if (auto* texts = std::get_if<wire::EmbedRequest>(&order.what)) {
    begin(order.id, std::move(*texts));
  } else if (const auto* left = std::get_if<Left>(&order.what)) {
    std::erase_if(residents_, [&](const auto& entry) {
      return entry.second.loaded_by == left->order && !entry.second.busy();
    });
    publish();
  } else {
    const auto& model = std::get<ModelId>(order.what);
    const auto found = residents_.find(model);
    if (found == residents_.end()) {
      sink_(order.id, wire::Failed{{ErrorCode::not_found, model.text + " is not loaded"}});
      return;
    }
    for (auto& running : found->second.running) running.generation.end(Ending::cancelled);
    for (auto& each : found->second.embedding) each.embedder.end(Ending::cancelled);
    residents_.erase(found);
    publish();
    sink_(order.id, wire::Loaded{});
  }
}

void Runner::load_now(Id id, const wire::LoadRequest& request) {
  const Time start = now();
  drop_cancelled();  // who has left is no reason to refuse
  if (const auto old = residents_.find(request.model); old != residents_.end()) {
    Resident& resident = old->second;
    const bool large_enough = resident.model.context_size() >= request.context &&
                              resident.model.sequences() >= request.sequences;
    if (large_enough || resident.model.embeds() ||
        (resident.running.empty() && resident.model.resize(request.context, request.sequences))) {
      resident.loaded_by = id;
      sink_(id, wire::Loaded{resident.model.footprint(), now() - start});
      return;
    }
    if (!resident.running.empty()) {
      sink_(id, wire::Failed{{ErrorCode::overloaded,
                              request.model.text + " is busy with a smaller context"}});
      return;
    }
    residents_.erase(old);
  }
  double told = -1;
  auto loaded = LoadedModel::load(request, device_, threads_, [&](double done) {
    counter_.fetch_add(1, std::memory_order_relaxed);
    if (done - told >= 0.05) sink_(id, wire::Progress{told = done});
    return !is_cancelled(id);
  });
  if (!loaded) {
    sink_(id, wire::Failed{loaded.error()});
    return;
  }
  const auto footprint = loaded->footprint();
  residents_.emplace(request.model, Resident{std::move(*loaded), id, {}, {}, false});
  publish();
  sink_(id, wire::Loaded{footprint, now() - start});
}

void Runner::begin(Id id, const wire::GenerateRequest& request) {
  const auto found = residents_.find(request.model);
  if (found == residents_.end()) {
    sink_(id, wire::Failed{{ErrorCode::not_found, request.model.text + " is not loaded"}});
    return;
  }
  auto generation =
      Generation::make(request, found->second.model,
                       [this, id](wire::WorkerEvent event) { sink_(id, std::move(event)); });
  if (!generation) {
    sink_(id, wire::Failed{generation.error()});
    return;
  }
  if (!fits(found->second, id, *generation, request.answer_max)) return;
  found->second.running.push_back({id, std::move(*generation)});
}

void Runner::begin(Id id, wire::EmbedRequest request) {
  const auto found = residents_.find(request.model);
  if (found == residents_.end()) {
    sink_(id, wire::Failed{{ErrorCode::not_found, request.model.text + " is not loaded"}});
    return;
  }
  auto embedder =
      Embedder::make(std::move(request), found->second.model,
                     [this, id](wire::WorkerEvent event) { sink_(id, std::move(event)); });
  if (!embedder) {
    sink_(id, wire::Failed{embedder.error()});
    return;
  }
  found->second.embedding.push_back({id, std::move(*embedder)});
}

// kai sizes contexts by an estimate of the prompt; where it was short, the context grows while
// nobody uses it.
bool Runner::fits(Resident& resident, Id id, const Generation& generation, Tokens answer_max) {
  const auto prompt = static_cast<std::int64_t>(generation.prompt().size());
  if (prompt < resident.model.context_size().count) return true;
  if (!resident.running.empty()) {
    sink_(id, wire::Failed{{ErrorCode::overloaded,
                            fmt::format("the prompt has {} tokens, the context in use {}", prompt,
                                        resident.model.context_size().count)}});
    return false;
  }
  const Tokens wanted(std::min(prompt + answer_max.count, resident.model.context_max().count));
  if (const auto resized = resident.model.resize(wanted, resident.model.sequences()); !resized) {
    sink_(id, wire::Failed{resized.error()});
    std::erase_if(residents_, [&](const auto& entry) { return &entry.second == &resident; });
    return false;
  }
  return true;
}

void Runner::drop_cancelled() {
  interrupted_ = false;  // before looking: whoever is cancelled later interrupts the step
  for (auto& [model, resident] : residents_) {
    for (auto it = resident.running.begin(); it != resident.running.end();) {
      const bool cancelled = is_cancelled(it->id);
      if (!cancelled && !it->generation.past(now())) {
        ++it;
        continue;
      }
      if (it->generation.slot >= 0) {
        llama_memory_seq_rm(llama_get_memory(resident.model.context()), it->generation.slot, -1,
                            -1);
      }
      it->generation.end(cancelled ? Ending::cancelled : Ending::deadline);
      it = resident.running.erase(it);
    }
    std::erase_if(resident.embedding, [this](Embedding& each) {
      if (!is_cancelled(each.id)) return false;
      each.embedder.end(Ending::cancelled);
      return true;
    });
  }
}

// Gives free sequences to those that wait. A prompt that a fellow has read is taken over from it;
// one that a fellow is reading is waited for.
void Runner::give_slots(Resident& resident) {
  for (auto& [id, generation] : resident.running) {
    if (generation.slot >= 0) continue;
    std::set<llama_seq_id> taken;
    const Generation* fellow = nullptr;
    for (const auto& other : resident.running) {
      if (other.generation.slot < 0) continue;
      taken.insert(other.generation.slot);
      if (other.generation.prompt() == generation.prompt()) fellow = &other.generation;
    }
    if (fellow != nullptr && !fellow->writing()) continue;
    llama_seq_id slot = 0;
    while (taken.contains(slot)) ++slot;
    if (slot >= resident.model.sequences()) return;
    generation.slot = slot;
    const auto memory = llama_get_memory(resident.model.context());
    llama_memory_seq_rm(memory, slot, -1, -1);
    if (fellow == nullptr) continue;
    // The last token stays to be read, since its logits are needed.
    const std::size_t shared = generation.prompt().size() - 1;
    if (shared == 0) continue;
    llama_memory_seq_cp(memory, fellow->slot, slot, 0, static_cast<llama_pos>(shared));
    generation.took_prompt(shared, Duration::zero());
  }
}

// Who writes goes first, with one token each; what room is left reads prompts.
std::vector<Runner::Part> Runner::fill(Batch& batch, Resident& resident) {
  std::vector<Part> parts;
  for (auto it = resident.running.begin(); it != resident.running.end(); ++it) {
    const Generation& generation = it->generation;
    if (generation.slot < 0 || !generation.writing()) continue;
    parts.push_back(
        {it, 0, batch.add(generation.last(), generation.position(), generation.slot, true)});
  }
  for (auto it = resident.running.begin(); it != resident.running.end(); ++it) {
    const Generation& generation = it->generation;
    const int room = resident.chunk - batch.size();
    if (generation.slot < 0 || generation.writing() || room <= 0) continue;
    const auto chunk = generation.unread(static_cast<std::size_t>(room));
    const bool whole = generation.read() + chunk.size() == generation.prompt().size();
    int index = -1;
    for (std::size_t offset = 0; offset < chunk.size(); ++offset) {
      index = batch.add(chunk[offset], static_cast<llama_pos>(generation.read() + offset),
                        generation.slot, whole && offset + 1 == chunk.size());
    }
    parts.push_back({it, chunk.size(), whole ? index : -1});
  }
  return parts;
}

int Runner::decode(const Batch& batch, Resident& resident) {
  const Bytes before = resident.decoded ? Bytes{} : bytes_in_use(device_);
  const int status = decoder_.decode(resident.model, batch, [this] {
    counter_.fetch_add(1, std::memory_order_relaxed);
    return interrupted_.load(std::memory_order_relaxed);
  });
  counter_.fetch_add(1, std::memory_order_relaxed);
  if (!std::exchange(resident.decoded, true)) resident.model.note_growth(before);
  return status;
}

Batch& Runner::empty_batch(const Resident& resident) {
  const int capacity = resident.model.batch_max();
  if (!batch_ || batch_->capacity() < capacity) batch_ = std::make_unique<Batch>(capacity);
  batch_->clear();
  return *batch_;
}

// One text, then whoever waits has its turn.
void Runner::embed_next(Resident& resident) {
  Batch& batch = empty_batch(resident);
  auto current = std::move(resident.embedding.front());
  resident.embedding.pop_front();
  if (!current.embedder.fill(batch, resident.model)) {
    current.embedder.fail({ErrorCode::invalid_request, "a text has no tokens: it is empty"});
    return;
  }
  llama_memory_seq_rm(llama_get_memory(resident.model.context()), 0, -1, -1);
  const Time start = now();
  const int status = decode(batch, resident);
  if (status != 0 && status != aborted) {
    current.embedder.fail({ErrorCode::lane_lost, fmt::format("llama_decode failed with {}: {}",
                                                             status, take_complaint())});
    return;
  }
  const bool goes_on =
      status == aborted || current.embedder.took(batch, resident.model, now() - start);
  if (goes_on) resident.embedding.push_back(std::move(current));
}

void Runner::step(Resident& resident) {
  if (resident.model.embeds()) return embed_next(resident);
  give_slots(resident);
  empty_batch(resident);
  const auto parts = fill(*batch_, resident);
  const Time start = now();
  const int before = decoder_.threads();
  const int status = decode(*batch_, resident);
  const Duration time = now() - start;
  if (status == aborted) {  // the cancelled one is dropped, and the others' step done again
    resident.chunk = chunk_for(resident.chunk, before, decoder_.threads());
    return;
  }
  if (batch_->size() >= prefill_chunk_min) resident.chunk = chunk_after(batch_->size(), time);

  for (const auto& part : parts) {
    Generation& generation = part.who->generation;
    bool goes_on = status == 0;
    if (!goes_on) {
      generation.fail({ErrorCode::lane_lost,
                       fmt::format("llama_decode failed with {}: {}", status, take_complaint())});
    } else {
      if (part.prompt_tokens > 0) {
        generation.took_prompt(part.prompt_tokens, time);
      } else {
        generation.took_last(time);
      }
      goes_on = part.logits_at < 0 ||
                generation.sample(resident.model.context(), part.logits_at, resident.model.vocab(),
                                  resident.model.context_size());
    }
    if (goes_on) continue;
    llama_memory_seq_rm(llama_get_memory(resident.model.context()), generation.slot, -1, -1);
    resident.running.erase(part.who);
  }
}

void Runner::publish() {
  wire::Status status;
  status.threads = decoder_.threads();
  for (const auto& [id, resident] : residents_) {
    status.models.push_back(
        {id, resident.model.footprint(), resident.model.context_size(), resident.model.sequences(),
         static_cast<int>(resident.running.size() + resident.embedding.size())});
  }
  const std::scoped_lock lock(mutex_);
  status_ = std::move(status);
}

}  // namespace kai
