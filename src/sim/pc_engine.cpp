#include "sim/pc_engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"

namespace kai {

namespace {

const PcModel& model_of(const Pc& pc, const ModelId& id) {
  const auto found = std::ranges::find(pc.models, id.text, &PcModel::name);
  ensure(found != pc.models.end(), "a model of the PC");
  return *found;
}

// What a further voice adds to a batch of one model, as a share of the first's: as planned
// (docs/decisions/006).
constexpr double further_voice_gpu = 0.1;
constexpr double further_voice_cpu = 0.9;

// A voice's part of what a batch takes.
double part_of_batch(int voices, double further) {
  return (1 + further * (voices - 1)) / voices;
}

double on_gpu(DeviceKind kind) {
  return kind == DeviceKind::gpu ? 1 : 0;
}

}  // namespace

PcEngine::PcEngine(Clock& clock, std::uint64_t seed, Faults faults, const Pc& pc,
                   std::span<const Device> devices)
    : ScriptEngine(clock, seed, faults),
      clock_(clock),
      pc_(pc),
      time_(clock,
            {.gpu = PcMachine::shared_efficiency, .cpu = PcMachine::shared_efficiency, .link = 1}),
      readings_(derive_seed(seed, "readings")) {
  for (const auto& device : devices) {
    const bool gpu = device.kind == DeviceKind::gpu;
    places_[device.id] = {.kind = device.kind, .size = gpu ? pc.gpu_memory : pc.memory};
    for (int lane = 0; lane < device.lanes; ++lane) {
      groups_.emplace(LaneId{device.id, lane}, static_cast<int>(groups_.size()));
    }
  }
}

Bytes PcEngine::steal(Bytes bytes) {
  for (const auto& [id, place] : places_) {
    if (place.kind != DeviceKind::gpu) continue;
    const Bytes got = std::clamp(place.size - stolen_ - place.taken, Bytes(0), bytes);
    stolen_ += got;
    return got;
  }
  return Bytes(0);
}

void PcEngine::give_back(Bytes stolen) {
  ensure(stolen <= stolen_, "only what was stolen is given back");
  stolen_ -= stolen;
}

Task<std::vector<MemoryReading>> PcEngine::read(Time until) {
  const bool fails = readings_.chance(readings_fail_);
  const bool lies = readings_.chance(0.5);
  std::vector<MemoryReading> readings;
  if (fails && !lies) co_await clock_.sleep_until(until);
  for (const auto& [id, place] : places_) {
    if (place.kind != DeviceKind::gpu) continue;
    MemoryReading reading{id, place.size - stolen_ - place.taken, place.size, 0, ""};
    if (fails && lies) reading.free = place.size + Bytes(1);
    if (fails && !lies) reading.fault = "no answer in time";
    readings.push_back(std::move(reading));
  }
  co_return readings;
}

Result<> PcEngine::take(const LaneId& lane, const Model& model, const Claim& claim) {
  Place& place = places_.at(lane.device);
  Held& held = held_[lane][model.id];
  const PcModel& known = model_of(pc_, model.id);
  CostCard card;
  card.weights = known.file;
  card.kv_per_token = known.kv_per_token;
  card.buffers = pc_.buffers;
  const auto [need, beside] = split_need(card, claim.context, claim.sequences, claim.share);
  const Bytes size = place.kind == DeviceKind::gpu ? place.size - stolen_ : place.size;
  if (place.taken - held.bytes + need > size) {
    ++loads_without_memory_;
    return fail(ErrorCode::no_memory,
                fmt::format("{}: not enough memory on {}", model.id.text, lane.device.text));
  }
  grow(lane, need - held.bytes, beside - held.beside);
  held = {need, beside, claim.share, held.whole && held.share == claim.share};
  return {};
}

void PcEngine::grow(const LaneId& lane, Bytes there, Bytes beside) {
  const auto take_of = [](Place& place, Bytes bytes) {
    place.taken += bytes;
    place.peak = std::max(place.peak, place.taken);
  };
  take_of(places_.at(lane.device), there);
  if (beside == Bytes{}) return;
  for (auto& [id, place] : places_) {
    if (place.kind == DeviceKind::cpu) take_of(place, beside);
  }
}

void PcEngine::free(const LaneId& lane, const ModelId& model) {
  const auto found = held_[lane].find(model);
  if (found == held_[lane].end()) return;
  grow(lane, Bytes{} - found->second.bytes, Bytes{} - found->second.beside);
  held_[lane].erase(found);
}

void PcEngine::free_all(const LaneId& lane) {
  time_.stop(groups_.at(lane));
  places_.at(lane.device).answering.erase(lane);
  ++lives_[lane];
  for (const auto& [model, held] : held_[lane]) {
    grow(lane, Bytes{} - held.bytes, Bytes{} - held.beside);
  }
  held_[lane].clear();
}

Task<void> PcEngine::spend(Stretch stretch, Time until) {
  const auto held = held_[stretch.lane].find(stretch.model);
  const double share = on_gpu(places_.at(stretch.lane.device).kind) *
                       (held == held_[stretch.lane].end() ? 1 : held->second.share);
  const PcModel& model = model_of(pc_, stretch.model);
  return stretch.kind == Stretch::Kind::load
             ? spend_load(std::move(stretch), model, share, until)
             : spend_answer(std::move(stretch), model, share, until);
}

// The fixed time first, as PcMachine has it; a model that is enlarged keeps its weights.
Task<void> PcEngine::spend_load(Stretch stretch, const PcModel& model, double share, Time until) {
  if (stretch.from == 0)
    co_await clock_.sleep_until(std::min(until, clock_.now() + pc_.pinned.per_load));
  const auto whole = [&] {
    const auto held = held_[stretch.lane].find(stretch.model);
    return held == held_[stretch.lane].end() ? nullptr : &held->second.whole;
  };
  if (whole() == nullptr || *whole() || co_await cancelled() || clock_.now() >= until) co_return;
  Work work = load_work(model, {.share = share, .context = {}, .loading = pc_.pinned});
  work.alone *= stretch.to - stretch.from;
  if (work.alone > Seconds(0)) co_await time_.run(work, until, groups_.at(stretch.lane));
  if (stretch.to == 1 && whole() != nullptr) *whole() = true;
}

Task<void> PcEngine::spend_answer(Stretch stretch, const PcModel& model, double share, Time until) {
  Work work =
      stretch.kind == Stretch::Kind::read
          ? prefill_work(pc_, model, share, stretch.tokens)
          : decode_work(pc_, model, share, {.prompt = stretch.before, .answer = stretch.tokens});
  work.alone /= stretch.pace;
  const LaneId lane = stretch.lane;
  Place& place = places_.at(lane.device);
  const int life = lives_[lane];
  const int voices = ++place.answering[lane];
  if (stretch.kind == Stretch::Kind::write) {
    work.use.gpu *= part_of_batch(voices, further_voice_gpu);
    work.use.cpu *= part_of_batch(voices, further_voice_cpu);
  }
  place.running_most = std::max(place.running_most, static_cast<int>(place.answering.size()));
  co_await time_.run(work, until, groups_.at(lane));
  if (lives_[lane] == life && --place.answering[lane] == 0) place.answering.erase(lane);
}

}  // namespace kai
