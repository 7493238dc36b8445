// database_thread: kai.db behind a bounded queue and one thread. Writes go in batches; what fails
// is tried again, set aside or counted, so that whoever writes never waits and never fails.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"
#include "store/opening.h"

namespace kai {

// The destructor writes what is queued, for at most a second, and drops the rest.
class DatabaseThread {
 public:
  struct Limits {
    int writes_max = 1024;     // waiting
    Bytes bytes_max = 64_MiB;  // of them
    int reads_max = 64;        // waiting, that nobody waits for
    // How long the first of a batch waits for others: a transaction costs more than what is in it.
    // Not where somebody reads or flushes.
    Duration gather = std::chrono::milliseconds(50);
  };
  // May run several times, each in a transaction; may throw SQLite::Exception.
  using Put = std::move_only_function<void(Database&)>;

  // `at_end` is the last thing that each transaction of writes does.
  DatabaseThread(std::string folder, Limits limits, Put at_end);
  ~DatabaseThread();
  DatabaseThread(const DatabaseThread&) = delete;
  DatabaseThread& operator=(const DatabaseThread&) = delete;

  std::string fault() const;  // as Store's
  std::string notice() const;
  std::int64_t dropped() const;

  // Returns at once. `bytes`: about what `put` holds on to. `key`: not empty, and it takes the
  // place of what was to be written under the same key and has only just begun to wait.
  void write(std::size_t bytes, Put put, std::string key = {});
  bool flush(Duration limit);  // as Store's

  // What `what(database)` gives, run on the thread after all writes queued before. `what` returns
  // some Result and may throw SQLite::Exception.
  template <class What, class T = std::invoke_result_t<What&, Database&>>
  T read(What what, Duration limit = std::chrono::seconds(5)) {
    std::promise<T> promise;
    std::future<T> future = promise.get_future();
    read_later(
        [what = std::move(what), promise = std::move(promise)](Result<Database*> database) mutable {
          promise.set_value(database ? what(**database) : T(std::unexpected(database.error())));
        });
    if (future.wait_for(limit) == std::future_status::ready) return future.get();
    return fail(ErrorCode::storage, "the data folder does not respond; try again later");
  }
  // The same without waiting for it: `done` gets it, on the thread; overloaded, where too many wait
  // already, at once.
  template <class What, class Done, class T = std::invoke_result_t<What&, Database&>>
  void read_beside(What what, Done done) {
    if (!has_room_beside()) {
      return done(T(fail(ErrorCode::overloaded,
                         "too many look into the history at once; try again in a moment")));
    }
    read_later(
        [what = std::move(what), done = std::move(done)](Result<Database*> database) mutable {
          done(database ? what(**database) : T(std::unexpected(database.error())));
        },
        true);
  }

  // For `what`: whether all that was committed is safe from a power cut.
  static Result<bool> sync(Database& database);

 private:
  struct Write {
    std::size_t bytes = 0;
    Put put;
    std::string key;
  };
  using Writes = std::deque<Write>;
  // Is called with the database; and, if that throws or there is none, with the error.
  using Read = std::move_only_function<void(Result<Database*>)>;
  struct Job {
    Writes writes;  // a batch, or …
    Read read;      // … one read
    Time due{};     // when the batch is written, unless it is full or wanted before
    bool beside = false;
  };

  bool has_room_beside() const;
  void read_later(Read read, bool beside = false);
  bool gathers() const;

  // On the thread.
  void run();
  std::optional<Job> take();
  void run_read(Read read);
  void write_batch(Writes writes);
  std::optional<Failure> commit(Writes& writes);
  void write_singly(Writes writes);
  void finished(const Writes& writes, std::int64_t lost);
  void put_back_or_drop(Writes writes);
  void reopen_if_due();
  void open(std::optional<FileId> damaged);
  void close();
  void failed(const Failure& failure);
  void succeeded();

  const std::string folder_;
  const Limits limits_;
  Put at_end_;  // of the thread
  std::thread thread_;

  // Shared, all under the mutex; `opened_`, `refused_` and `retry_at_` are changed by the thread
  // alone, which therefore reads them without.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  int beside_ = 0;   // reads in jobs_ that nobody waits for
  int waiting_ = 0;  // writes in jobs_ or being written
  std::size_t waiting_bytes_ = 0;
  std::int64_t dropped_ = 0;
  int flushing_ = 0;  // who wait for all to be written
  std::string fault_;
  std::string notice_;
  Opened opened_;         // no database: there is none now
  bool refused_ = false;  // there never will be
  Time retry_at_{};       // no write before, after a failure
  bool stopping_ = false;
  Time stop_at_{};
  bool stopped_ = false;
};

}  // namespace kai
