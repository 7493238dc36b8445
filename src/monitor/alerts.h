// alerts: from what is measured to what is told. Pure: time goes in with each look.
//
// States are those of Prometheus: a rule that is met is pending; once it was met for `hold` without
// a break it fires, and it fires on until it was not met for `keep`. Beyond `fires` a rule is met;
// one that fires is met down to `clears`, so that a value beside the threshold does not flap.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "domain/alert.h"

namespace kai {

enum class AlertKind : std::uint8_t {
  query_errors_high,
  deadline_miss_high,
  model_down,
  model_latency_regressed,
  agreement_drop,
  quality_drop,
  vram_near_full,
  throttled,
  history_not_kept,
};

struct AlertRule {
  AlertKind kind;
  std::string_view name, severity, label, summary, remedy;
  AlertUnit unit;
  double fires, clears;  // clears <= fires
  Duration hold, keep;
};
// All of them, alert_rules()[i].kind == AlertKind(i).
std::span<const AlertRule> alert_rules();

// A rule's value now. A rule without one is not met: there is too little to go by.
struct Measured {
  AlertKind kind;
  std::string subject;  // a model or a GPU; empty: kai itself
  double value = 0;
};

class AlertBoard {
 public:
  static constexpr std::size_t subjects_max = 256;
  static constexpr std::size_t past_max = 100;

  struct Now {
    Time time{};
    WallTime wall{};
  };
  struct News {
    std::vector<Alert> changed;  // have just begun to fire, or have ended; silenced ones too
    // Of whom somebody is to be told: those that fire, once none silences them, and of whom
    // somebody was told so, once they end, silenced or not.
    std::vector<Alert> to_tell;
  };
  News look(Now now, const std::vector<Measured>& measured);

  // Nobody is told for so long that this alert fires; 0: from now on somebody is, also where it
  // fires already. False: there is no such rule.
  bool silence(std::string_view name, Duration length, Now now);

  AlertList list(WallTime now) const;
  // How many of a rule's alerts fire.
  int firing(AlertKind kind) const;

 private:
  struct Standing {
    AlertState state = AlertState::pending;
    double value = 0;
    WallTime since{};
    Time met_since{}, met_last{};
    bool told = false;  // somebody was, that it fires
  };
  using Key = std::pair<AlertKind, std::string>;
  enum class Step : std::uint8_t { none, begun, ended };  // to fire
  // Leaves a pending one that is not met any more inactive.
  static Step advance(const Key& key, Standing& standing, Now now);
  Alert alert_of(const Key& key, const Standing& standing, WallTime now) const;
  std::optional<WallTime> silenced_until(AlertKind kind, WallTime now) const;

  std::map<Key, Standing> standing_;
  std::map<AlertKind, WallTime> silenced_;
  std::deque<Alert> past_;  // the newest first
};

}  // namespace kai
