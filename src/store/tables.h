// tables: every SQL statement of kai, over a database that is open. All functions throw
// SQLite::Exception, which stays inside this folder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/model.h"
#include "store/database.h"
#include "store/store.h"

namespace kai {

// The schema this version reads and writes: the number of steps in tables.cpp.
int schema_version();
int schema_version_of(Database& database);
// Takes the tables from whatever older version to this one, all or nothing.
void migrate(Database& database);

// Reads a little of every table, so that damage shows at once rather than later.
void probe(Database& database);
// Questions begun by processes that no longer live become "interrupted".
void mark_interrupted(Database& database);

// A question as one row: what history() lists, and the document.
struct QuestionRow {
  HistoryRow row;
  Shape shape = Shape::open;
  std::string document;           // JSON
  std::string owner;              // this_process() of who began it
  std::vector<ModelId> models{};  // that were asked
};

// Inserts, or replaces the question of the same id. "begun" as the ending also marks the document.
void put_question(Database& database, const QuestionRow& question);
// Puts what was inserted or changed since into the text index. At the end of each transaction that
// writes questions: else they are not found.
void read_new(Database& database);
// Removes the oldest questions beyond `history_max`, at most 500 of them: no write takes long, and
// yet a transaction brings fewer.
void prune(Database& database, int history_max);
void put_card(Database& database, const CostCard& card);
void put_inspected(Database& database, const InspectedFile& file);
void put_speed(Database& database, const Device& device);  // which has a speed
void put_deaths(Database& database, const Deaths& deaths);

void put_rollup(Database& database, const Rollup& rollup);
void put_annotation(Database& database, const Annotation& annotation);

void put_learned(Database& database, Shape shape, const std::string& document);
Result<QueryId> put_feedback(Database& database, const std::string& id, const Feedback& feedback);
int forget_feedback(Database& database);

std::vector<HistoryRow> history(Database& database, int rows_max);
HistoryPage search(Database& database, const HistorySearch& what);
Result<std::string> document_of(Database& database, const std::string& id);
std::vector<Lesson> lessons(Database& database, Shape shape, const LessonRows& limits);
int answered_since(Database& database, Shape shape, const QueryId& id);
std::map<Shape, std::string> learned(Database& database);
std::vector<CostCard> cards(Database& database);
std::vector<InspectedFile> inspected(Database& database);
std::vector<Device> speeds(Database& database);
std::vector<Deaths> deaths(Database& database);
std::vector<Rollup> rollups(Database& database);
std::vector<Annotation> annotations(Database& database);

}  // namespace kai
