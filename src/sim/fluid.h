// Fluid: works that run beside each other and share the parts of a PC, in virtual time. Between
// two ends every work runs at one speed; the speeds are computed anew whenever one starts or ends.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

namespace kai {

using Seconds = std::chrono::duration<double>;

enum class Part : std::uint8_t { gpu, cpu, link };
inline constexpr std::size_t parts = 3;

// Of each part, 0..1.
struct Shares {
  double gpu = 0;
  double cpu = 0;
  double link = 0;
};

// A stretch of work: alone it takes `alone`, and keeps each part busy for `use` of that time.
struct Work {
  Seconds alone{};  // >= 0
  Shares use;
};

// Invariant: the works together never use more of a part than its capacity: 1, or what `shared`
// says where several works use it.
class Fluid {
 public:
  using Id = std::uint64_t;

  explicit Fluid(const Shares& shared);

  // Runs from now on. Max-min fair: the speeds of all works rise together, up to 1, and a work
  // stays at the speed at which a part that it uses is full.
  Id start(const Work& work);
  // Lets time pass until works end: these, in the order in which they were started. Empty: none
  // runs, no time passes.
  std::vector<Id> advance();
  // Lets time pass until then (>= now()): what ends on the way, in the order of ending.
  std::vector<Id> advance_to(Seconds until);
  // When a work ends, if none starts or ends before it. Only of work that runs, as for speed().
  Seconds end_of(Id id) const;
  // A work is left unfinished. No effect on one that has ended.
  void stop(Id id);

  Seconds now() const { return now_; }
  double speed(Id id) const;      // 0..1 of a work that runs; it > 0
  double load(Part part) const;   // 0..1, in use now
  Seconds used(Part part) const;  // so far: the sum over all works of what they used
  bool idle() const { return running_.empty(); }

 private:
  struct Running {
    std::array<double, parts> use{};
    double left = 0;  // seconds, at speed 1
    double speed = 0;
  };
  double shortest() const;                // seconds until the next end
  std::vector<Id> pass(double duration);  // at most shortest()
  const Running& running(Id id) const;
  void share_out();

  std::array<double, parts> shared_{};
  std::map<Id, Running> running_;
  std::array<double, parts> used_{};
  Seconds now_{};
  Id next_ = 1;
};

}  // namespace kai
