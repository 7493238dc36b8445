// Alert: something that has become worse, and how far it is from being told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace kai {

// As Prometheus has them. pending: so for less than the rule's time.
enum class AlertState : std::uint8_t { inactive, pending, firing };

// What a rule's values are. share: 0..1 of a whole; drop: by how much a share has become less,
// 0..1; times: a ratio of two; flag: 0 or 1, which says no more than that it is met.
enum class AlertUnit : std::uint8_t { share, drop, times, flag };

struct Alert {
  std::string name;      // of the rule: "ModelDown"
  std::string severity;  // "warning", "critical"
  std::string label;     // what its subject is: "model", "gpu"; empty: kai itself
  std::string subject;   // "smollm2:135m", "0"; empty: kai itself
  std::string summary;   // a sentence for people
  AlertState state = AlertState::inactive;
  double value = 0;                          // as the rule measures it, last
  double threshold = 0;                      // beyond it the rule is met
  WallTime since{};                          // it is in this state; of a past one: it has fired
  std::optional<WallTime> ended{};           // of a past one
  std::optional<WallTime> silenced_until{};  // until then nobody is told
};

// A rule, for people.
struct AlertTerms {
  std::string name, severity, label, summary;
  double fires = 0, clears = 0;  // beyond `fires` it is met; below `clears` it is not any more
  Duration hold{};               // how long it has to be met before it fires
  Duration keep{};               // how long it fires on after it was met last
  AlertUnit unit = AlertUnit::share;
  std::string remedy{};                      // what to do, a sentence for people
  std::optional<WallTime> silenced_until{};  // until then nobody is told, whether it is met or not
};

struct AlertList {
  std::vector<Alert> alerts;  // pending and firing
  std::vector<Alert> past;    // the newest first
  std::vector<AlertTerms> rules;
};

std::string_view to_string(AlertState state);
std::optional<AlertState> alert_state_named(std::string_view name);
std::string_view to_string(AlertUnit unit);
std::optional<AlertUnit> alert_unit_named(std::string_view name);

}  // namespace kai
