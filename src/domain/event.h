// Event: one step of a question's story. Whoever watches a question sees these.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/answer.h"
#include "domain/outcome.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

namespace event {
struct Started {
  QueryId query;
  Complexity complexity;
  Plan plan;
};
struct Fallback {
  std::string why;
  Plan plan;
};
struct DeviceChanged {
  std::string what;  // "gpu0: others have 2.1 GB, 4.3 GB are left for kai; big:7b is asked on cpu"
  struct Move {
    MemberId member;
    DeviceId device;
  };
  std::vector<Move> moves;  // of those that had not begun; empty: all stay where they are
};  // a device has more or less to give than the plan went by, or cannot be watched
struct Waiting {
  std::string why;
};  // e.g. another kai holds the device
struct Queued {
  MemberId member;
};  // waits for a lane
struct Loading {
  MemberId member;
  double progress;
};  // 0..1
struct Prefill {
  MemberId member;
  double progress;
};  // 0..1
struct Token {
  MemberId member;
  std::string text;
};  // whole UTF-8 characters
struct Draft {
  MemberId member;
  std::string text;
  bool anew;
};  // an open answer as it stands, while it is written (R33): words to append, or, anew, in place
    // of all that came before
struct Testing {
  MemberId member;
};  // its code runs on the question's examples
struct Ended {
  Answer answer;
};  // any ending
struct Agreement {
  Verdict verdict;
  int asked;
  int answered;
};
struct EarlyStop {
  std::string why;
};
struct Completed {
  Outcome outcome;
};
}  // namespace event

struct Event {
  Duration at{};  // since the question was asked
  std::variant<event::Started, event::Fallback, event::DeviceChanged, event::Waiting, event::Queued,
               event::Loading, event::Prefill, event::Token, event::Draft, event::Testing,
               event::Ended, event::Agreement, event::EarlyStop, event::Completed>
      what;
};

}  // namespace kai
