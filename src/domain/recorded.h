// Recorded: what of an answered question's document is needed to decide it again, and to learn
// from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/answer.h"
#include "domain/plan.h"
#include "domain/verdict.h"

namespace kai {

struct Recorded {
  QueryId id;
  std::string question;
  Shape shape = Shape::open;
  std::vector<Ask> asks;  // of the last plan: member, model, sample and weight
  // Of all plans, in the order of ending; who never ran or was stopped has none.
  std::vector<Answer> answers;
  Verdict verdict;  // as it was decided then
};

// What an answered question's first plan predicted, and what it took.
struct Prediction {
  Duration predicted{}, predicted_p90{};  // from asking to the last member's end
  Duration latency{};
  int asked = 0;  // members
  int whole = 0;  // of them, that wrote their answer to its end or to their limit
};

// What a user said of a kept question's answer.
struct Feedback {
  enum class Kind : std::uint8_t { good, bad, answer };
  Kind kind = Kind::good;
  std::string answer;  // the right one; empty unless `kind` is answer
};

// An answered question to learn from.
struct Lesson {
  Recorded recorded;
  std::optional<Feedback> feedback;
};

}  // namespace kai
