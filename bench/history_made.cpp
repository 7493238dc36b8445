#include "bench/history_made.h"

#include <fmt/format.h>

#include "base/random.h"

namespace kai::bench {

namespace {

constexpr int vocabulary = 20'000;
constexpr int flush_every = 500;  // questions: the store's queue has room for them
constexpr Duration flush_max = std::chrono::seconds(60);

std::string words(Random& random, int count) {
  std::string text;
  for (int word = 0; word < count; ++word) {
    const double rank = random.unit() * random.unit() * random.unit();
    text += fmt::format("{}w{}", word == 0 ? "" : " ", static_cast<int>(rank * vocabulary));
  }
  return text;
}

Outcome outcome_of(Random& random, int number) {
  Outcome outcome;
  outcome.query.id = QueryId(fmt::format("q_{:026}", number));
  outcome.query.messages = {{Role::user, words(random, 12)}};
  outcome.query.tier = static_cast<Tier>(random.below(4));
  outcome.asked = WallTime(std::chrono::seconds(1'700'000'000 + number));
  outcome.verdict.text = words(random, 60);
  outcome.verdict.voters = 4;
  outcome.verdict.agreeing = static_cast<int>(random.below(4)) + 1;
  for (int member = 0; member < 4; ++member) {
    Answer answer;
    answer.model = ModelId(fmt::format("m{}", random.below(12)));
    answer.member = MemberId(fmt::format("{}#{}", answer.model.text, member));
    answer.ending = Ending::complete;
    answer.text = words(random, 60);
    outcome.answers.push_back(std::move(answer));
  }
  if (number % 1000 == 0) outcome.error = Error{ErrorCode::deadline, "late"};
  return outcome;
}

}  // namespace

bool make_history(Store& store, int questions) {
  Random random(1);
  bool kept = true;
  for (int number = 0; number < questions; ++number) {
    store.record(outcome_of(random, number));
    if (number % flush_every == 0) kept = store.flush(flush_max) && kept;
  }
  return store.flush(flush_max) && kept && store.dropped() == 0;
}

}  // namespace kai::bench
