// schema: the tables of the database, and how an older one becomes one of today.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <array>

#include "store/database.h"
#include "store/tables.h"

namespace kai {

namespace {

// Step N takes version N to N+1. A step that was released is never changed.
// Rows are ordered by `seq`, the order of arrival: a clock that was set back does not disturb it.
// Documents come last in their row, so that listing does not read them.
constexpr std::array steps = {
    R"(
CREATE TABLE questions (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  asked_ns INTEGER NOT NULL,      -- since 1970, UTC
  ending TEXT NOT NULL,           -- answered, begun, interrupted or an error's code
  owner TEXT NOT NULL,            -- the process that began it
  tier TEXT NOT NULL,
  voters INTEGER NOT NULL,
  agreeing INTEGER NOT NULL,
  latency_ns INTEGER NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,           -- empty: none
  document TEXT NOT NULL          -- JSON, docs/answer.schema.json
);
CREATE INDEX questions_begun ON questions (owner) WHERE ending = 'begun';
CREATE TABLE cost_cards (
  model TEXT NOT NULL,
  device TEXT NOT NULL,
  weights INTEGER NOT NULL,       -- bytes
  kv_per_token INTEGER NOT NULL,  -- bytes
  buffers INTEGER NOT NULL,       -- bytes
  load_ns INTEGER NOT NULL,
  prefill_rate REAL NOT NULL,     -- tokens/s
  decode_rate REAL NOT NULL,      -- tokens/s
  measured INTEGER NOT NULL,      -- questions behind the figures
  PRIMARY KEY (model, device)
);
CREATE TABLE inspected_files (
  path TEXT NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  refused TEXT NOT NULL,          -- empty: it can be loaded
  facts TEXT NOT NULL             -- JSON
);
)",
    R"(
ALTER TABLE questions ADD COLUMN shape TEXT NOT NULL DEFAULT '';     -- choice, number, …
ALTER TABLE questions ADD COLUMN feedback TEXT NOT NULL DEFAULT '';  -- JSON; empty: none
UPDATE questions SET shape = coalesce(json_extract(document, '$.verdict.shape'), '');
CREATE INDEX questions_answered ON questions (shape, seq) WHERE ending = 'answered';
CREATE TABLE learned (
  shape TEXT NOT NULL PRIMARY KEY,
  document TEXT NOT NULL          -- JSON
);
)",
    R"(
ALTER TABLE cost_cards ADD COLUMN spread REAL NOT NULL DEFAULT 0.3;  -- share of the times
)",
    R"(
CREATE TABLE device_speeds (
  device TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  lanes INTEGER NOT NULL,
  threads INTEGER NOT NULL,       -- of a lane
  lane_read REAL NOT NULL,        -- bytes/s
  all_read REAL NOT NULL,         -- bytes/s
  lane_flops REAL NOT NULL        -- FLOP/s
);
)",
    R"(
CREATE TABLE deaths (
  model TEXT NOT NULL,
  device TEXT NOT NULL,
  in_a_row INTEGER NOT NULL,
  last_ns INTEGER NOT NULL,       -- since 1970, UTC
  why TEXT NOT NULL,
  PRIMARY KEY (model, device)
);
)",
    R"(
CREATE VIRTUAL TABLE questions_text USING fts5 (
  question, answer, content = 'questions', content_rowid = 'seq',
  tokenize = "unicode61 remove_diacritics 2"
);
CREATE TABLE question_models (    -- who was asked
  seq INTEGER NOT NULL,           -- of the question
  model TEXT NOT NULL,
  PRIMARY KEY (seq, model)
) WITHOUT ROWID;
CREATE INDEX question_models_model ON question_models (model, seq);
CREATE TRIGGER questions_come AFTER INSERT ON questions BEGIN
  INSERT INTO questions_text (rowid, question, answer) VALUES (new.seq, new.question, new.answer);
  INSERT OR IGNORE INTO question_models SELECT new.seq, value FROM json_each(
    CASE WHEN json_valid(new.document) THEN new.document ELSE '{}' END, '$.models_asked');
END;
CREATE TRIGGER questions_go AFTER DELETE ON questions BEGIN
  INSERT INTO questions_text (questions_text, rowid, question, answer)
    VALUES ('delete', old.seq, old.question, old.answer);
  DELETE FROM question_models WHERE seq = old.seq;
END;
CREATE TRIGGER questions_change AFTER UPDATE OF question, answer ON questions BEGIN
  INSERT INTO questions_text (questions_text, rowid, question, answer)
    VALUES ('delete', old.seq, old.question, old.answer);
  INSERT INTO questions_text (rowid, question, answer) VALUES (new.seq, new.question, new.answer);
  DELETE FROM question_models WHERE seq = new.seq;
  INSERT INTO question_models SELECT DISTINCT new.seq, value FROM json_each(
    CASE WHEN json_valid(new.document) THEN new.document ELSE '{}' END, '$.models_asked');
END;
INSERT INTO questions_text (questions_text) VALUES ('rebuild');
INSERT OR IGNORE INTO question_models SELECT questions.seq, asked.value
  FROM questions, json_each(CASE WHEN json_valid(questions.document) THEN questions.document
                                 ELSE '{}' END, '$.models_asked') AS asked;
)",
    R"(
CREATE TABLE metric_rollups (
  step_s INTEGER NOT NULL,
  at_s INTEGER NOT NULL,          -- where the stretch begins, since 1970, UTC
  document TEXT NOT NULL,         -- JSON: the values by series
  PRIMARY KEY (step_s, at_s)
) WITHOUT ROWID;
CREATE TABLE annotations (
  seq INTEGER PRIMARY KEY,
  at_ns INTEGER NOT NULL,         -- since 1970, UTC
  kind TEXT NOT NULL,
  text TEXT NOT NULL
);
)",
    R"(
ALTER TABLE questions ADD COLUMN confidence REAL;  -- 0..1; NULL: not calibrated
UPDATE questions SET confidence = json_extract(document, '$.confidence')
  WHERE ending = 'answered' AND json_valid(document);
CREATE INDEX questions_confidence ON questions (confidence) WHERE confidence IS NOT NULL;
DROP TABLE questions_text;        -- beginnings of words are found without looking at all of them
CREATE VIRTUAL TABLE questions_text USING fts5 (
  question, answer, content = 'questions', content_rowid = 'seq',
  tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);
INSERT INTO questions_text (questions_text) VALUES ('rebuild');
)",
    // Read into the text index a batch at a time: FTS5 writes a segment whenever a statement that
    // may be undone ends, so that a trigger on each question cost a quarter of keeping it. Who was
    // asked is put by put_question(), which knows it without reading the document.
    R"(
CREATE TABLE questions_unread (seq INTEGER PRIMARY KEY);
DROP TRIGGER questions_come;
DROP TRIGGER questions_go;
DROP TRIGGER questions_change;
CREATE TRIGGER questions_come AFTER INSERT ON questions BEGIN
  INSERT INTO questions_unread VALUES (new.seq);
END;
CREATE TRIGGER questions_go AFTER DELETE ON questions BEGIN
  INSERT INTO questions_text (questions_text, rowid, question, answer)
    SELECT 'delete', old.seq, old.question, old.answer
    WHERE old.seq NOT IN (SELECT seq FROM questions_unread);
  DELETE FROM questions_unread WHERE seq = old.seq;
  DELETE FROM question_models WHERE seq = old.seq;
END;
CREATE TRIGGER questions_change AFTER UPDATE OF question, answer ON questions BEGIN
  INSERT INTO questions_text (questions_text, rowid, question, answer)
    SELECT 'delete', old.seq, old.question, old.answer
    WHERE old.seq NOT IN (SELECT seq FROM questions_unread);
  INSERT OR IGNORE INTO questions_unread VALUES (new.seq);
  DELETE FROM question_models WHERE seq = new.seq;
END;
)"};

}  // namespace

int schema_version() {
  return static_cast<int>(steps.size());
}

int schema_version_of(Database& database) {
  return database.execAndGet("PRAGMA user_version").getInt();
}

void migrate(Database& database) {
  if (schema_version_of(database) == schema_version()) return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (int version = schema_version_of(database); version < schema_version(); ++version) {
    database.exec(steps.at(static_cast<std::size_t>(version)));
  }
  database.exec(fmt::format("PRAGMA user_version = {}", schema_version()));
  transaction.commit();
}

}  // namespace kai
