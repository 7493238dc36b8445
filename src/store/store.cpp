#include "store/store.h"

#include <fmt/format.h>

#include <utility>

#include "store/database_thread.h"
#include "store/process.h"
#include "store/tables.h"
#include "wire/documents.h"

namespace kai {

namespace {

constexpr Duration feedback_max = std::chrono::seconds(10);

Result<QueryId> put_safely(Database& database, const std::string& id, const Feedback& feedback) {
  auto put = put_feedback(database, id, feedback);
  if (put && !DatabaseThread::sync(database).value_or(false)) {
    return fail(ErrorCode::storage,
                "the feedback was written, but the disk does not say that "
                "it is safe; look with `kai logs` and say it again");
  }
  return put;
}

// What an outcome holds on to, but for names and numbers of many kinds.
std::size_t bytes_of(const Outcome& outcome) {
  std::size_t bytes = sizeof outcome + outcome.query.json_form.size();
  for (const auto& message : outcome.query.messages) bytes += sizeof message + message.text.size();
  for (const auto& plan : outcome.plans) {
    bytes += sizeof plan + plan.asks.size() * sizeof(Ask);
    for (const auto& ask : plan.asks) bytes += ask.sampling.form.size();
  }
  for (const auto& answer : outcome.answers) {
    bytes += sizeof answer + 2 * answer.text.size();  // its words may stand in the verdict, too
  }
  return bytes;
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const StoreOptions& options)
      : database_(options.folder, {options.queue_max, options.queue_bytes_max},
                  [history_max = options.history_max](Database& database) {
                    prune(database, history_max);
                    read_new(database);
                  }) {}

  std::string fault() const override { return database_.fault(); }
  std::string notice() const override { return database_.notice(); }
  std::int64_t dropped() const override { return database_.dropped(); }

  void begin(const Query& query, WallTime asked) override {
    Outcome outcome;
    outcome.query = query;
    outcome.asked = asked;
    outcome.error = Error{ErrorCode::cancelled, "this question is still being answered"};
    keep(outcome, "begun");
  }

  void record(const Outcome& outcome) override {
    keep(outcome, outcome.error ? to_string(outcome.error->code) : "answered");
  }

  void put_card(const CostCard& card) override {
    const std::size_t bytes = sizeof card + card.model.text.size() + card.device.text.size();
    // One comes with every answer; of a batch the last says it all.
    database_.write(
        bytes, [card](Database& database) { kai::put_card(database, card); },
        fmt::format("card {} {}", card.model.text, card.device.text));
  }

  void put_inspected(const InspectedFile& file) override {
    const std::size_t bytes = sizeof file + file.path.size() + file.refused.size() +
                              file.facts.name.size() + file.facts.architecture.size();
    database_.write(bytes, [file](Database& database) { kai::put_inspected(database, file); });
  }

  void put_speed(const Device& device) override {
    if (!device.speed) return;
    const std::size_t bytes = sizeof device + device.id.text.size() + device.name.size();
    database_.write(bytes, [device](Database& database) { kai::put_speed(database, device); });
  }

  void put_deaths(const Deaths& deaths) override {
    const std::size_t bytes = sizeof deaths + deaths.model.text.size() + deaths.why.size();
    database_.write(bytes, [deaths](Database& database) { kai::put_deaths(database, deaths); });
  }

  void put_rollup(const Rollup& rollup) override {
    std::size_t bytes = sizeof rollup;
    for (const auto& [name, value] : rollup.values) bytes += name.size() + sizeof value;
    database_.write(bytes, [rollup](Database& database) { kai::put_rollup(database, rollup); });
  }

  void put_annotation(const Annotation& annotation) override {
    database_.write(
        sizeof annotation + annotation.kind.size() + annotation.text.size(),
        [annotation](Database& database) { kai::put_annotation(database, annotation); });
  }

  Result<std::vector<HistoryRow>> history(int rows_max) override {
    return database_.read([rows_max](Database& database) {
      return Result<std::vector<HistoryRow>>(kai::history(database, rows_max));
    });
  }

  Result<HistoryPage> search(const HistorySearch& what) override {
    return database_.read(
        [what](Database& database) { return Result<HistoryPage>(kai::search(database, what)); });
  }

  void search_later(HistorySearch what, Done<HistoryPage> done) override {
    database_.read_beside(
        [what = std::move(what)](Database& database) {
          return Result<HistoryPage>(kai::search(database, what));
        },
        std::move(done));
  }

  void outcome_json_later(std::string id, Done<std::string> done) override {
    database_.read_beside(
        [id = std::move(id)](Database& database) { return document_of(database, id); },
        std::move(done));
  }

  Result<std::string> outcome_json(const std::string& id) override {
    return database_.read([id](Database& database) { return document_of(database, id); });
  }

  Result<std::vector<CostCard>> cards() override {
    return database_.read(
        [](Database& database) { return Result<std::vector<CostCard>>(kai::cards(database)); });
  }

  Result<std::vector<InspectedFile>> inspected() override {
    return database_.read([](Database& database) {
      return Result<std::vector<InspectedFile>>(kai::inspected(database));
    });
  }

  Result<std::vector<Device>> speeds() override {
    return database_.read(
        [](Database& database) { return Result<std::vector<Device>>(kai::speeds(database)); });
  }

  Result<std::vector<Deaths>> deaths() override {
    return database_.read(
        [](Database& database) { return Result<std::vector<Deaths>>(kai::deaths(database)); });
  }

  Result<std::vector<Rollup>> rollups() override {
    return database_.read(
        [](Database& database) { return Result<std::vector<Rollup>>(kai::rollups(database)); });
  }

  Result<std::vector<Annotation>> annotations() override {
    return database_.read([](Database& database) {
      return Result<std::vector<Annotation>>(kai::annotations(database));
    });
  }

  Result<QueryId> put_feedback(const std::string& id, const Feedback& feedback) override {
    return database_.read(
        [id, feedback](Database& database) { return put_safely(database, id, feedback); },
        feedback_max);
  }

  void put_feedback_later(std::string id, Feedback feedback, Done<QueryId> done) override {
    database_.read_beside([id = std::move(id), feedback = std::move(feedback)](
                              Database& database) { return put_safely(database, id, feedback); },
                          std::move(done));
  }

  Result<int> forget_feedback() override {
    return database_.read(
        [](Database& database) { return Result<int>(kai::forget_feedback(database)); });
  }

  void forget_feedback_later(Done<int> done) override {
    database_.read_beside(
        [](Database& database) { return Result<int>(kai::forget_feedback(database)); },
        std::move(done));
  }

  Result<std::vector<Lesson>> lessons(Shape shape, const LessonRows& rows) override {
    return database_.read([shape, rows](Database& database) {
      return Result<std::vector<Lesson>>(kai::lessons(database, shape, rows));
    });
  }

  Result<int> answered_since(Shape shape, const QueryId& id) override {
    return database_.read([shape, id](Database& database) {
      return Result<int>(kai::answered_since(database, shape, id));
    });
  }

  void put_learned(Shape shape, const std::string& document) override {
    database_.write(document.size(), [shape, document](Database& database) {
      kai::put_learned(database, shape, document);
    });
  }

  Result<std::map<Shape, std::string>> learned() override {
    return database_.read([](Database& database) {
      return Result<std::map<Shape, std::string>>(kai::learned(database));
    });
  }

  bool flush(Duration limit) override { return database_.flush(limit); }

 private:
  void keep(const Outcome& outcome, std::string_view ending) {
    if (outcome.query.messages.empty()) return;  // refused before there was a question
    QuestionRow question;
    HistoryRow& row = question.row;
    row.id = outcome.query.id;
    row.asked = outcome.asked;
    row.question = outcome.query.question();
    row.answer = outcome.answered() ? outcome.verdict.text : "";
    row.tier = outcome.plans.empty() ? outcome.query.tier.value_or(outcome.complexity.tier)
                                     : outcome.plans.back().tier;
    row.voters = outcome.verdict.voters;
    row.agreeing = outcome.verdict.agreeing;
    row.confidence = outcome.verdict.confidence;
    row.latency = outcome.latency;
    row.ending = ending;
    question.shape = outcome.verdict.shape;
    question.owner = process_;
    for (const auto& answer : outcome.answers) question.models.push_back(answer.model);
    // One that is answered at once is written once, and so is its document.
    std::string key = row.id.text;
    const std::size_t bytes =
        sizeof question + row.question.size() + row.answer.size() + bytes_of(outcome);
    database_.write(
        bytes,
        [question = std::move(question), outcome](Database& database) mutable {
          question.document = wire::encode_outcome(outcome);
          put_question(database, question);
        },
        std::move(key));
  }

  const std::string process_ = this_process();
  DatabaseThread database_;
};

}  // namespace

std::unique_ptr<Store> open_store(const StoreOptions& options) {
  return std::make_unique<SqliteStore>(options);
}

}  // namespace kai
