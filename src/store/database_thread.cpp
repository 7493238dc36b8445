#include "store/database_thread.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <system_error>

namespace kai {

namespace {

constexpr Duration retry_pause = std::chrono::seconds(1);
constexpr Duration stop_wait_max = std::chrono::milliseconds(900);
constexpr std::size_t batch_max = 256;  // writes in one transaction

// Real time: the disk knows no other.
Time now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

DatabaseThread::DatabaseThread(std::string folder, Limits limits, Put at_end)
    : folder_(std::move(folder)), limits_(limits), at_end_(std::move(at_end)) {
  open(std::nullopt);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    fault_ = fmt::format("history is not kept: no thread could be started: {}; close some programs",
                         error.what());
  }
}

DatabaseThread::~DatabaseThread() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  stop_at_ = now() + stop_wait_max;
  changed_.notify_all();
  if (!changed_.wait_until(lock, stop_at_, [this] { return stopped_; }) && opened_.database) {
    sqlite3_interrupt(opened_.database->getHandle());
  }
  lock.unlock();
  thread_.join();
}

std::string DatabaseThread::fault() const {
  const std::scoped_lock lock(mutex_);
  return fault_;
}

std::string DatabaseThread::notice() const {
  const std::scoped_lock lock(mutex_);
  return notice_;
}

std::int64_t DatabaseThread::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

void DatabaseThread::write(std::size_t bytes, Put put, std::string key) {
  const std::scoped_lock lock(mutex_);
  const auto bytes_max = static_cast<std::size_t>(limits_.bytes_max.count);
  if (!key.empty() && !jobs_.empty()) {
    auto& writes = jobs_.back().writes;
    if (const auto same = std::ranges::find(writes, key, &Write::key); same != writes.end()) {
      if (waiting_bytes_ - same->bytes + bytes > bytes_max) {
        ++dropped_;
        return;
      }
      waiting_bytes_ = waiting_bytes_ - same->bytes + bytes;
      *same = {bytes, std::move(put), std::move(key)};
      return;
    }
  }
  if (!thread_.joinable() || refused_ || waiting_ >= limits_.writes_max ||
      waiting_bytes_ + bytes > bytes_max) {
    ++dropped_;
    return;
  }
  ++waiting_;
  waiting_bytes_ += bytes;
  if (jobs_.empty() || jobs_.back().read || jobs_.back().writes.size() >= batch_max) {
    jobs_.emplace_back().due = now() + limits_.gather;
  }
  jobs_.back().writes.push_back({bytes, std::move(put), std::move(key)});
  // Who gathers need not hear of one more.
  if (jobs_.back().writes.size() == 1 || !gathers()) changed_.notify_all();
}

// Whether the first job may wait for more: it is the last one, too.
bool DatabaseThread::gathers() const {
  return !stopping_ && flushing_ == 0 && jobs_.size() == 1 && !jobs_.front().read &&
         jobs_.front().writes.size() < batch_max;
}

bool DatabaseThread::has_room_beside() const {
  const std::scoped_lock lock(mutex_);
  return beside_ < limits_.reads_max;
}

void DatabaseThread::read_later(Read read, bool beside) {
  if (!thread_.joinable()) return read(fail(ErrorCode::storage, fault()));
  const std::scoped_lock lock(mutex_);
  if (beside) ++beside_;
  jobs_.push_back({{}, std::move(read), {}, beside});
  changed_.notify_all();
}

// A checkpoint syncs both files.
Result<bool> DatabaseThread::sync(Database& database) {
  SQLite::Statement checkpoint(database, "PRAGMA wal_checkpoint(PASSIVE)");
  checkpoint.executeStep();
  return checkpoint.getColumn(0).getInt() == 0 &&
         checkpoint.getColumn(1).getInt() == checkpoint.getColumn(2).getInt();
}

bool DatabaseThread::flush(Duration limit) {
  const Time until = now() + limit;
  {
    std::unique_lock lock(mutex_);
    ++flushing_;
    changed_.notify_all();
    const bool written = changed_.wait_until(lock, until, [this] { return waiting_ == 0; });
    --flushing_;
    if (!written) return false;
  }
  return read(sync, std::max(until - now(), Duration::zero())).value_or(false);
}

void DatabaseThread::run() {
  while (auto job = take()) {
    if (database_file(folder_) != opened_.file) close();  // moved or deleted by somebody
    reopen_if_due();
    if (job->read) {
      run_read(std::move(job->read));
    } else {
      write_batch(std::move(job->writes));
    }
  }
  close();
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

// The next job. While writing fails, writes stay where they are and reads overtake them.
// Nothing: it is time to stop.
std::optional<DatabaseThread::Job> DatabaseThread::take() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopping_ && (jobs_.empty() || now() >= stop_at_)) return std::nullopt;
    const bool paused = !stopping_ && now() < retry_at_;
    const auto next =
        paused ? std::ranges::find_if(jobs_, [](auto& job) { return !!job.read; }) : jobs_.begin();
    if (next != jobs_.end() && next->due > now() && gathers()) {
      changed_.wait_until(lock, next->due);
    } else if (next != jobs_.end()) {
      Job job = std::move(*next);
      jobs_.erase(next);
      if (job.beside) --beside_;
      return job;
    } else if (paused) {
      changed_.wait_until(lock, retry_at_);
    } else {
      changed_.wait(lock);
    }
  }
}

void DatabaseThread::run_read(Read read) {
  if (!opened_.database) return read(fail(ErrorCode::storage, fault()));
  try {
    read(opened_.database.get());
  } catch (const SQLite::Exception& error) {
    const Failure failure = failure_of(error, folder_);
    read(fail(ErrorCode::storage, failure.why));
    if (failure.trouble == Trouble::damaged) open(opened_.file);
  } catch (const std::exception& error) {
    // Of kai's own, such as out of memory: whoever waits is told, and the thread goes on.
    read(fail(ErrorCode::storage, fmt::format("the history could not be read: {}", error.what())));
  }
}

void DatabaseThread::write_batch(Writes writes) {
  if (!opened_.database) return put_back_or_drop(std::move(writes));
  auto failure = commit(writes);
  if (failure && failure->trouble == Trouble::damaged) {
    open(opened_.file);
    if (!opened_.database) return put_back_or_drop(std::move(writes));
    failure = commit(writes);
  }
  if (failure && failure->trouble == Trouble::rejected) return write_singly(std::move(writes));
  if (failure) {
    failed(*failure);
    return put_back_or_drop(std::move(writes));
  }
  finished(writes, 0);
  succeeded();
}

// All of them or none.
std::optional<Failure> DatabaseThread::commit(Writes& writes) {
  try {
    SQLite::Transaction transaction(*opened_.database, SQLite::TransactionBehavior::IMMEDIATE);
    for (auto& write : writes) write.put(*opened_.database);
    at_end_(*opened_.database);
    transaction.commit();
    return std::nullopt;
  } catch (const SQLite::Exception& error) {
    return failure_of(error, folder_);
  } catch (const std::exception& error) {
    return Failure{Trouble::rejected, error.what()};
  }
}

// One of them breaks a rule of the tables: only that one is lost.
void DatabaseThread::write_singly(Writes writes) {
  while (!writes.empty()) {
    Writes one;
    one.push_back(std::move(writes.front()));
    writes.pop_front();
    const auto failure = commit(one);
    if (failure && failure->trouble != Trouble::rejected) {
      failed(*failure);
      writes.push_front(std::move(one.front()));
      return put_back_or_drop(std::move(writes));
    }
    finished(one, failure ? 1 : 0);
  }
}

// `lost` of `writes` were not kept.
void DatabaseThread::finished(const Writes& writes, std::int64_t lost) {
  const std::scoped_lock lock(mutex_);
  waiting_ -= static_cast<int>(writes.size());
  for (const auto& write : writes) waiting_bytes_ -= write.bytes;
  dropped_ += lost;
  changed_.notify_all();
}

void DatabaseThread::put_back_or_drop(Writes writes) {
  std::unique_lock lock(mutex_);
  if (!refused_ && !stopping_) {
    jobs_.emplace_front().writes = std::move(writes);
    return;
  }
  lock.unlock();
  finished(writes, static_cast<std::int64_t>(writes.size()));
}

void DatabaseThread::reopen_if_due() {
  if (!opened_.database && !refused_ && now() >= retry_at_) open(std::nullopt);
}

void DatabaseThread::open(std::optional<FileId> damaged) {
  close();
  auto opened = open_database(folder_, damaged);
  if (!opened) return failed(opened.error());
  {
    const std::scoped_lock lock(mutex_);
    opened_ = *std::move(opened);
    if (!opened_.notice.empty()) notice_ = opened_.notice;
  }
  succeeded();
}

void DatabaseThread::close() {
  std::unique_ptr<Database> database;  // dies after the lock: that may take long
  const std::scoped_lock lock(mutex_);
  database = std::move(opened_.database);
}

void DatabaseThread::failed(const Failure& failure) {
  if (failure.reopen) close();
  const std::scoped_lock lock(mutex_);
  fault_ = failure.why;
  refused_ = failure.trouble == Trouble::refused;
  retry_at_ = now() + retry_pause;
}

void DatabaseThread::succeeded() {
  const std::scoped_lock lock(mutex_);
  fault_.clear();
  retry_at_ = {};
}

}  // namespace kai
