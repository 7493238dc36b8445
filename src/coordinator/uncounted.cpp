#include "coordinator/uncounted.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "consensus/consensus.h"

namespace kai {

namespace {

double weight_of(const Outcome& outcome, const MemberId& member) {
  for (const auto& plan : outcome.plans) {
    const auto ask = std::ranges::find(plan.asks, member, &Ask::member);
    if (ask != plan.asks.end()) return ask->weight;
  }
  return 0;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// What the client is given of it. A document is one as it stands.
std::string_view words_in(const Query& query, const Answer& answer) {
  return query.json_form.empty() ? spoken_part(answer.text) : std::string_view(answer.text);
}

// Whether an answer of these words may stand though it counts for nothing.
bool may_stand(const Query& query, const Answer& answer, std::string_view words) {
  const bool cut = answer.ending == Ending::token_limit;
  if (!query.json_form.empty()) return cut && !words.empty();
  // A model's thoughts may have taken the client's whole length.
  if (cut) return !is_blank(words) || query.answer_max.has_value();
  return answer.ending == Ending::complete && (query.models.size() == 1 || !query.stop.empty());
}

}  // namespace

bool ended_as_asked(const Outcome& outcome) {
  const Query& query = outcome.query;
  return std::ranges::any_of(outcome.answers, [&](const Answer& answer) {
    return answer.ending == Ending::token_limit
               ? query.answer_max.has_value()
               : answer.ending == Ending::complete && !query.stop.empty();
  });
}

bool take_uncounted(Outcome& outcome) {
  const Answer* best = nullptr;
  std::pair<bool, double> best_rank;  // has words; weight
  for (const auto& answer : outcome.answers) {
    const auto words = words_in(outcome.query, answer);
    if (!may_stand(outcome.query, answer, words)) continue;
    const std::pair rank{!is_blank(words), weight_of(outcome, answer.member)};
    if (best == nullptr || rank > best_rank) {
      best = &answer;
      best_rank = rank;
    }
  }
  if (best == nullptr) return false;
  outcome.verdict.text = words_in(outcome.query, *best);
  outcome.verdict.author = best->member;
  outcome.verdict.method = "single";
  return true;
}

Error no_answer(const Outcome& outcome, bool late) {
  std::string tried;
  for (const auto& answer : outcome.answers) {
    tried += fmt::format("; {}: {}", answer.member.text,
                         answer.error ? answer.error->message : to_string(answer.ending));
  }
  return {
      late ? ErrorCode::deadline : ErrorCode::internal,
      fmt::format("no model gave an answer{}{}",
                  late ? " before the deadline; allow more time (--deadline, or deadline_ms)" : "",
                  tried)};
}

}  // namespace kai
