// progress: a question's events as a line for people: who loads, reads, writes, has answered.
#pragma once

#include <string>
#include <vector>

#include "cli/text.h"
#include "domain/event.h"

namespace kai {

// Fed with events in their order; draws what is known so far.
class Progress {
 public:
  // `asked`: the query's, against which the plan's deadline is shown.
  explicit Progress(Time asked) : asked_(asked) {}

  void take(const Event& event);

  // "  a ✓0.9s   b writing 12      [1 of 1 agree] 1.2/30 s": the end always fits.
  Line live(Duration elapsed, int columns) const;
  // How everyone ended, "[k of n agree]" behind; broken into lines of at most `columns`, 0: one.
  std::vector<Line> ended(int columns) const;
  // Sentences that have come since the last call: waiting, falling back.
  std::vector<std::string> take_notes();

 private:
  enum class Phase : std::uint8_t { planned, queued, loading, reading, writing, testing, ended };
  struct Member {
    MemberId id;
    Phase phase = Phase::planned;
    double done = 0;  // 0..1, of loading or reading
    int pieces = 0;   // written
    Answer answer;    // once it ended
  };

  struct Take;  // one overload a kind of event
  Member& member(const MemberId& id);
  void plan(const Plan& plan);
  Line state(const Member& member) const;
  Line agreement() const;

  Time asked_;
  Time deadline_{};
  std::vector<Member> members_;  // in the order of the plan
  Verdict verdict_;
  std::vector<std::string> notes_;
};

// "✓0.9s", "✗ reason", "stopped early", …: what became of a member.
Line fate(const Answer& answer);

}  // namespace kai
