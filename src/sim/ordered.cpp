#include "sim/ordered.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/ensure.h"

namespace kai {

namespace {

constexpr std::size_t members_max = 12;

class Ordered {
 public:
  Ordered(const Pc& pc, const PcOrder& order, const PcQuestion& question, Tokens context)
      : pc_(pc), order_(order), question_(question), context_(context), machine_(pc) {}

  PcRun run() {
    for (const std::size_t model : order_.cpu) load(model, 0);
    while (!all_answered()) {
      decide();
      ensure(machine_.advance(), "a model that waits gets its turn");
    }
    return run_of(machine_);
  }

 private:
  void decide() {
    for (const std::size_t model : order_.gpu) {
      if (machine_.stage(model) == PcStage::ready && machine_.answered(model)) {
        machine_.unload(model);
      }
    }
    load_next();
    ask_first(order_.gpu);
    ask_first(order_.cpu);
  }

  void load_next() {
    if (next_ == order_.gpu.size() || any(PcStage::loading)) return;
    const std::size_t model = order_.gpu[next_];
    const double share = share_of_next(pc_.models[model]);
    if (gpu_memory_need(pc_, pc_.models[model], share, context_) > machine_.gpu_free()) return;
    load(model, share);
    ++next_;
  }

  double share_of_next(const PcModel& model) const {
    if (!order_.shares.empty()) return order_.shares[next_];
    return share_that_fits(pc_, model, context_, pc_.gpu_memory);
  }

  void load(std::size_t model, double share) {
    machine_.load(model, {.share = share, .context = context_, .loading = pc_.pinned});
  }

  // The first that waits for its turn, if it is ready and none answers.
  void ask_first(const std::vector<std::size_t>& list) {
    for (const std::size_t model : list) {
      if (machine_.answered(model)) continue;
      if (machine_.stage(model) == PcStage::ready) machine_.ask(model, question_);
      return;
    }
  }

  bool any(PcStage stage) const {
    return std::ranges::any_of(order_.gpu,
                               [&](std::size_t model) { return machine_.stage(model) == stage; });
  }

  bool all_answered() const {
    const auto answered = [&](std::size_t model) { return machine_.answered(model); };
    return std::ranges::all_of(order_.gpu, answered) && std::ranges::all_of(order_.cpu, answered);
  }

  const Pc& pc_;
  const PcOrder& order_;
  const PcQuestion question_;
  const Tokens context_;
  PcMachine machine_;
  std::size_t next_ = 0;  // of the GPU's list
};

}  // namespace

PcRun run_ordered(const Pc& pc, const PcOrder& order, const PcQuestion& question, Tokens context) {
  ensure(question.prompt + question.answer <= context, "the context holds the question");
  ensure(!order.gpu.empty() || !order.cpu.empty(), "somebody is asked");
  ensure(order.shares.empty() || order.shares.size() == order.gpu.size(), "a share for each");
  return Ordered(pc, order, question, context).run();
}

PcOrder best_order(const Pc& pc, const std::vector<std::size_t>& members,
                   const PcQuestion& question, Tokens context, Splitting splitting) {
  ensure(!members.empty() && members.size() <= members_max, "1 to 12 members");
  std::vector<std::size_t> longest = members;
  std::ranges::sort(longest, std::ranges::greater(), [&](std::size_t model) {
    return std::pair(decode_work(pc, pc.models[model], 1, question).alone, model);
  });
  std::vector<std::size_t> shortest(longest.rbegin(), longest.rend());
  std::vector<std::size_t> shortest_then_longest = longest;
  std::ranges::rotate(shortest_then_longest, shortest_then_longest.end() - 1);

  const auto too_large = [&](std::size_t model) {
    return gpu_memory_need(pc, pc.models[model], 1, context) > pc.gpu_memory;
  };
  PcOrder best;
  Seconds least{};
  for (const auto& sorted : {longest, shortest, shortest_then_longest}) {
    for (std::size_t on_cpu = 0; on_cpu < std::size_t{1} << sorted.size(); ++on_cpu) {
      PcOrder order;
      for (std::size_t at = 0; at < sorted.size(); ++at) {
        ((on_cpu >> at & 1) != 0 ? order.cpu : order.gpu).push_back(sorted[at]);
      }
      if (splitting == Splitting::never && std::ranges::any_of(order.gpu, too_large)) continue;
      const Seconds makespan = run_ordered(pc, order, question, context).makespan;
      if (least > Seconds(0) && makespan >= least) continue;
      least = makespan;
      best = std::move(order);
    }
  }
  return best;
}

}  // namespace kai
