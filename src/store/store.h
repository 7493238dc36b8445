// store: what kai remembers: questions with everything that happened, measured costs, facts of
// model files. SQLite in the data folder, behind a thread of its own. The sole user of SQL.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"
#include "base/result.h"
#include "domain/deaths.h"
#include "domain/history.h"
#include "domain/metrics_history.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "domain/recorded.h"

namespace kai {

struct StoreOptions {
  std::string folder;              // data folder; made with mode 0700 if missing
  int queue_max = 1024;            // 1..65536 writes waiting; beyond: dropped and counted
  Bytes queue_bytes_max = 64_MiB;  // 1 MiB.. of text waiting; beyond: dropped and counted
  int history_max = 100'000;       // questions kept, 1..10,000,000; the oldest go first
};

// Which lessons are read, of the newest questions of a shape.
struct LessonRows {
  int rows_max = 2000;       // questions looked at, >= 0
  int unlabelled_max = 500;  // of them without feedback, the newest
};

// What `kai-worker inspect` said of a file, while path, size and mtime are as they were.
struct InspectedFile {
  std::string path;
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  ModelFacts facts;
  std::string refused;  // not empty: why it cannot be loaded
};

// All writes are queued and return at once; reads wait for the writes before them, at most some
// seconds (error: storage). A store that cannot be opened or written does not stop answers: it
// says why in fault(), keeps what its queue has room for, and tries again every second.
// All functions are called from kai's one thread.
class Store {
 public:
  virtual ~Store() = default;  // flushes what is queued, at most one second

  // Not empty: history is not being kept, and why, with the remedy. Empty again once it is.
  virtual std::string fault() const = 0;
  // Not empty: something to tell the user once although history is kept, such as a damaged
  // database that was set aside.
  virtual std::string notice() const { return {}; }
  virtual std::int64_t dropped() const = 0;  // writes lost so far

  // Keeps a question as begun, so that a crash leaves it as "interrupted" …
  virtual void begin(const Query& query, WallTime asked) = 0;
  // … and as it ended. Needs no begin() before it.
  virtual void record(const Outcome& outcome) = 0;
  virtual void put_card(const CostCard& card) = 0;
  virtual void put_inspected(const InspectedFile& file) = 0;
  // Keeps what was measured of a device with so many running and threads, in place of what was
  // kept of it before. Nothing where it has no speed.
  virtual void put_speed(const Device&) {}
  // Keeps how often a model killed its workers in a row on a device, in place of what was kept;
  // 0 times: nothing is kept.
  virtual void put_deaths(const Deaths&) {}

  // Keeps what was measured in one stretch of time, in place of what was kept of it. Bounded: 8,640
  // of each step.
  virtual void put_rollup(const Rollup&) {}
  virtual void put_annotation(const Annotation&) {}  // the newest 500 are kept

  virtual Result<std::vector<HistoryRow>> history(int rows_max) = 0;  // newest first
  // The questions that `what` asks for.
  virtual Result<HistoryPage> search(const HistorySearch&) { return HistoryPage(); }
  // The whole outcome as the JSON document it was stored as, with what the user said of it. `id`
  // may be shortened to any unique beginning ("q_01J9"). Errors: not_found (none, or several: says
  // which), storage.
  virtual Result<std::string> outcome_json(const std::string& id) = 0;
  // The same two for whoever must not wait: they return at once, and call `done` once, on the
  // store's own thread; where 64 of them wait already, at once and with the error overloaded.
  template <class T>
  using Done = std::move_only_function<void(Result<T>)>;
  virtual void search_later(HistorySearch what, Done<HistoryPage> done) { done(search(what)); }
  virtual void outcome_json_later(std::string id, Done<std::string> done) {
    done(outcome_json(id));
  }
  virtual Result<std::vector<CostCard>> cards() = 0;
  virtual Result<std::vector<InspectedFile>> inspected() = 0;
  // The devices of put_speed(): id, name, running, threads and speed.
  virtual Result<std::vector<Device>> speeds() { return std::vector<Device>(); }
  virtual Result<std::vector<Deaths>> deaths() { return std::vector<Deaths>(); }
  virtual Result<std::vector<Rollup>> rollups() { return std::vector<Rollup>(); }
  virtual Result<std::vector<Annotation>> annotations() { return std::vector<Annotation>(); }
  // What a user said of a question's answer, in place of what was said before; `id` as for
  // outcome_json(). Safe from a power cut on return, at most some seconds. The whole id. Errors:
  // not_found, invalid_request (the question has no answer), storage.
  virtual Result<QueryId> put_feedback(const std::string& id, const Feedback& feedback) = 0;
  // The same as search_later() is to search().
  virtual void put_feedback_later(std::string id, Feedback feedback, Done<QueryId> done) {
    done(put_feedback(id, feedback));
  }
  // Forgets all feedback and what was learned; history stays. How many questions had feedback.
  // Errors: storage.
  virtual Result<int> forget_feedback() = 0;
  // The same as search_later() is to search().
  virtual void forget_feedback_later(Done<int> done) { done(forget_feedback()); }
  // Questions of a shape that were answered, the newest first; those whose document cannot be read
  // back are left out.
  virtual Result<std::vector<Lesson>> lessons(Shape shape, const LessonRows& rows) = 0;
  // How many questions of a shape were answered after `id`; all of them where it is not kept.
  virtual Result<int> answered_since(Shape shape, const QueryId& id) = 0;
  // What was learned of a shape, as wire/ writes it; the caller judges what it reads.
  virtual void put_learned(Shape shape, const std::string& document) = 0;
  virtual Result<std::map<Shape, std::string>> learned() = 0;

  // Waits until everything queued is on disk, safe from a power cut, at most `limit`. False: not
  // all of it.
  virtual bool flush(Duration limit) = 0;
};

// Opens or creates `folder`/kai.db, migrated to this version's schema; several processes may. A
// damaged one is set aside as kai.db.corrupt-TIME and begun anew: see notice(). One of a newer
// version (left untouched), a read-only or full folder: see fault(). Never throws, never fails.
std::unique_ptr<Store> open_store(const StoreOptions& options);

}  // namespace kai
