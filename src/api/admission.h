// Admission: how many questions are answered at once, and how many may wait for that. Beyond, a
// question is refused at once: one accepted late is worth nothing to whoever asked.
#pragma once

#include <list>
#include <optional>

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

  // In the order of coming. Errors: overloaded (too many wait, or `until` came), cancelled.
  Task<Result<Turn>> enter(Time until);

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
    Wait wait;
    bool called = false;
  };
  void leave();
  bool call_next();  // false: nobody waits

  Clock& clock_;
  int running_max_;
  int waiting_max_;
  int running_ = 0;
  std::list<Waiting> waiting_;
  double usual_ = 5;  // seconds of a turn; a guess until some were seen
};

}  // namespace kai
