#include "sim/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/ensure.h"

namespace kai {

namespace {

// Beyond the deadline an answer may take this long to come (promise 1 of the fault model).
constexpr Duration grace = std::chrono::seconds(1);

}  // namespace

Task<Outcome> Player::ask(Coordinator* coordinator, Query query, OnEvent on_event) {
  if (query.asked > clock_.now()) co_await clock_.sleep_until(query.asked);
  co_return co_await coordinator->answer(std::move(query), std::move(on_event));
}

std::vector<Outcome> Player::play(Coordinator& coordinator, std::vector<Query> queries,
                                  OnEvent on_event, Duration patience) {
  TaskGroup<Outcome> root(io_.get_executor());
  const std::size_t count = queries.size();
  for (auto& query : queries) root.start(ask(&coordinator, std::move(query), on_event));
  const Time leaving = clock_.now() + patience;
  Wait patience_ends;
  const auto leaves =
      patience > Duration::zero() ? clock_.ring_at(leaving, patience_ends) : nullptr;
  while (root.running() > 0) {
    io_.restart();
    io_.poll();
    if (root.running() == 0) break;
    ensure(clock_.advance(), "a question waits for something that never comes");
    if (leaves && clock_.now() >= leaving) root.cancel_all();
  }
  std::vector<Outcome> outcomes(count);
  std::size_t taken = 0;
  for (; taken < count; ++taken) {
    // next() does not wait any more, but it is a task like any other.
    const auto keep = [&](std::exception_ptr fault, auto done) {
      if (fault) std::rethrow_exception(fault);
      outcomes[done->index] = std::move(done->value);
    };
    boost::asio::co_spawn(io_, root.next(clock_, Time::max()), keep);
    io_.restart();
    io_.poll();
  }
  return outcomes;
}

std::vector<std::string> broken_promises(const Outcome& outcome, Time ended,
                                         const Scheduler& scheduler) {
  std::vector<std::string> broken;
  const auto check = [&](bool good, std::string what) {
    if (!good) broken.push_back(fmt::format("{}: {}", outcome.query.id.text, std::move(what)));
  };
  if (!outcome.plans.empty()) {
    check(ended <= outcome.plans.front().deadline + grace, "ended later than its deadline + 1 s");
  }
  std::size_t asks = 0;
  for (const auto& plan : outcome.plans) asks += plan.asks.size();
  check(outcome.answers.size() == asks,
        fmt::format("{} asks, {} answers", asks, outcome.answers.size()));
  const Verdict& verdict = outcome.verdict;
  check(outcome.answered() == !verdict.author.text.empty() || outcome.error, "no answer, no error");
  // Nobody has to vote for what one model was asked alone, and may have said nothing to.
  const bool voted = verdict.voters > 0;
  const bool alone = outcome.query.models.size() == 1;
  check(!outcome.answered() || !verdict.text.empty() || (alone && !voted),
        "an answer without a word");
  check(voted || (verdict.agreeing == 0 && !verdict.confidence), "sure of what nobody voted for");
  // Promise 2: one broken member never fails a question that another answered.
  const bool somebody = std::ranges::any_of(outcome.answers, [](const Answer& answer) {
    return answer.ending == Ending::complete && answer.text.size() > 3;
  });
  const bool user_left = outcome.error && outcome.error->code == ErrorCode::cancelled;
  check(!somebody || outcome.answered() || user_left, "a member answered, the question failed");
  for (const auto& room : scheduler.ledger().rooms()) {
    check(room.free == scheduler.ledger().capacity(room.device),
          fmt::format("{}: bytes are in use after the question's end", room.device.text));
  }
  return broken;
}

}  // namespace kai
