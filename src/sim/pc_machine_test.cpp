#include "sim/pc_machine.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "sim/pc_testing.h"

namespace kai {
namespace {

constexpr double close = 1e-6;  // seconds

std::size_t place_of(const Pc& pc, std::string_view name) {
  const auto at = std::ranges::find(pc.models, name, &PcModel::name);
  ensure(at != pc.models.end(), "the reference PC has the model");
  return static_cast<std::size_t>(at - pc.models.begin());
}

// Seconds until `model` is ready.
double until_ready(PcMachine& machine, std::size_t model) {
  const Seconds begin = machine.fluid().now();
  while (machine.stage(model) != PcStage::ready) EXPECT_TRUE(machine.advance());
  return (machine.fluid().now() - begin).count();
}

TEST(PcMachine, AloneOnTheGpuAModelTakesTheFormulasTime) {
  const Pc pc = reference_pc();
  const auto model = place_of(pc, "llama3.1:8b");
  PcMachine machine(pc);
  machine.load(model, {.share = 1, .context = Tokens(4096), .loading = pc.naive});
  EXPECT_NEAR(until_ready(machine, model), 1.3 + 4.92 / 4.5, close);
  machine.ask(model, {.prompt = Tokens(200), .answer = Tokens(256)});
  const double prefill = 2 * 8.03e9 * 200 / 3e13 + 0.015;
  const double token = (4.62e9 + 131072.0 * 328) / 227e9 + 0.0007;
  EXPECT_NEAR(until_ready(machine, model), prefill + 256 * token, close);
  EXPECT_NEAR(1 / token, 47.1, 0.1);  // measured on that laptop: 47-48 tokens/s
  machine.unload(model);
  EXPECT_EQ(machine.gpu_free(), Bytes(7'400'000'000 - 4'920'000'000 - 536'870'912 - 100'000'000));
  while (machine.advance()) {
  }
  EXPECT_EQ(machine.stage(model), PcStage::absent);
  EXPECT_EQ(machine.gpu_free(), pc.gpu_memory);
}

TEST(PcMachine, AloneOnTheCpuAModelTakesTheFormulasTimeAndNoGpu) {
  const Pc pc = reference_pc();
  const auto model = place_of(pc, "gemma:2b");
  PcMachine machine(pc);
  machine.load(model, {.share = 0, .context = Tokens(640), .loading = pc.pinned});
  EXPECT_NEAR(until_ready(machine, model), 0.1, close);
  machine.ask(model, {.prompt = Tokens(100), .answer = Tokens(50)});
  EXPECT_NEAR(until_ready(machine, model),
              2 * 2.51e9 * 100 / 8.5e11 + 50 * ((1.68e9 + 18432.0 * 125) / 50e9 + 0.001), close);
  EXPECT_EQ(machine.gpu_free(), pc.gpu_memory);
  EXPECT_EQ(machine.fluid().used(Part::gpu).count(), 0);
}

TEST(PcMachine, ASplitModelReadsItsPartsOneAfterTheOther) {
  const Pc pc = reference_pc();
  const auto& model = pc.models[place_of(pc, "codellama:13b")];
  const PcQuestion question;
  const double bytes = 7.27e9 + 819200.0 * 328;
  const Work decode = decode_work(pc, model, 0.7, question);
  EXPECT_NEAR(decode.alone.count(), 256 * (0.7 * bytes / 227e9 + 0.3 * bytes / 50e9 + 0.0007),
              close);
  EXPECT_NEAR(decode.alone.count() * decode.use.cpu, 256 * 0.3 * bytes / 50e9, close);
  EXPECT_NEAR(prefill_work(pc, model, 0.7, question.prompt).alone.count(),
              2 * 13e9 * 200 * (0.7 / 3e13 + 0.3 / 8.5e11) + 0.015, close);
}

TEST(PcMachine, GpuAndCpuDoNotSlowEachOtherDown) {
  const Pc pc = reference_pc();
  const auto gpu = place_of(pc, "mistral:7b"), cpu = place_of(pc, "tinyllama:1.1b");
  const auto time = [&](const std::vector<std::pair<std::size_t, double>>& members) {
    PcMachine machine(pc);
    for (const auto& [model, share] : members) {
      machine.load(model, {.share = share, .context = Tokens(640), .loading = pc.pinned});
    }
    for (const auto& [model, share] : members) until_ready(machine, model);
    const Seconds begin = machine.fluid().now();
    for (const auto& [model, share] : members) machine.ask(model, {});
    while (machine.advance()) {
    }
    return (machine.fluid().now() - begin).count();
  };
  EXPECT_NEAR(time({{gpu, 1}, {cpu, 0}}), std::max(time({{gpu, 1}}), time({{cpu, 0}})), close);
}

RC_GTEST_PROP(PcMachine, TheShareThatFitsFits, ()) {
  static const Pc pc = reference_pc();
  const auto& model = pc.models[*rc::gen::inRange<std::size_t>(0, pc.models.size())];
  const Tokens context(*rc::gen::inRange(1, 32'768));
  const Bytes free(*rc::gen::inRange<std::int64_t>(0, 30'000'000'000));
  const double share = share_that_fits(pc, model, context, free);
  const Bytes need = gpu_memory_need(pc, model, share, context);
  RC_ASSERT(need <= free || share == 0);
  RC_ASSERT(share == 1 || share == 0 || need + Bytes(10) >= free);
}

// Loads, asks and takes away by chance, as far as a model's stage and the free memory allow.
RC_GTEST_PROP(PcMachine, MemoryIsNeverOverfilledAndAllOfItComesBack, ()) {
  static const Pc pc = reference_pc();
  PcMachine machine(pc);
  const auto model = rc::gen::inRange<std::size_t>(0, pc.models.size());
  for (int step = *rc::gen::inRange(1, 60); step > 0; --step) {
    const auto at = *model;
    const Tokens context(*rc::gen::inRange(456, 8192));
    const double most = share_that_fits(pc, pc.models[at], context, machine.gpu_free());
    const double share = most * *rc::gen::element(0.0, 0.5, 1.0);
    const auto stage = machine.stage(at);
    if (stage == PcStage::absent) {
      machine.load(at, {.share = share, .context = context, .loading = pc.naive});
    } else if (stage == PcStage::ready && *rc::gen::arbitrary<bool>()) {
      machine.ask(at, {});
    } else if (stage == PcStage::ready) {
      machine.unload(at);
    } else {
      machine.advance();
    }
    RC_ASSERT(machine.gpu_free() >= Bytes(0));
  }
  while (machine.advance()) {
  }
  for (std::size_t at = 0; at < pc.models.size(); ++at) {
    if (machine.stage(at) == PcStage::ready) machine.unload(at);
  }
  while (machine.advance()) {
  }
  RC_ASSERT(machine.gpu_free() == pc.gpu_memory);
}

}  // namespace
}  // namespace kai
