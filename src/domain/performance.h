// Performance: what `kai report` says of a PC: kai as it is and the original way, which asks every
// model at once, by speed, quality and use of the PC.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "domain/model.h"
#include "domain/pc_trial.h"
#include "domain/query.h"
#include "domain/tier_time.h"
#include "domain/verdict.h"

namespace kai {

// Questions answered in one way. `questions` 0: there is nothing of it.
struct WayFigures {
  int questions = 0;
  int answered = 0;                          // of them; times and means below are of these
  Duration median{}, p90{};                  // from asking to the answer
  double asked = 0, heard = 0;               // voices, mean; heard: not stopped early
  double agreement = 0;                      // 0..1, mean
  std::optional<double> gpu_busy, cpu_busy;  // 0..1, mean; nothing: not known
  std::optional<double> running;  // models that read or write at a time, mean; nothing: not known
  Bytes gpu_peak{};               // most of the GPU's memory at a time; 0: not known
  Bytes loaded{};                 // brought into memory a question, mean
  int marked = 0;                 // answers of which it is known whether they are right
  int right = 0;                  // of them
  std::string why{};              // the most frequent reason for no answer; empty: not known
};

// One tier, one kind of question, or both.
struct PerformanceRow {
  std::optional<Tier> tier;   // nothing: of every tier
  std::optional<Shape> kind;  // nothing: of every kind
  WayFigures adaptive;        // kai as it is
  WayFigures same;            // the original way with the models that kai asked
  WayFigures original;        // the original way with every model
  // Time original / adaptive: the median over the questions answered in both ways; where none was,
  // of the medians; 0: not known.
  double faster = 0;
};

// The first so many models, each asked once and heard to its end.
struct CurvePoint {
  int models = 0;
  Duration adaptive{}, original{};
  Duration split{};  // kai, where a model larger than the GPU may lie there in part
  Duration bound{};  // no order can be faster
  double adaptive_gpu = 0, split_gpu = 0, original_gpu = 0;  // 0..1, busy
};

// One way to answer the same questions: what it takes and what it is worth.
struct TradeOff {
  std::string way;   // "one model", "simple", "original"
  double asked = 0;  // voices, mean
  Duration median{}, p90{};
  int right = 0, marked = 0;  // answers; marked: of which it is known whether they are right
};

// What the report has no figures of, and what brings them.
struct Missing {
  std::string what;
  std::string command;
};

struct PerformanceReport {
  std::string subject;                // the PC, for people
  bool simulated = false;             // nothing of it was measured
  bool recorded = false;              // members gave recorded answers of real models
  std::string made_by;                // the command
  std::vector<std::string> models;    // that can be asked
  std::vector<Duration> aims;         // by tier, by when the last shall have answered
  std::vector<PerformanceRow> tiers;  // in their order
  std::vector<PerformanceRow> kinds;  // kind by kind, in each by tier
  std::vector<CurvePoint> curve;      // by rising models
  std::optional<PcTrial> example;     // one question, to be shown second by second
  std::vector<CostCard> cards;        // measured ones
  std::vector<TierTime> timeouts;
  std::vector<TradeOff> trade_off;  // by rising effort
  std::string trade_off_of;         // which questions, for people
  std::vector<Missing> missing;
};

}  // namespace kai
