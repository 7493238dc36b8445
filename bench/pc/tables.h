// tables: what kai-bench-pc prints, each table with the rows that it compares.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bench/pc/cast.h"
#include "bench/rows.h"
#include "domain/pc.h"
#include "sim/ordered.h"
#include "sim/pc_world.h"

namespace kai::bench {

// A known run, with the places of its models in pc.models.
struct KnownRun {
  const PcKnown* known = nullptr;
  std::vector<std::size_t> members;
};

// The best order there is of these models, by the same formulas.
PcRun best_run(const Pc& pc, const std::vector<std::size_t>& members, Splitting splitting,
               const PcQuestion& question = {});

// kai asks all of them, splits allowed, and hears them to their end.
struct KaiRun {
  double makespan = 0, predicted = 0;  // seconds
  double gpu_busy = 0, cpu_busy = 0;   // 0..1
  double gpu_peak = 0;                 // GB
  std::size_t complete = 0;            // members that were asked and wrote their answer to its end
  PcPlayed played;
};
KaiRun kai_run(const Pc& pc, const std::vector<std::size_t>& members,
               const PcQuestion& question = {});
constexpr double best_ratio_max = 1.03;  // of kai to the best plan known

// The original way and the best order, held against what is known of them.
std::vector<Row> known_table(const Pc& pc, const std::vector<KnownRun>& runs);
// kai itself, every model asked and heard to its end, held against both.
std::vector<Row> kai_table(const Pc& pc, const std::vector<KnownRun>& runs);
// The same with answers of 128 tokens.
std::vector<Row> short_table(const Pc& pc, const std::vector<KnownRun>& runs);
// What each step from the original way to the best order brings, where it is known, and kai.
std::vector<Row> steps_table(const Pc& pc, const std::vector<KnownRun>& runs);
// kai on fleets by chance against the shortest way there is: `fleets` of 2 to 5 models, a tenth as
// many of 6 and 7.
std::vector<Row> fleets_table(const Pc& pc, int fleets);
// Questions by chance, faults, and another program on the GPU: what must never be.
std::vector<Row> storm_table(const Pc& pc, int questions);
// Recorded questions, each at every tier: how long kai takes, from cold and one after the other,
// against the original way.
std::vector<Row> tiers_table(const Pc& pc, const std::vector<std::size_t>& members,
                             const std::vector<CastQuestion>& questions);
// The same questions at rising rates, against one at a time.
std::vector<Row> stream_table(const Pc& pc, const std::vector<std::size_t>& members,
                              const std::vector<CastQuestion>& questions);
// The report of kai's own command (report/page.h), with recorded answers: performance-recorded.md
// and its pictures into `folder`. `each` of every panel, each at every tier. Errors: storage.
Result<> write_recorded_report(const Pc& pc, const std::vector<std::size_t>& members,
                               const std::vector<PanelCast>& casts, std::size_t each,
                               const std::string& folder);
// What happens when: in the original way, and in kai's.
void print_traces(const Pc& pc, const KnownRun& run);

}  // namespace kai::bench
