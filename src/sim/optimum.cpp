#include "sim/optimum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "base/ensure.h"

namespace kai {

namespace {

constexpr std::size_t members_max = 7;
constexpr std::array quarters{0.75, 0.5, 0.25};
constexpr std::size_t means = 21;  // w = 0, 1/20 … 1

// A model on the GPU with `share` of it; all alone, seconds.
struct OnGpu {
  double share = 1;
  Bytes bytes{};
  double load = 0;
  double run = 0;  // prefill and decode
  double cpu = 0;  // of `run`, the CPU is in use
};

struct Member {
  std::size_t model = 0;
  std::vector<OnGpu> gpu;
  double cpu_run = 0;  // wholly on the CPU
  double cpu_use = 0;
};

double cpu_seconds(const Work& work) {
  return work.alone.count() * work.use.cpu;
}

OnGpu on_gpu(const Pc& pc, const PcModel& model, const PcQuestion& question, Tokens context,
             double share) {
  const Work prefill = prefill_work(pc, model, share, question.prompt);
  const Work decode = decode_work(pc, model, share, question);
  const Work load = load_work(model, {.share = share, .context = context, .loading = pc.pinned});
  return {.share = share,
          .bytes = gpu_memory_need(pc, model, share, context),
          .load = seconds(pc.pinned.per_load) + load.alone.count(),
          .run = (prefill.alone + decode.alone).count(),
          .cpu = cpu_seconds(prefill) + cpu_seconds(decode)};
}

Member member_of(const Pc& pc, std::size_t place, const PcQuestion& question,
                 const OptimumOptions& options) {
  const Tokens context = options.context;
  const PcModel& model = pc.models.at(place);
  const Work prefill = prefill_work(pc, model, 0, question.prompt);
  const Work decode = decode_work(pc, model, 0, question);
  Member member{.model = place,
                .gpu = {},
                .cpu_run = (prefill.alone + decode.alone).count(),
                .cpu_use = cpu_seconds(prefill) + cpu_seconds(decode)};
  const double fits = share_that_fits(pc, model, context, pc.gpu_memory);
  const double most = std::floor(fits * options.layers) / options.layers;
  if (most > 0) member.gpu.push_back(on_gpu(pc, model, question, context, most));
  for (const double share : quarters) {
    if (share < most) member.gpu.push_back(on_gpu(pc, model, question, context, share));
  }
  return member;
}

// The GPU's list so far, every stretch as long as alone.
class List {
 public:
  explicit List(const Pc& pc) : memory_(pc.gpu_memory), unload_(seconds(pc.pinned.per_unload)) {}

  void push(const OnGpu& next) {
    // The answers end in the list's order: the load begins once enough of them have.
    Bytes taken = next.bytes;
    double room = 0;
    for (std::size_t at = items_.size(); at-- > 0;) {
      taken += items_[at].bytes;
      if (taken <= memory_) continue;
      room = items_[at].end + unload_;
      break;
    }
    const double before = items_.empty() ? 0 : items_.back().loaded;
    const double loaded = std::max(before, room) + next.load;
    items_.push_back({next.bytes, loaded, std::max(loaded, end()) + next.run});
  }
  void pop() { items_.pop_back(); }
  double end() const { return items_.empty() ? 0 : items_.back().end; }

 private:
  struct Item {
    Bytes bytes{};
    double loaded = 0, end = 0;
  };
  Bytes memory_;
  double unload_;
  std::vector<Item> items_;
};

class Search {
 public:
  Search(const Pc& pc, const std::vector<std::size_t>& members, const PcQuestion& question,
         const OptimumOptions& options, bool bounded)
      : pc_(pc), question_(question), options_(options), bounded_(bounded), list_(pc) {
    ensure(!members.empty() && members.size() <= members_max, "1 to 7 members");
    for (const std::size_t place : members) {
      members_.push_back(member_of(pc, place, question, options));
    }
    // The CPU's list.
    std::ranges::sort(members_, {}, [](const Member& member) { return -member.cpu_run; });
    set_means();
    best_.makespan = best_.bound = Seconds(std::numeric_limits<double>::infinity());
  }

  Optimum run() {
    grow((std::uint32_t{1} << members_.size()) - 1, 0);
    best_.bound = std::min(best_.makespan, open_);
    return std::move(best_);
  }

 private:
  struct Next {
    double bound = 0;
    std::size_t member = 0;
    const OnGpu* way = nullptr;
  };

  // For every w and every set of members, what they add to the mean at least.
  void set_means() {
    for (std::size_t mean = 0; mean < means; ++mean) {
      const double w = static_cast<double>(mean) / (means - 1);
      auto& sums = least_[mean];
      sums.assign(std::size_t{1} << members_.size(), 0);
      for (std::size_t at = 0; at < members_.size(); ++at) {
        double least = (1 - w) * members_[at].cpu_use;
        for (const OnGpu& way : members_[at].gpu) {
          least = std::min(least, w * way.run + (1 - w) * way.cpu);
        }
        const std::size_t bit = std::size_t{1} << at;
        for (std::size_t set = 0; set < bit; ++set) sums[bit | set] = sums[set] + least;
      }
    }
  }

  // `rest`: a bit for each member that is not on the list.
  double bound_of(std::uint32_t rest, double cpu_used) const {
    double bound = 0;
    for (std::size_t mean = 0; mean < means; ++mean) {
      const double w = static_cast<double>(mean) / (means - 1);
      bound = std::max(bound, w * list_.end() + (1 - w) * cpu_used + least_[mean][rest]);
    }
    return bound;
  }

  bool hopeless(double bound) const { return bounded_ && bound >= best_.makespan.count(); }

  // Every way that begins with the list as it is.
  void grow(std::uint32_t rest, double cpu_used) {
    stop_here(rest, cpu_used);
    std::vector<Next> nexts;
    for (std::size_t at = 0; at < members_.size(); ++at) {
      if ((rest >> at & 1) == 0) continue;
      for (const OnGpu& way : members_[at].gpu) {
        list_.push(way);
        nexts.push_back({bound_of(rest & ~(1U << at), cpu_used + way.cpu), at, &way});
        list_.pop();
      }
    }
    std::ranges::sort(
        nexts, {}, [](const Next& next) { return std::tuple(next.bound, next.member, next.way); });
    for (const Next& next : nexts) {
      if (hopeless(next.bound)) return;
      if (best_.nodes >= options_.nodes_max) {
        open_ = std::min(open_, Seconds(next.bound));
        return;
      }
      ++best_.nodes;
      list_.push(*next.way);
      order_.gpu.push_back(members_[next.member].model);
      order_.shares.push_back(next.way->share);
      grow(rest & ~(1U << next.member), cpu_used + next.way->cpu);
      order_.shares.pop_back();
      order_.gpu.pop_back();
      list_.pop();
    }
  }

  // The rest on the CPU.
  void stop_here(std::uint32_t rest, double cpu_used) {
    double cpu_run = 0;
    PcOrder order = order_;
    for (std::size_t at = 0; at < members_.size(); ++at) {
      if ((rest >> at & 1) == 0) continue;
      cpu_run += members_[at].cpu_run;
      cpu_used += members_[at].cpu_use;
      order.cpu.push_back(members_[at].model);
    }
    if (hopeless(std::max({list_.end(), cpu_run, cpu_used}))) return;
    ++best_.plays;
    const Seconds makespan = run_ordered(pc_, order, question_, options_.context).makespan;
    if (makespan >= best_.makespan) return;
    best_.makespan = makespan;
    best_.order = std::move(order);
  }

  const Pc& pc_;
  const PcQuestion question_;
  const OptimumOptions options_;
  const bool bounded_;
  std::vector<Member> members_;
  std::array<std::vector<double>, means> least_;
  List list_;
  PcOrder order_;  // its list for the GPU
  Optimum best_;
  Seconds open_{std::numeric_limits<double>::infinity()};  // what was not looked at is no shorter
};

}  // namespace

Optimum find_optimum(const Pc& pc, const std::vector<std::size_t>& members,
                     const PcQuestion& question, const OptimumOptions& options) {
  return Search(pc, members, question, options, true).run();
}

Optimum try_every_way(const Pc& pc, const std::vector<std::size_t>& members,
                      const PcQuestion& question, const OptimumOptions& options) {
  return Search(pc, members, question, options, false).run();
}

}  // namespace kai
