#include "scheduler/batching.h"

#include <algorithm>

namespace kai {

Claim widened(const Claim& claim, std::span<const Claim> waiting, const CostCard& card,
              Bytes free) {
  if (claim.share < 1 || claim.rest) return claim;
  std::vector<Claim> alike;
  for (const Claim& one : waiting) {
    if (one.share == 1 && !one.rest) alike.push_back(one);
  }
  // Those of short questions first: they make the context of all no longer.
  std::ranges::sort(alike, {}, [](const Claim& one) { return one.context; });
  Claim best = claim;
  for (std::size_t count = 1; count <= std::min<std::size_t>(alike.size(), batch_max); ++count) {
    Claim wider = claim;
    wider.context = std::max(claim.context, alike[count - 1].context);
    wider.sequences = std::max(claim.sequences, static_cast<int>(count));
    wider.bytes = std::max(claim.bytes, memory_need(card, wider.context, wider.sequences));
    if (wider.bytes - claim.bytes > free) break;
    best = wider;
  }
  return best;
}

}  // namespace kai
