// PcMachine: a PC in virtual time that loads models, asks them and takes them away. What each
// stretch takes alone, in seconds, for a model of which `share` (0..1) of the weights and of the
// KV cache is on the GPU:
//   load     per_load, then share * file / rate over the link; what is on the CPU is there already
//   prefill  2 * active * prompt * (share / gpu.flops + (1 - share) / cpu.flops), and the GPU's
//            per_prefill if share > 0
//   decode   of each token bytes * (share / gpu.bandwidth + (1 - share) / cpu.bandwidth), where
//            bytes = read_per_token + kv_per_token * (prompt + answer / 2), and per_token: the
//            GPU's if share > 0
// The fixed times of tokens and loads leave the devices to others; per_prefill keeps the GPU busy.
// What runs beside each other shares the devices and the link (Fluid).
// Memory of the GPU: share * (file + KV of the context) + buffers. The PC's own memory and its
// disk are not modelled: every file is in memory.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "domain/pc.h"
#include "sim/fluid.h"

namespace kai {

struct PcQuestion {
  Tokens prompt{200};  // >= 1
  Tokens answer{256};  // >= 1
};

enum class PcStage : std::uint8_t { absent, loading, ready, prefill, decode, unloading };
std::string_view to_string(PcStage stage);

// A model came to a stage.
struct PcEvent {
  Seconds at{};
  std::string model;
  PcStage stage = PcStage::absent;
  double share = 0;   // 0..1 of the model on the GPU
  Bytes gpu_taken{};  // of the GPU's memory, by all models
};

// Where a model goes, and how.
struct PcPlace {
  double share = 1;  // 0..1 on the GPU
  Tokens context{};  // that its KV cache is made for
  PcLoading loading;
};

// What running a model takes alone, by the formulas above.
Work load_work(const PcModel& model, const PcPlace& place);  // without per_load
Work prefill_work(const Pc& pc, const PcModel& model, double share, Tokens prompt);
Work decode_work(const Pc& pc, const PcModel& model, double share, const PcQuestion& question);

Bytes gpu_memory_need(const Pc& pc, const PcModel& model, double share, Tokens context);
// The largest share that needs at most `free` bytes. 0: not even the buffers.
double share_that_fits(const Pc& pc, const PcModel& model, Tokens context, Bytes free);

// Invariant: the models never hold more of the GPU's memory than there is.
// Models are named by their place in pc.models, which outlives the machine.
class PcMachine {
 public:
  // Where several models run on one device, this much of its bandwidth is left; between the
  // 0.93 and 0.97 of measurements.
  static constexpr double shared_efficiency = 0.95;

  explicit PcMachine(const Pc& pc);

  // Of an absent model whose need is free.
  void load(std::size_t model, const PcPlace& place);
  // Of a ready one; it is ready again once it has answered.
  void ask(std::size_t model, const PcQuestion& question);
  // Of a ready one. Its memory is free after the loading's per_unload.
  void unload(std::size_t model);
  // To the end of the next stretch. False: nothing is under way.
  bool advance();

  PcStage stage(std::size_t model) const { return held_[model].stage; }
  bool answered(std::size_t model) const { return held_[model].answered; }
  Bytes gpu_free() const { return pc_->gpu_memory - taken_; }
  const Pc& pc() const { return *pc_; }
  const Fluid& fluid() const { return fluid_; }
  const std::vector<PcEvent>& events() const { return events_; }

 private:
  struct Held {
    PcStage stage = PcStage::absent;
    bool answered = false;
    PcPlace place;
    PcQuestion question;
    Bytes gpu{};
    std::deque<Work> ahead;  // of what runs now, in this stage
    Fluid::Id running = 0;   // 0: nothing
  };
  void enter(std::size_t model, PcStage stage);
  void run(Held& held, std::deque<Work> works);
  void ended(std::size_t model);

  const Pc* pc_;
  Fluid fluid_;
  std::vector<Held> held_;
  Bytes taken_{};
  std::vector<PcEvent> events_;
};

struct PcRun {
  Seconds makespan{};
  double gpu_busy = 0;  // 0..1 of the makespan: the GPU's bandwidth or arithmetic in use
  double cpu_busy = 0;  // the same of the CPU
  std::vector<PcEvent> events;
  std::vector<std::string> refused{};  // models that neither the GPU nor the PC's memory holds
};

// What `machine` has done so far; some time has passed.
PcRun run_of(const PcMachine& machine);

}  // namespace kai
