#include "worker/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "worker/batch.h"

namespace kai {

namespace {

Time now() {
  return std::chrono::steady_clock::now();
}

// How many of a fellow conversation's tokens can be taken over instead of read again. At least one
// token stays to be read, since its logits are needed.
std::size_t shared_beginning(const Generation& fellow, const std::vector<llama_token>& prompt) {
  const std::size_t limit = std::min(fellow.read(), prompt.size() - 1);
  const auto end = std::mismatch(
      prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(limit), fellow.prompt().begin());
  return static_cast<std::size_t>(end.first - prompt.begin());
}

}  // namespace

Runner::Runner(const RuntimeDevice& device, int threads, Sink sink)
    : device_(device),
      threads_(threads),
      sink_(std::move(sink)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

Runner::~Runner() {
  stopping_ = true;
  thread_.request_stop();
  thread_.join();
}

Runner::Id Runner::load(wire::LoadRequest request) {
  return enqueue(std::move(request));
}
Runner::Id Runner::generate(wire::GenerateRequest request) {
  return enqueue(std::move(request));
}
Runner::Id Runner::unload(ModelId model) {
  return enqueue(std::move(model));
}

Runner::Id Runner::enqueue(decltype(Order::what) what) {
  const std::scoped_lock lock(mutex_);
  if (const auto* left = std::get_if<Left>(&what)) cancelled_.insert(left->order);
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
  status.threads = threads_;
  return status;
}

void Runner::run(std::stop_token stop) {
  while (take_orders(stop)) {
    drop_cancelled();
    const auto busy = std::ranges::find_if(
        residents_, [](const auto& entry) { return !entry.second.running.empty(); });
    if (busy != residents_.end()) step(busy->second);
    publish();
  }
}

// Obeys what has arrived; sleeps only when there is nothing to run. False: the end.
bool Runner::take_orders(std::stop_token stop) {
  std::vector<Order> orders;
  {
    std::unique_lock lock(mutex_);
    const bool idle = std::ranges::all_of(
        residents_, [](const auto& entry) { return entry.second.running.empty(); });
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
  } else if (const auto* left = std::get_if<Left>(&order.what)) {
    std::erase_if(residents_, [&](const auto& entry) {
      return entry.second.loaded_by == left->order && entry.second.running.empty();
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
    residents_.erase(found);
    publish();
    sink_(order.id, wire::Loaded{});
  }
}

void Runner::load_now(Id id, const wire::LoadRequest& request) {
  const Time start = now();
  if (const auto old = residents_.find(request.model); old != residents_.end()) {
    Resident& resident = old->second;
    const bool large_enough = resident.model.context_size() >= request.context &&
                              resident.model.sequences() >= request.sequences;
    if (large_enough ||
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
  residents_.emplace(request.model, Resident{std::move(*loaded), id, {}, false});
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
  }
}

// Gives free sequences to those that wait. A conversation that begins like one already read takes
// that part over; one that begins like one being read waits until it is.
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
    const std::size_t shared = shared_beginning(*fellow, generation.prompt());
    if (shared == 0) continue;
    llama_memory_seq_cp(memory, fellow->slot, slot, 0, static_cast<llama_pos>(shared));
    generation.took_prompt(shared, Duration::zero());
  }
}

void Runner::step(Resident& resident) {
  give_slots(resident);
  struct Part {
    std::list<Running>::iterator who;
    std::size_t prompt_tokens;  // 0: fed its last token
    int logits_at;              // -1: none wanted
  };
  std::vector<Part> parts;
  Batch batch(prefill_chunk + resident.model.sequences());
  for (auto it = resident.running.begin(); it != resident.running.end(); ++it) {
    const Generation& generation = it->generation;
    if (generation.slot < 0 || !generation.writing()) continue;
    parts.push_back(
        {it, 0, batch.add(generation.last(), generation.position(), generation.slot, true)});
  }
  for (auto it = resident.running.begin(); it != resident.running.end(); ++it) {
    const Generation& generation = it->generation;
    const int room = prefill_chunk - batch.size();
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

  const Bytes before = resident.decoded ? Bytes{} : bytes_in_use(device_);
  const Time start = now();
  const int status = llama_decode(resident.model.context(), batch.raw());
  const Duration time = now() - start;
  counter_.fetch_add(1, std::memory_order_relaxed);
  if (!std::exchange(resident.decoded, true)) resident.model.note_growth(before);

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
  for (const auto& [id, resident] : residents_) {
    status.models.push_back({id, resident.model.footprint(), resident.model.context_size(),
                             resident.model.sequences(),
                             static_cast<int>(resident.running.size())});
  }
  const std::scoped_lock lock(mutex_);
  status_ = std::move(status);
}

}  // namespace kai
