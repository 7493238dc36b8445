#include "scheduler/backlog.h"

#include <algorithm>
#include <cstddef>

namespace kai {

namespace {

// Asks of one model that run together, and when they end.
struct Batch {
  ModelId model;
  int free = 0;  // sequences
  std::size_t turn = 0;
  Duration begin{};
};

}  // namespace

void add_backlog(DeviceRoom& room, int turns, std::span<const AtWork> at_work,
                 std::span<const Ahead> ahead) {
  std::vector<TakenTurn> taken;
  for (const auto& one : at_work) taken.push_back({one.left, one.bytes});
  const auto count = std::max<std::size_t>({1, static_cast<std::size_t>(turns), taken.size()});
  taken.resize(count);
  Duration loader{};
  std::vector<Batch> batches;
  for (const auto& one : ahead) {
    const auto joined = std::ranges::find_if(
        batches, [&](const Batch& batch) { return batch.model == one.model && batch.free > 0; });
    if (joined != batches.end()) {
      --joined->free;
      TakenTurn& turn = taken[joined->turn];
      turn.until = std::max(turn.until, joined->begin + one.run);
      continue;
    }
    const bool loaded = std::ranges::find(batches, one.model, &Batch::model) != batches.end();
    if (!loaded) loader += one.load;
    const auto turn = std::ranges::min_element(taken, {}, &TakenTurn::until);
    const Duration begin =
        one.load > Duration{} && !loaded ? std::max(turn->until, loader) : turn->until;
    turn->until = begin + one.run;
    turn->bytes = std::max(turn->bytes, one.bytes);
    batches.push_back(
        {one.model, one.sequences - 1, static_cast<std::size_t>(turn - taken.begin()), begin});
  }
  std::erase_if(taken, [](const TakenTurn& turn) { return turn.until <= Duration{}; });
  room.taken = std::move(taken);
  room.loads_until = loader;
}

}  // namespace kai
