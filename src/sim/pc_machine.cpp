#include "sim/pc_machine.h"

#include <algorithm>
#include <cmath>

#include "base/ensure.h"

namespace kai {

namespace {

double count(Bytes bytes) {
  return static_cast<double>(bytes.count);
}

double count(Tokens tokens) {
  return static_cast<double>(tokens.count);
}

Work fixed(Duration time) {
  return {.alone = Seconds(time), .use = {}};
}

// What takes `gpu` and `cpu` seconds of the devices, one after the other, and `fixed` beside them.
Work work_on_both(double gpu, double cpu, double fixed) {
  const double alone = gpu + cpu + fixed;
  if (alone <= 0) return {};
  return {.alone = Seconds(alone), .use = {.gpu = gpu / alone, .cpu = cpu / alone, .link = 0}};
}

// The context's KV cache and the weights: what can be split.
double divisible(const PcModel& model, Tokens context) {
  return count(model.file) + count(model.kv_per_token) * count(context);
}

}  // namespace

std::string_view to_string(PcStage stage) {
  switch (stage) {
    case PcStage::absent: return "gone";
    case PcStage::loading: return "load";
    case PcStage::ready: return "ready";
    case PcStage::prefill: return "prefill";
    case PcStage::decode: return "decode";
    case PcStage::unloading: return "unload";
  }
  return "?";
}

Work load_work(const PcModel& model, const PcPlace& place) {
  return {.alone = Seconds(place.share * count(model.file) / place.loading.rate),
          .use = {.gpu = 0, .cpu = 0, .link = 1}};
}

Work prefill_work(const Pc& pc, const PcModel& model, double share, Tokens prompt) {
  const double operations = 2 * model.active * count(prompt);
  const double fixed = share > 0 ? seconds(pc.gpu.per_prefill) : 0;
  return work_on_both(share * operations / pc.gpu.flops + fixed,
                      (1 - share) * operations / pc.cpu.flops, 0);
}

Work decode_work(const Pc& pc, const PcModel& model, double share, const PcQuestion& question) {
  const double context = count(question.prompt) + count(question.answer) / 2;
  const double bytes = model.read_per_token + count(model.kv_per_token) * context;
  const double fixed = seconds(share > 0 ? pc.gpu.per_token : pc.cpu.per_token);
  const double tokens = count(question.answer);
  return work_on_both(tokens * share * bytes / pc.gpu.bandwidth,
                      tokens * (1 - share) * bytes / pc.cpu.bandwidth, tokens * fixed);
}

Bytes gpu_memory_need(const Pc& pc, const PcModel& model, double share, Tokens context) {
  if (share <= 0) return Bytes(0);
  return Bytes(std::llround(share * divisible(model, context))) + pc.buffers;
}

double share_that_fits(const Pc& pc, const PcModel& model, Tokens context, Bytes free) {
  // One byte less, since the need is rounded.
  const double room = count(free - pc.buffers) - 1;
  return std::clamp(room / divisible(model, context), 0.0, 1.0);
}

PcMachine::PcMachine(const Pc& pc)
    : pc_(&pc),
      fluid_({.gpu = shared_efficiency, .cpu = shared_efficiency, .link = 1}),
      held_(pc.models.size()) {}

void PcMachine::load(std::size_t model, const PcPlace& place) {
  Held& held = held_.at(model);
  ensure(held.stage == PcStage::absent, "a model is loaded once");
  ensure(place.share >= 0 && place.share <= 1, "a share is 0..1");
  held.gpu = gpu_memory_need(*pc_, pc_->models[model], place.share, place.context);
  ensure(held.gpu <= gpu_free(), "a model is loaded where it fits");
  taken_ += held.gpu;
  held.place = place;
  enter(model, PcStage::loading);
  run(held, {fixed(place.loading.per_load), load_work(pc_->models[model], place)});
}

void PcMachine::ask(std::size_t model, const PcQuestion& question) {
  Held& held = held_.at(model);
  ensure(held.stage == PcStage::ready, "a model is asked once it is ready");
  ensure(question.prompt.count >= 1 && question.answer.count >= 1, "a question has tokens");
  held.question = question;
  enter(model, PcStage::prefill);
  run(held, {prefill_work(*pc_, pc_->models[model], held.place.share, question.prompt)});
}

void PcMachine::unload(std::size_t model) {
  Held& held = held_.at(model);
  ensure(held.stage == PcStage::ready, "a model is unloaded when it is ready");
  enter(model, PcStage::unloading);
  run(held, {fixed(held.place.loading.per_unload)});
}

bool PcMachine::advance() {
  if (fluid_.idle()) return false;
  for (const Fluid::Id id : fluid_.advance()) {
    const auto found = std::ranges::find(held_, id, &Held::running);
    ensure(found != held_.end(), "work belongs to a model");
    found->running = 0;
    if (found->ahead.empty()) {
      ended(static_cast<std::size_t>(found - held_.begin()));
    } else {
      run(*found, std::move(found->ahead));
    }
  }
  return true;
}

void PcMachine::enter(std::size_t model, PcStage stage) {
  held_[model].stage = stage;
  events_.push_back({.at = fluid_.now(),
                     .model = pc_->models[model].name,
                     .stage = stage,
                     .share = held_[model].place.share,
                     .gpu_taken = taken_});
}

void PcMachine::run(Held& held, std::deque<Work> works) {
  held.running = fluid_.start(works.front());
  works.pop_front();
  held.ahead = std::move(works);
}

void PcMachine::ended(std::size_t model) {
  Held& held = held_[model];
  switch (held.stage) {
    case PcStage::loading: enter(model, PcStage::ready); return;
    case PcStage::prefill:
      enter(model, PcStage::decode);
      run(held, {decode_work(*pc_, pc_->models[model], held.place.share, held.question)});
      return;
    case PcStage::decode:
      held.answered = true;
      enter(model, PcStage::ready);
      return;
    case PcStage::unloading:
      taken_ -= held.gpu;
      held.gpu = Bytes(0);
      enter(model, PcStage::absent);
      return;
    case PcStage::absent:
    case PcStage::ready: break;
  }
  ensure(false, "nothing ends in a stage that does nothing");
}

PcRun run_of(const PcMachine& machine) {
  const Fluid& fluid = machine.fluid();
  const Seconds makespan = fluid.now();
  ensure(makespan > Seconds(0), "a run takes time");
  return {.makespan = makespan,
          .gpu_busy = fluid.used(Part::gpu) / makespan,
          .cpu_busy = fluid.used(Part::cpu) / makespan,
          .events = machine.events()};
}

}  // namespace kai
