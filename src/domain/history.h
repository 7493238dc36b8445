// History: questions asked before, as they are listed and searched.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

// One line of history.
struct HistoryRow {
  QueryId id;
  WallTime asked{};
  std::string question;
  std::string answer;  // empty if it failed
  Tier tier = Tier::simple;
  int voters = 0;
  int agreeing = 0;
  std::optional<double> confidence;  // 0..1, calibrated; nothing: it was not
  Duration latency{};
  // "answered", or the error's code; "begun": being answered now; "interrupted": kai was killed.
  std::string ending;
};

// Which questions to list; everything that is set must hold.
struct HistorySearch {
  std::string text;              // words of question or answer, the last may be a beginning
  std::optional<Tier> tier;      // that answered
  std::optional<Shape> kind;     // of answer that was asked for
  std::optional<ModelId> model;  // that was asked
  std::optional<bool> dissent;   // somebody said something else; or nobody did
  // Calibrated, 0..1; one that was not calibrated is in no range.
  std::optional<double> confidence_min, confidence_max;
  std::string ending;  // as HistoryRow's; "failed": any error's but cancelled; empty: any
  QueryId before;      // only those that came before this one; empty: the newest
  int rows_max = 50;   // >= 0
};

struct HistoryPage {
  std::vector<HistoryRow> rows;  // the newest first
  bool more = false;             // older ones fit too
};

}  // namespace kai
