#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "consensus/consensus.h"
#include "consensus/voices.h"

namespace kai {

namespace {

// Rounding in sums of weights must not pass for a lead.
constexpr double lead_margin = 1e-9;

struct Pending {
  const Ask* ask;
  std::size_t order;  // in the plan
};

std::vector<Pending> pending_of(std::span<const Ask> asks, std::span<const Answer> answers) {
  std::vector<Pending> pending;
  for (std::size_t order = 0; order < asks.size(); ++order) {
    const auto answer = std::ranges::find(answers, asks[order].member, &Answer::member);
    if (answer == answers.end()) pending.push_back({&asks[order], order});
  }
  return pending;
}

// Of the members of a group, which are alike in this.
consensus::Trial trial_of(const Group& group, std::span<const Answer> answers) {
  const auto answer = std::ranges::find(answers, group.members.front(), &Answer::member);
  return answer == answers.end() ? consensus::Trial::unknown : consensus::trial_of(*answer);
}

// Whether code is run: then every answer that was taken says what came of it.
bool is_tested(const Verdict& verdict, std::span<const Answer> answers) {
  return verdict.shape == Shape::code &&
         std::ranges::any_of(answers, [](const Answer& answer) { return answer.run.has_value(); });
}

// All that is still to come, speaking with one voice for the second group or for a new one: no
// rival can gain more, since a group never gains more by voices than these weigh alone.
// Where code is run, whoever passes stands before all who did not: only a leader that passed can
// be settled, and only who passed is its rival.
bool is_vote_settled(const Verdict& verdict, const std::vector<Pending>& pending,
                     std::span<const Answer> answers) {
  consensus::Tally rest;
  for (const auto& [ask, order] : pending) rest.add(ask->model, consensus::say(ask->weight));
  double second = verdict.groups.size() > 1 ? verdict.groups[1].weight : 0;
  if (is_tested(verdict, answers)) {
    if (trial_of(verdict.groups[0], answers) != consensus::Trial::passed) return false;
    const bool rival = verdict.groups.size() > 1 &&
                       trial_of(verdict.groups[1], answers) == consensus::Trial::passed;
    if (!rival) second = 0;
  }
  return verdict.groups[0].weight - second > rest.sum() + lead_margin;
}

// Open text: the answer is the strongest member's, so it stands once nobody still to come is
// stronger than its author. What the others would add is agreement, and for that a majority of the
// asked is enough: the sentence "3 of 5 asked say roughly the same" no longer waits for the
// slowest.
bool is_author_settled(const Verdict& verdict, const std::vector<Pending>& pending,
                       std::span<const Ask> asks, std::span<const Answer> answers) {
  if (2 * static_cast<std::size_t>(verdict.voters) <= asks.size()) return false;
  const auto voices = consensus::voices_of(asks, answers);
  const auto author = std::ranges::find_if(
      voices, [&](const auto& voice) { return voice.answer->member == verdict.author; });
  if (author == voices.end()) return false;
  return std::ranges::none_of(pending, [&](const Pending& one) {
    return consensus::outranks(*one.ask, one.order, *author);
  });
}

std::string sentence(std::size_t asked, std::size_t pending, std::span<const Answer> answers,
                     bool open) {
  static constexpr auto ordinals = std::to_array<std::string_view>(
      {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
       "tenth", "eleventh", "twelfth"});
  const auto failed =
      static_cast<std::size_t>(std::ranges::count(answers, Ending::failed, &Answer::ending));
  const std::size_t answered = asked - pending - std::min(failed, asked - pending);
  const std::string_view what = open ? "the answer" : "the outcome";
  if (pending == 1 && answered + 1 == asked && asked <= ordinals.size()) {
    return fmt::format("{} of {} have answered; the {} cannot change {}", answered, asked,
                       ordinals[asked - 1], what);
  }
  return fmt::format("{} of {} have answered; the {} still to come cannot change {}", answered,
                     asked, pending, what);
}

}  // namespace

Stop may_stop(const Verdict& verdict, std::span<const Ask> asks, std::span<const Answer> answers,
              const StopRule& rule) {
  if (verdict.voters == 0 || verdict.groups.empty()) return {};
  const auto pending = pending_of(asks, answers);
  if (pending.empty()) return {};
  const bool open = verdict.shape == Shape::open;
  const bool settled = open ? is_author_settled(verdict, pending, asks, answers)
                            : is_vote_settled(verdict, pending, answers);
  if (settled) return {true, sentence(asks.size(), pending.size(), answers, open)};
  // The learned rule knows votes alone.
  if (open || !rule.learned || is_tested(verdict, answers)) return {};
  const double stays = chance(rule.stays, standing(race_of(verdict, asks, answers)));
  if (!(stays >= rule.stay_min)) return {};  // also where it is no number
  return {true, fmt::format("{} of {} have answered; as such votes went so far, the outcome stays "
                            "with a chance of {:.0f} %",
                            answers.size(), asks.size(), std::floor(stays * 100))};
}

}  // namespace kai
