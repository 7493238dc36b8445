// spine: the events of all questions in one order, for whoever watches, as long as they are held.
// What is no longer held is in the store.
//
// Cost: an event once, kept_max in all, as text once somebody has read it; a running question's
// recap; a watcher holds a number and a Wait. Words and progress are told ten times a second at
// most, whatever comes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "api/recap.h"
#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/event.h"
#include "domain/outcome.h"
#include "domain/query.h"

namespace kai {

class Spine {
 public:
  struct Options {
    Bytes kept_max = 32_MiB;  // text of events held, or about that; the newest one always is
    Duration batch = std::chrono::milliseconds(100);
  };
  using OnEvent = std::function<void(const Event&)>;
  using Answer = std::function<Task<Outcome>(Query, OnEvent)>;  // as Coordinator::answer()

  // `clock` must outlive this, and this every task that tell() gives.
  Spine(Executor executor, Clock& clock, Options options);
  Spine(Executor executor, Clock& clock) : Spine(std::move(executor), clock, Options()) {}

  // How a question is answered from now on.
  void open(Answer answer) { answer_ = std::move(answer); }
  // Gets a sentence where a question ended by an exception, which ends that question alone.
  void on_fault(std::function<void(std::string)> tell) { tell_fault_ = std::move(tell); }
  // A question that was taken: it is told of before its turn comes.
  void expect(const Query& query);
  // Answers it, tells its events, and gives each to `on_event` at once, too.
  Task<Outcome> tell(Query query, OnEvent on_event);
  // An expected one will not be answered. What it ended as.
  Outcome refuse(const Query& query, const Error& error);
  // Has a question that is being answered end as cancelled. False: there is no such one.
  bool stop(const QueryId& query);
  // Tells something beside the questions; `encode` gets its number.
  void tell_beside(const std::function<std::string(std::uint64_t)>& encode);

  // Numbers grow by one with every event, and begin at the microsecond of the start: those of an
  // earlier server are below.
  std::uint64_t last() const { return next_ - 1; }
  // Whether every event behind `after` is held.
  bool reaches(std::uint64_t after) const;

  // A question that is told, or of which events are held.
  struct Told {
    std::uint64_t first = 0, last = 0;  // of its events
    bool over = false;
    bool whole = true;  // all its events are held
  };
  std::optional<Told> find(const QueryId& query) const;
  // The one question here whose id begins so; else what it was given.
  QueryId whole_id(const QueryId& beginning) const;

  // Events behind `after` as server-sent ones, of all or of one question, until there are
  // `bytes_max`, at least one; and the number up to which all were looked at.
  struct Piece {
    std::string text;
    std::uint64_t last = 0;
    bool more = false;
  };
  Piece read(std::uint64_t after, const QueryId* only, std::size_t bytes_max);
  // Where one question, or every running one, stands: events as encode_event() writes them, all of
  // the number last().
  std::vector<std::string> recap(const QueryId& query) const;
  std::vector<std::string> recap() const;

  // Resumed with every event, and when the server stops.
  class Watch {
   public:
    explicit Watch(Spine& spine)
        : spine_(spine), place_(spine.watchers_.emplace(spine.watchers_.end())) {}
    ~Watch() { spine_.watchers_.erase(place_); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    Wait& news() { return *place_; }

   private:
    Spine& spine_;
    std::list<Wait>::iterator place_;
  };
  std::size_t watchers() const { return watchers_.size(); }
  // Nothing comes any more: watchers shall end.
  void close();
  bool closed() const { return closed_; }

 private:
  // One question.
  struct Known {
    Query query;  // without the words of its conversation but the question
    Told told;
    WallTime wall{};
    std::size_t held = 0;  // events
    bool telling = false;
    EventBatch batch;
    Time due = Time::max();  // of the batch
    Recap recap;
    Wait stirred;
    std::function<void()> stop;
  };
  // The first event of a question.
  struct Asked {
    Time time{};
  };
  struct Entry {
    Known* question = nullptr;  // null: beside the questions
    // As text from the first time on that it is read.
    std::variant<std::string, Asked, std::unique_ptr<const Event>> event;
    std::size_t bytes = 0;  // that it holds, as well as it is known
  };
  Known& known(const Query& query);
  Task<Outcome> answered(Query query, OnEvent on_event);
  void take(Known& known, const Event& event);
  void flush(Known& known);
  void append(Known& known, const Event& event);
  void append(Entry entry);
  const std::string& text_of(std::uint64_t seq);
  void forget_oldest();
  void forget_if_gone(Known& known);
  void add_recap(const Known& known, std::vector<std::string>& texts) const;

  Executor executor_;
  Clock& clock_;
  Options options_;
  Answer answer_;
  std::function<void(std::string)> tell_fault_ = [](const std::string&) {};
  std::uint64_t next_;
  std::deque<Entry> entries_;  // the last has the number next_ - 1
  std::size_t bytes_ = 0;
  std::unordered_map<QueryId, Known> known_;
  std::list<Wait> watchers_;
  bool closed_ = false;
};

}  // namespace kai
