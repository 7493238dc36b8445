#include "store/tables.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "store/process.h"
#include "store/statements.h"
#include "wire/inspection.h"
#include "wire/recorded.h"

namespace kai {

namespace {

// The one question whose id begins with `id`. Errors: not_found.
Result<std::string> whole_id(Database& database, const std::string& id) {
  SQLite::Statement exact(database, "SELECT id FROM questions WHERE id = ?");
  exact.bind(1, id);
  if (exact.executeStep()) return id;

  // Everything that begins with `id` sorts between it and it followed by the last character.
  SQLite::Statement similar(database,
                            "SELECT id FROM questions WHERE id >= ?1 AND "
                            "id < ?1 || char(0x10FFFF) ORDER BY id LIMIT 4");
  similar.bind(1, id);
  std::vector<std::string> ids;
  while (!id.empty() && similar.executeStep()) ids.push_back(similar.getColumn(0).getString());
  if (ids.size() == 1) return ids.front();
  if (ids.empty()) {
    return fail(ErrorCode::not_found,
                fmt::format("no question \"{}\" is kept; `kai logs` lists those that are", id));
  }
  const bool more = ids.size() == 4;
  if (more) ids.pop_back();
  return fail(ErrorCode::not_found,
              fmt::format("several questions begin with \"{}\": {}{}; give more of the id", id,
                          fmt::join(ids, ", "), more ? " and more" : ""));
}

}  // namespace

void probe(Database& database) {
  history(database, 1);
  search(database, {.text = "kai", .rows_max = 1});
  cards(database);
  inspected(database);
  speeds(database);
  deaths(database);
  learned(database);
  annotations(database);
  database.execAndGet("SELECT count(*) FROM (SELECT document FROM metric_rollups LIMIT 1)");
}

void mark_interrupted(Database& database) {
  std::vector<std::string> gone;
  SQLite::Statement owners(database, "SELECT DISTINCT owner FROM questions WHERE ending = 'begun'");
  while (owners.executeStep()) {
    std::string owner = owners.getColumn(0).getString();
    if (!process_lives(owner)) gone.push_back(std::move(owner));
  }
  owners.reset();
  for (const auto& owner : gone) {
    execute(database,
            "UPDATE questions SET ending = 'interrupted', document = json_set(document, "
            "'$.error.code', 'interrupted', '$.error.message', ?) "
            "WHERE ending = 'begun' AND owner = ?",
            "kai was stopped while it answered this question; ask it again", owner);
  }
}

void put_question(Database& database, const QuestionRow& question) {
  const HistoryRow& row = question.row;
  execute(database,
          "INSERT INTO questions (id, asked_ns, ending, owner, tier, voters, agreeing, "
          "latency_ns, question, answer, document, shape, confidence) VALUES (?1, ?2, ?3, ?4, ?5, "
          "?6, ?7, ?8, "
          "?9, ?10, CASE ?3 WHEN 'begun' THEN json_set(?11, '$.error.code', 'begun') ELSE ?11 END, "
          "?12, nullif(?13, -1.0)) "
          "ON CONFLICT (id) DO UPDATE SET asked_ns = excluded.asked_ns, "
          "ending = excluded.ending, owner = excluded.owner, tier = excluded.tier, "
          "voters = excluded.voters, agreeing = excluded.agreeing, "
          "latency_ns = excluded.latency_ns, question = excluded.question, "
          "answer = excluded.answer, document = excluded.document, shape = excluded.shape, "
          "confidence = excluded.confidence",
          row.id.text, std::int64_t{row.asked.time_since_epoch().count()}, row.ending,
          question.owner, std::string(to_string(row.tier)), row.voters, row.agreeing,
          std::int64_t{row.latency.count()}, row.question, row.answer, question.document,
          std::string(to_string(question.shape)), row.confidence.value_or(-1.0));
  for (const auto& model : question.models) {
    execute(database,
            "INSERT OR IGNORE INTO question_models SELECT seq, ?2 FROM questions WHERE id = ?1",
            row.id.text, model.text);
  }
}

void read_new(Database& database) {
  execute(database,
          "INSERT INTO questions_text (rowid, question, answer) SELECT seq, question, answer "
          "FROM questions WHERE seq IN (SELECT seq FROM questions_unread)");
  execute(database, "DELETE FROM questions_unread");
}

void prune(Database& database, int history_max) {
  execute(database,
          "DELETE FROM questions WHERE seq <= (SELECT max(seq) FROM questions) - ? "
          "AND seq < (SELECT min(seq) FROM questions) + 500",
          history_max);
}

void put_card(Database& database, const CostCard& card) {
  execute(database, "INSERT OR REPLACE INTO cost_cards VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          card.model.text, card.device.text, card.weights.count, card.kv_per_token.count,
          card.buffers.count, std::int64_t{card.load.count()}, card.prefill_rate, card.decode_rate,
          card.measured, card.spread);
  forget_oldest(database, "cost_cards");
}

void put_inspected(Database& database, const InspectedFile& file) {
  execute(database, "INSERT OR REPLACE INTO inspected_files VALUES (?, ?, ?, ?, ?)", file.path,
          file.size, file.mtime_ns, file.refused, wire::encode_facts(file.facts));
  forget_oldest(database, "inspected_files");
}

Result<std::string> document_of(Database& database, const std::string& id) {
  const auto whole = whole_id(database, id);
  if (!whole) return std::unexpected(whole.error());
  SQLite::Statement row(database, "SELECT document, feedback FROM questions WHERE id = ?");
  row.bind(1, *whole);
  row.executeStep();
  std::string document = row.getColumn(0).getString();
  const auto feedback = wire::decode_feedback(row.getColumn(1).getString());
  return feedback ? wire::with_feedback(std::move(document), *feedback) : document;
}

Result<QueryId> put_feedback(Database& database, const std::string& id, const Feedback& feedback) {
  const auto whole = whole_id(database, id);
  if (!whole) return std::unexpected(whole.error());
  SQLite::Statement update(database,
                           "UPDATE questions SET feedback = ? WHERE id = ? AND "
                           "ending = 'answered'");
  update.bind(1, wire::encode_feedback(feedback));
  update.bind(2, *whole);
  if (update.exec() == 0) {
    return fail(ErrorCode::invalid_request,
                fmt::format("{} has no answer that could be good or bad; `kai logs {}` tells why",
                            *whole, *whole));
  }
  return QueryId(*whole);
}

void put_learned(Database& database, Shape shape, const std::string& document) {
  execute(database, "INSERT OR REPLACE INTO learned VALUES (?, ?)", std::string(to_string(shape)),
          document);
}

int forget_feedback(Database& database) {
  SQLite::Transaction transaction(database);
  const int forgotten = database.exec("UPDATE questions SET feedback = '' WHERE feedback <> ''");
  database.exec("DELETE FROM learned");
  transaction.commit();
  return forgotten;
}

std::vector<Lesson> lessons(Database& database, Shape shape, const LessonRows& limits) {
  SQLite::Statement rows(database,
                         "SELECT document, feedback FROM questions WHERE shape = ? AND "
                         "ending = 'answered' ORDER BY seq DESC LIMIT ?");
  rows.bind(1, std::string(to_string(shape)));
  rows.bind(2, std::max(limits.rows_max, 0));
  std::vector<Lesson> found;
  int unlabelled = 0;
  while (rows.executeStep()) {
    const std::string said = rows.getColumn(1).getString();
    if (said.empty() && ++unlabelled > limits.unlabelled_max) continue;
    auto recorded = wire::decode_recorded(rows.getColumn(0).getString());
    if (!recorded) continue;
    Lesson lesson{*std::move(recorded), std::nullopt};
    if (auto feedback = wire::decode_feedback(said)) lesson.feedback = *std::move(feedback);
    found.push_back(std::move(lesson));
  }
  return found;
}

int answered_since(Database& database, Shape shape, const QueryId& id) {
  SQLite::Statement count(database,
                          "SELECT count(*) FROM questions WHERE shape = ?1 AND "
                          "ending = 'answered' AND "
                          "seq > coalesce((SELECT seq FROM questions WHERE id = ?2), -1)");
  count.bind(1, std::string(to_string(shape)));
  count.bind(2, id.text);
  count.executeStep();
  return count.getColumn(0).getInt();
}

std::map<Shape, std::string> learned(Database& database) {
  SQLite::Statement rows(database, "SELECT shape, document FROM learned");
  std::map<Shape, std::string> found;
  while (rows.executeStep()) {
    const auto shape = shape_named(rows.getColumn(0).getString());
    if (shape) found[*shape] = rows.getColumn(1).getString();
  }
  return found;
}

std::vector<CostCard> cards(Database& database) {
  return all_rows(database,
                  "SELECT model, device, weights, kv_per_token, buffers, load_ns, prefill_rate, "
                  "decode_rate, measured, spread FROM cost_cards ORDER BY model, device",
                  [](SQLite::Statement& row) {
                    CostCard card;
                    card.model = ModelId(row.getColumn(0).getString());
                    card.device = DeviceId(row.getColumn(1).getString());
                    card.weights = Bytes(row.getColumn(2).getInt64());
                    card.kv_per_token = Bytes(row.getColumn(3).getInt64());
                    card.buffers = Bytes(row.getColumn(4).getInt64());
                    card.load = Duration(row.getColumn(5).getInt64());
                    card.prefill_rate = row.getColumn(6).getDouble();
                    card.decode_rate = row.getColumn(7).getDouble();
                    card.measured = row.getColumn(8).getInt();
                    card.spread = row.getColumn(9).getDouble();
                    return card;
                  });
}

std::vector<InspectedFile> inspected(Database& database) {
  SQLite::Statement rows(database,
                         "SELECT path, size, mtime_ns, refused, facts FROM inspected_files "
                         "ORDER BY path");
  std::vector<InspectedFile> found;
  while (rows.executeStep()) {
    auto facts = wire::decode_facts(rows.getColumn(4).getString());
    if (!facts) continue;  // as if never inspected: it will be again, and written anew
    InspectedFile file;
    file.path = rows.getColumn(0).getString();
    file.size = rows.getColumn(1).getInt64();
    file.mtime_ns = rows.getColumn(2).getInt64();
    file.refused = rows.getColumn(3).getString();
    file.facts = *std::move(facts);
    found.push_back(std::move(file));
  }
  return found;
}

}  // namespace kai
