#include "sim/naive.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "base/ensure.h"

namespace kai {

namespace {

class Naive {
 public:
  Naive(const Pc& pc, const std::vector<std::size_t>& members,
        const std::vector<PcQuestion>& questions, const NaiveOptions& options)
      : pc_(pc), options_(options), machine_(pc), members_(members), questions_(questions) {
    for (const std::size_t member : members) {
      if (held(pc.models[member])) {
        waiting_.push_back(member);
      } else {
        refused_.push_back(pc.models[member].name);
      }
    }
  }

  PcRun run() {
    if (refused_.size() == members_.size()) return {.refused = refused_};
    while (answered_.size() + gone_ + refused_.size() < members_.size()) {
      decide();
      ensure(machine_.advance(), "a model that waits gets its turn");
      note();
    }
    PcRun run = run_of(machine_);
    run.refused = std::move(refused_);
    return run;
  }

 private:
  bool fits(const PcModel& model) const {
    return gpu_memory_need(pc_, model, 1, options_.context) <= pc_.gpu_memory;
  }
  // Rule 3: what of it the GPU does not hold is in the PC's memory.
  bool held(const PcModel& model) const {
    if (fits(model)) return true;
    const double share = share_that_fits(pc_, model, options_.context, pc_.gpu_memory);
    const double all = static_cast<double>(model.file.count) +
                       static_cast<double>(model.kv_per_token.count * options_.context.count);
    return (1 - share) * all <= static_cast<double>(pc_.memory.count);
  }

  // Rules 3 and 4 for the first that waits, unless something comes or goes already.
  void decide() {
    if (waiting_.empty() || moving()) return;
    const std::size_t next = waiting_.front();
    const PcModel& model = pc_.models[next];
    const bool whole = fits(model);
    const bool room = whole
                          ? gpu_memory_need(pc_, model, 1, options_.context) <= machine_.gpu_free()
                          : loaded() == 0;
    if (room && loaded() < options_.loaded_max) {
      const double share =
          whole ? 1 : share_that_fits(pc_, model, options_.context, machine_.gpu_free());
      machine_.load(next, {.share = share,
                           .context = options_.context,
                           .loading = options_.loading.value_or(pc_.naive)});
      waiting_.pop_front();
    } else if (!answered_.empty()) {
      machine_.unload(answered_.front());
      answered_.pop_front();
      ++gone_;
    }
  }

  // Rule 5; and who has answered.
  void note() {
    for (std::size_t at = 0; at < members_.size(); ++at) {
      const std::size_t model = members_[at];
      if (machine_.stage(model) != PcStage::ready) continue;
      if (!machine_.answered(model)) {
        machine_.ask(model, questions_[at]);
      } else if (std::ranges::find(answered_, model) == answered_.end()) {
        answered_.push_back(model);
      }
    }
  }

  bool moving() const {
    return std::ranges::any_of(members_, [&](std::size_t model) {
      return machine_.stage(model) == PcStage::loading ||
             machine_.stage(model) == PcStage::unloading;
    });
  }

  int loaded() const {
    return static_cast<int>(std::ranges::count_if(
        members_, [&](std::size_t model) { return machine_.stage(model) != PcStage::absent; }));
  }

  const Pc& pc_;
  const NaiveOptions& options_;
  PcMachine machine_;
  const std::vector<std::size_t>& members_;
  const std::vector<PcQuestion>& questions_;  // one a member
  std::deque<std::size_t> waiting_;
  std::deque<std::size_t> answered_;  // and still loaded
  std::size_t gone_ = 0;              // answered, unloaded
  std::vector<std::string> refused_;  // names
};

}  // namespace

Result<std::vector<std::size_t>> find_models(const Pc& pc, const std::vector<std::string>& names) {
  std::vector<std::size_t> found;
  for (const auto& name : names) {
    const auto at = std::ranges::find(pc.models, name, &PcModel::name);
    if (at == pc.models.end()) {
      return fail(ErrorCode::not_found, fmt::format("the PC has no model \"{}\"", name));
    }
    found.push_back(static_cast<std::size_t>(at - pc.models.begin()));
  }
  return found;
}

PcRun run_naive(const Pc& pc, const std::vector<std::size_t>& members, const PcQuestion& question,
                const NaiveOptions& options) {
  return run_naive_each(pc, members, std::vector(members.size(), question), options);
}

PcRun run_naive_each(const Pc& pc, const std::vector<std::size_t>& members,
                     const std::vector<PcQuestion>& questions, const NaiveOptions& options) {
  ensure(!members.empty() && options.loaded_max >= 1, "somebody is asked");
  ensure(questions.size() == members.size(), "a question for each member");
  for (const auto& question : questions) {
    ensure(question.prompt + question.answer <= options.context, "the context holds the question");
  }
  return Naive(pc, members, questions, options).run();
}

Seconds bound(const Pc& pc, const std::vector<std::size_t>& members, const PcQuestion& question) {
  // Alone on the GPU, a model's decoding is its bytes over the GPU's bandwidth and fixed times.
  double bytes = 0;
  for (const std::size_t model : members) {
    const Work work = decode_work(pc, pc.models[model], 1, question);
    bytes += work.alone.count() * work.use.gpu * pc.gpu.bandwidth;
  }
  return Seconds(bytes / (pc.gpu.bandwidth + pc.cpu.bandwidth));
}

}  // namespace kai
