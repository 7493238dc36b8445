// The tables of what was measured over time.
#include "store/statements.h"
#include "store/tables.h"
#include "wire/metrics_documents.h"

namespace kai {

namespace {

constexpr int rollup_rows_max = 8640;  // of each step: 24 hours of 10 s, 30 days of 5 minutes
constexpr int annotations_max = 500;
constexpr int forgotten_max = 200;  // rows at once: no write takes long

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

void put_rollup(Database& database, const Rollup& rollup) {
  const std::int64_t step = whole_seconds(rollup.step);
  const std::int64_t at = whole_seconds(rollup.at.time_since_epoch());
  execute(database, "INSERT OR REPLACE INTO metric_rollups VALUES (?, ?, ?)", step, at,
          wire::encode_values(rollup.values));
  // What lies in the future was written by a clock that has been set back since.
  execute(database, "DELETE FROM metric_rollups WHERE step_s = ?1 AND at_s > ?2", step, at);
  execute(database,
          "DELETE FROM metric_rollups WHERE step_s = ?1 AND at_s IN (SELECT at_s FROM "
          "metric_rollups WHERE step_s = ?1 AND at_s <= ?2 - ?1 * ?3 ORDER BY at_s LIMIT ?4)",
          step, at, rollup_rows_max, forgotten_max);
}

void put_annotation(Database& database, const Annotation& annotation) {
  execute(database, "INSERT INTO annotations (at_ns, kind, text) VALUES (?, ?, ?)",
          std::int64_t{annotation.at.time_since_epoch().count()}, annotation.kind, annotation.text);
  execute(database, "DELETE FROM annotations WHERE seq <= (SELECT max(seq) FROM annotations) - ?",
          annotations_max);
}

std::vector<Rollup> rollups(Database& database) {
  auto rows = all_rows(
      database, "SELECT step_s, at_s, document FROM metric_rollups ORDER BY step_s, at_s",
      [](SQLite::Statement& row) {
        Rollup rollup;
        rollup.step = std::chrono::seconds(row.getColumn(0).getInt64());
        rollup.at = WallTime(std::chrono::seconds(row.getColumn(1).getInt64()));
        rollup.values =
            wire::decode_values(row.getColumn(2).getString()).value_or(decltype(Rollup::values)());
        return rollup;
      });
  std::erase_if(rows, [](const Rollup& rollup) { return rollup.values.empty(); });
  return rows;
}

std::vector<Annotation> annotations(Database& database) {
  return all_rows(database, "SELECT at_ns, kind, text FROM annotations ORDER BY seq",
                  [](SQLite::Statement& row) {
                    return Annotation{WallTime(Duration(row.getColumn(0).getInt64())),
                                      row.getColumn(1).getString(), row.getColumn(2).getString()};
                  });
}

}  // namespace kai
