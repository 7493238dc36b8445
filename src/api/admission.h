// Admission: how many questions are answered at once, and how many may wait for that. Beyond, a
// question is refused at once: one accepted late is worth nothing to whoever asked. Callers that
// wait get turns in rotation, and nobody's questions fill all places.
#pragma once

#include <list>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"

namespace kai {

class Admission {
 public:
  // running_max >= 1, waiting_max >= 0. `clock` must outlive this.
  Admission(Clock& clock, int running_max, int waiting_max)
      : clock_(clock), running_max_(running_max), waiting_max_(waiting_max) {}

  // The right to have one question answered, until it dies; the Admission must outlive it.
  class Turn {
   public:
    explicit Turn(Admission* admission) : admission_(admission) {}
    Turn(Turn&& other) noexcept : admission_(std::exchange(other.admission_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (admission_ != nullptr) admission_->leave();
    }

   private:
    Admission* admission_;
  };

  // A caller's questions in the order of coming, callers in rotation. `caller`: whose it is; empty:
  // the one user of this machine. Errors: overloaded (too many wait, or `until` came), cancelled.
  Task<Result<Turn>> enter(std::string caller, Time until);
  // Whether a further question of this caller would be refused at once. A caller may have as many
  // waiting as places are free beside them, so that some are, whoever comes: alone half of them,
  // one of two callers a third. The one user of this machine may have them all.
  bool full(const std::string& caller) const {
    return running_ >= running_max_ && !has_place(caller);
  }

  // From now on; who runs goes on, and who waits gets the places that are added.
  void allow(int running_max, int waiting_max);

  int running() const { return running_; }
  int waiting() const { return static_cast<int>(waiting_.size()); }
  // After how long it is worth coming again, 1 s..1 min, by how long turns took lately.
  Duration come_again() const;
  // A turn has taken this long.
  void note(Duration took);

 private:
  struct Waiting {
    std::string caller;
    Wait wait;
    bool called = false;
  };
  using Place = std::list<Waiting>::iterator;
  bool has_place(const std::string& caller) const;  // to wait
  Place next_of(const std::string& caller);         // who was not called; the end: nobody
  void stop_waiting(Place place);
  void leave();
  bool call_next();  // false: nobody waits

  Clock& clock_;
  int running_max_;
  int waiting_max_;
  int running_ = 0;
  std::list<Waiting> waiting_;      // in the order of coming
  std::list<std::string> callers_;  // of those not called yet; the first has the next turn
  double usual_ = 5;                // seconds of a turn; a guess until some were seen
};

}  // namespace kai
