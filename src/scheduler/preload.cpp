#include "scheduler/preload.h"

#include <algorithm>

namespace kai {

namespace {

bool fits(const PreloadCandidate& one, const Shelf& shelf, const PreloadOptions& options) {
  const auto share = Bytes(static_cast<std::int64_t>(static_cast<double>(shelf.capacity.count) *
                                                     std::clamp(options.memory_share, 0.0, 1.0)));
  return shelf.open && one.bytes <= shelf.free && shelf.ahead + one.bytes <= share;
}

}  // namespace

std::optional<std::size_t> next_preload(std::span<const PreloadCandidate> candidates,
                                        std::span<const Shelf> shelves, int loads,
                                        const PreloadOptions& options) {
  if (!options.on || loads >= options.loads_max) return std::nullopt;
  std::optional<std::size_t> best;
  for (std::size_t at = 0; at < candidates.size(); ++at) {
    const PreloadCandidate& one = candidates[at];
    if (!one.asked_last && one.worth < options.worth_min) continue;
    const auto shelf = std::ranges::find(shelves, one.device, &Shelf::device);
    if (shelf == shelves.end() || !fits(one, *shelf, options)) continue;
    if (one.asked_last) return at;
    if (!best || one.worth > candidates[*best].worth) best = at;
  }
  return best;
}

}  // namespace kai
