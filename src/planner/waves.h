// waves: when each part of a plan has its turn on its device. Models that do not fit a device
// together follow each other; where it has more lanes than may answer at once, the next one is
// loaded meanwhile. Private to planner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "domain/model.h"

namespace kai {

// A part on one of the devices it can run on.
struct Option {
  std::size_t device = 0;  // index into Fleet::devices
  Bytes bytes{};           // held there from the load's beginning to the answer's end
  bool resident = false;   // loaded at the start, and held from then on
  Duration load{};         // of a resident one too: it may have to go for another
  Duration run{};          // prefill and decode
  // Part of the model is on another device, of which it takes a lane meanwhile.
  std::size_t beside = none;  // index into Fleet::devices
  Bytes bytes_beside{};       // held there as long as `bytes`
  double share = 1;           // (0..1] of it on `device`
  double use_beside = 0;      // 0..1 of `run`, the device beside is at work
  static constexpr std::size_t none = SIZE_MAX;
};

// How a device takes turns.
struct Berth {
  Bytes capacity{};                // for the plan, once all of `taken` is over; residents lie in it
  int lanes = 1;                   // >= 1
  int running = 1;                 // 1..lanes
  std::vector<TakenTurn> taken{};  // by others, at most `lanes`; their bytes are within capacity
  Duration loads_until{};          // others load until then
};

// Times are from the plan's start.
struct Turn {
  Duration start{};  // of its load; of its run where it is resident
  Duration load{};
  Duration wait{};  // loaded, for its turn
  Duration run{};
  Duration end() const { return start + load + wait + run; }
};

// Who goes where, in which order.
struct Seating {
  std::vector<std::size_t> order;   // of the parts; each once
  std::vector<std::size_t> option;  // of each part: which of its options
};

// Plays seatings. Not for several threads: it keeps what it needs between two plays, so that a
// play of 12 parts takes well under a microsecond; five times that where one of them is split
// beside others.
class Waves {
 public:
  // parts[i]: the options of part i, at least one, each of which fits its berth alone. Berths and
  // parts must outlive this.
  Waves(std::span<const Berth> berths, std::span<const std::vector<Option>> parts);

  // The turn of each part; valid until the next play. The rules, on each device:
  //  1. Loads and runs begin in the order of the seating.
  //  2. `running` parts run at once, at most; a load takes a lane, as a run does. Where there are
  //     more lanes than may run, loads go one after the other: two at once would share the link.
  //  3. A load begins as soon as its bytes are free beside all that run, load, wait for their turn
  //     or are resident and still to be asked. Who has answered goes at once.
  //  4. A part that is split is loaded once a lane of the device beside is free of those before it,
  //     and of another's rest, which it then takes; it is none that runs there. It and whoever
  //     answers there share that device: both go slower while they run beside each other.
  //  5. Where only residents still to be asked are in the way, the last of them goes, to be loaded
  //     in its turn.
  std::span<const Turn> play(const Seating& seating);

 private:
  struct Held {
    Duration end{};
    Bytes bytes{};
  };
  // A device, so far.
  struct Deck {
    std::vector<Held> held;  // by those that had their turn on it, earliest end first
    // Of the last of them on each lane, and of as many as may run; latest first, 0: nobody yet.
    std::vector<Duration> lanes, turns;
    Duration rest{};    // of the last that is split with another device
    Duration loader{};  // free from then on
    Bytes pending{};    // of residents still to be asked
    Duration when_free(const Berth& berth, Bytes need, Duration from) const;
    void occupy(Duration end, Bytes bytes);  // by one that had a turn
    void hold(Duration end, Bytes bytes);
  };
  static void take_first_free(std::vector<Duration>& ends, Duration end);
  const Option& option_of(const Seating& seating, std::size_t part) const {
    return parts_[part][seating.option[part]];
  }
  void play_once(const Seating& seating);
  void begin(const Seating& seating);
  bool shares(const Seating& seating) const;
  void stretch(const Seating& seating);
  void take_turn(const Option& option, bool resident, Turn& turn);
  void make_room(Bytes need, std::size_t device, const Seating& seating, std::size_t place);

  std::span<const Berth> berths_;
  std::span<const std::vector<Option>> parts_;
  std::vector<Turn> turns_;
  std::vector<Deck> decks_;
  std::vector<char> resident_;  // of each part, still: 1
  bool any_resident_ = false;
  bool any_shared_ = false;      // a part may be split beside others
  std::vector<Duration> runs_;   // of each part, with what sharing costs
  std::vector<Duration> extra_;  // while they are computed
};

}  // namespace kai
