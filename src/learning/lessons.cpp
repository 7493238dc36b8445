#include "learning/lessons.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "consensus/consensus.h"
#include "learning/learning.h"

namespace kai {

namespace {

// A lesson as its voters' ballot, and how it went then.
struct Read {
  Ballot ballot;
  int winner = Ballot::silent;  // the group whose answer was given
  std::optional<bool> right;    // whether that was right; nothing: unknown
  Standing at{};
};

std::string key_of(const Answer& answer) {
  return answer.digest.empty() ? answer.model.text : answer.digest;
}

// What is cut without having said anything was not heard; what came to its end and says nothing
// that can be compared abstained.
int group_in(std::map<std::string, int>& groups, const Answer& answer, const Heard& heard) {
  if (heard.form) {
    return groups.try_emplace(*heard.form, static_cast<int>(groups.size())).first->second;
  }
  const bool whole = answer.ending == Ending::complete || answer.ending == Ending::token_limit;
  return whole ? Ballot::silent : Ballot::not_asked;
}

// Puts what the user said of the lesson into it.
void label(Read& read, const Lesson& lesson, const std::map<std::string, int>& groups) {
  if (!lesson.feedback) return;
  switch (lesson.feedback->kind) {
    case Feedback::Kind::good: read.ballot.right = read.winner; break;
    case Feedback::Kind::bad:
      // The others may have been right or not: they are as if not asked.
      for (int& group : read.ballot.groups) {
        if (group != read.winner) group = Ballot::not_asked;
      }
      read.ballot.right = Ballot::silent;
      break;
    case Feedback::Kind::answer: {
      const Recorded& recorded = lesson.recorded;
      const auto form = canonical(recorded.shape, recorded.question, lesson.feedback->answer);
      const auto found = form ? groups.find(*form) : groups.end();
      read.ballot.right = found == groups.end() ? Ballot::silent : found->second;
      break;
    }
  }
  read.right = *read.ballot.right >= 0 && *read.ballot.right == read.winner;
}

Read read_lesson(const Lesson& lesson, std::span<const std::string> keys) {
  const Recorded& recorded = lesson.recorded;
  Read read;
  read.ballot.groups.assign(keys.size(), Ballot::not_asked);
  read.ballot.costs.assign(keys.size(), 0);
  read.ballot.lengths.assign(keys.size(), 0);
  std::map<std::string, int> groups;
  for (const auto& answer : recorded.answers) {
    if (answer.ending == Ending::failed) continue;
    const Heard heard = hear(recorded.shape, recorded.question, answer);
    const int group = group_in(groups, answer, heard);
    if (answer.member == recorded.verdict.author) read.winner = group;
    const auto key = std::ranges::find(keys, key_of(answer));
    if (answer.sample != 1 || key == keys.end()) continue;
    const auto voter = static_cast<std::size_t>(key - keys.begin());
    read.ballot.groups[voter] = group;
    read.ballot.costs[voter] = seconds(answer.timings.decode);
    read.ballot.lengths[voter] = static_cast<double>(answer.text.size());
  }
  read.at = standing(race_of(recorded.verdict, recorded.asks, recorded.answers));
  label(read, lesson, groups);
  return read;
}

// Whether the answers given were worse than one model's alone, beyond chance (sign test).
bool does_harm(std::span<const Read> reads, std::size_t best) {
  constexpr int labels_max = 200;
  constexpr double differing_min = 12, errors = 1.64;  // one side, 95 %
  int labels = 0;
  double worse = 0, better = 0;
  for (const Read& read : reads) {
    const int said = read.ballot.groups[best];
    if (!read.right || said == Ballot::not_asked || labels >= labels_max) continue;
    ++labels;
    const bool alone = said >= 0 && said == *read.ballot.right;
    if (alone && !*read.right) ++worse;
    if (!alone && *read.right) ++better;
  }
  const double differing = worse + better;
  return differing >= differing_min && worse - better > errors * std::sqrt(differing);
}

}  // namespace

SkillSheet learn(Shape shape, std::span<const Model> models, std::span<const Lesson> lessons) {
  SkillSheet sheet;
  sheet.shape = shape;
  std::vector<Voter> voters;
  std::vector<std::string> keys;
  for (const auto& model : models) {
    if (!model.refused.empty()) continue;
    voters.push_back({model.id, model.prior});
    keys.push_back(skill_key(model.facts, model.id));
  }
  if (voters.empty()) return sheet;

  std::vector<Read> reads;
  for (const auto& lesson : lessons) {
    if (lesson.recorded.shape == shape) reads.push_back(read_lesson(lesson, keys));
  }
  std::vector<Ballot> ballots;
  std::vector<Judged> judged;
  for (const auto& read : reads) {
    ballots.push_back(read.ballot);
    if (read.right) judged.push_back({read.at, *read.right});
  }
  sheet.lessons = static_cast<int>(reads.size());
  sheet.labels = static_cast<int>(judged.size());

  Say say = fit_say(voters, ballots);
  sheet.rolled_back = does_harm(reads, say.best);
  if (sheet.rolled_back) {
    for (Ballot& ballot : ballots) ballot.right.reset();
    say = fit_say(voters, ballots);
    judged.clear();
  }
  sheet.guarded = say.guarded;
  const auto skills = fit_skills(voters, ballots);
  for (std::size_t voter = 0; voter < voters.size(); ++voter) {
    const auto known = std::ranges::count_if(ballots, [&](const Ballot& ballot) {
      return ballot.right && ballot.groups[voter] != Ballot::not_asked;
    });
    sheet.models.push_back(
        {keys[voter], skills[voter].chance(), say.weights[voter], static_cast<int>(known)});
  }
  const StopPlan stop = fit_stop(ballots, say.weights);
  sheet.learned.stop = stop.rule;
  for (std::size_t place = 0; place < stop.order.size(); ++place) {
    sheet.models[stop.order[place]].order = static_cast<int>(place);
  }
  sheet.learned.confidence = fit_confidence(judged);
  return sheet;
}

bool covers(const SkillSheet& sheet, std::span<const Model> models) {
  std::size_t usable = 0;
  for (const auto& model : models) {
    if (!model.refused.empty()) continue;
    ++usable;
    if (skill_of(sheet, model) == nullptr) return false;
  }
  return usable == sheet.models.size();
}

}  // namespace kai
