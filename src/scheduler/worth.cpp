#include "scheduler/worth.h"

#include <algorithm>
#include <cmath>

namespace kai {

namespace {

constexpr double half_life = 32;          // asks
constexpr double forgotten = 1.0 / 1024;  // of one ask: ten half-lives

}  // namespace

double Worth::faded(const Uses& uses) const {
  return uses.count * std::exp2(-static_cast<double>(now_ - uses.at) / half_life);
}

void Worth::used(const ModelId& model) {
  ++now_;
  std::erase_if(uses_, [&](const auto& entry) {
    return entry.first != model && now_ - entry.second.at > static_cast<std::uint64_t>(half_life) &&
           faded(entry.second) < forgotten;
  });
  Uses& uses = uses_[model];
  uses.count = faded(uses) + 1;
  uses.at = now_;
}

void Worth::loaded(const ModelId& model, Duration load) {
  const auto found = uses_.try_emplace(model, Uses{0, now_, {}}).first;
  found->second.load = load;
}

double Worth::of(const ModelId& model, Bytes bytes) const {
  const auto found = uses_.find(model);
  if (found == uses_.end()) return 0;
  const Duration load = std::max<Duration>(found->second.load, std::chrono::milliseconds(1));
  return faded(found->second) * seconds(load) /
         static_cast<double>(std::max<std::int64_t>(bytes.count, 1));
}

}  // namespace kai
