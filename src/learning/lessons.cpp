#include "learning/lessons.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "consensus/consensus.h"
#include "learning/learning.h"

namespace kai {

namespace {

// A lesson as its voters' ballot, and how it went then.
struct Read {
  Ballot heard;                 // who said what
  Ballot judged;                // the same, as far as the user's word reaches
  int winner = Ballot::silent;  // the group whose answer was given
  std::optional<bool> right;    // whether that was right; nothing: unknown
  Standing at{};
  std::optional<std::size_t> author;  // the voter whose answer was given
  std::vector<OpenSigns> signs;       // of open answers that were judged, one a voter
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
  // What nobody voted for tells nothing of who votes well.
  if (!lesson.feedback || lesson.recorded.verdict.voters == 0) return;
  Ballot& ballot = read.judged;
  const Recorded& recorded = lesson.recorded;
  switch (lesson.feedback->kind) {
    case Feedback::Kind::good: ballot.right = read.winner; break;
    case Feedback::Kind::bad: ballot.right = Ballot::silent; break;
    case Feedback::Kind::answer: {
      const auto form = canonical(recorded.shape, recorded.question, lesson.feedback->answer);
      const auto found = form ? groups.find(*form) : groups.end();
      ballot.right = found == groups.end() ? Ballot::silent : found->second;
      break;
    }
  }
  // The others may have been right or not: they are as if not asked. So is everybody else where an
  // answer is a text of its own.
  const bool winner_alone =
      lesson.feedback->kind == Feedback::Kind::bad || recorded.shape == Shape::open;
  for (std::size_t voter = 0; winner_alone && voter < ballot.groups.size(); ++voter) {
    if (ballot.groups[voter] != read.winner) ballot.groups[voter] = Ballot::not_asked;
  }
  read.right = *ballot.right >= 0 && *ballot.right == read.winner;
}

Read read_lesson(const Lesson& lesson, std::span<const std::string> keys) {
  const Recorded& recorded = lesson.recorded;
  Read read;
  read.heard.groups.assign(keys.size(), Ballot::not_asked);
  read.heard.costs.assign(keys.size(), 0);
  read.heard.lengths.assign(keys.size(), 0);
  const bool with_signs = recorded.shape == Shape::open && lesson.feedback.has_value();
  std::map<std::string, int> groups;
  std::vector<Heard> heard;
  for (const auto& answer : recorded.answers) {
    heard.push_back(hear(recorded.shape, recorded.question, answer));
  }
  if (with_signs) read.signs.assign(keys.size(), {});
  const auto signs =
      with_signs ? open_signs(recorded.answers, heard) : std::vector<OpenSigns>(heard.size());
  for (std::size_t at = 0; at < heard.size(); ++at) {
    const Answer& answer = recorded.answers[at];
    if (answer.ending == Ending::failed) continue;
    const int group = group_in(groups, answer, heard[at]);
    if (answer.member == recorded.verdict.author) read.winner = group;
    const auto key = std::ranges::find(keys, key_of(answer));
    if (answer.sample != 1 || key == keys.end()) continue;
    const auto voter = static_cast<std::size_t>(key - keys.begin());
    read.heard.groups[voter] = group;
    read.heard.costs[voter] = seconds(answer.timings.decode);
    read.heard.lengths[voter] = static_cast<double>(answer.text.size());
    if (answer.member == recorded.verdict.author) read.author = voter;
    if (with_signs) read.signs[voter] = signs[at];
  }
  read.at = standing(race_of(recorded.verdict, recorded.asks, recorded.answers));
  read.judged = read.heard;
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
    const int said = read.judged.groups[best];
    if (!read.right || said == Ballot::not_asked || labels >= labels_max) continue;
    ++labels;
    const bool alone = said >= 0 && said == *read.judged.right;
    if (alone && !*read.right) ++worse;
    if (!alone && *read.right) ++better;
  }
  const double differing = worse + better;
  return differing >= differing_min && worse - better > errors * std::sqrt(differing);
}

// Both verdicts that a question may end with, by what counts now; of a question that not all
// answered, the one it ended with. "bad" tells of a verdict only where it is the one that was
// given.
void add_judged(const Read& read, std::span<const double> says, const StopPlan& plan, int question,
                std::vector<Judged>& verdicts) {
  if (!read.right) return;
  const auto ends = ends_of(read.heard, says, plan);
  if (!ends) {
    verdicts.push_back({read.at, *read.right, question});
    return;
  }
  const bool knows_all = std::ranges::equal(read.heard.groups, read.judged.groups);
  for (const End& end : {ends->full, ends->stopped}) {
    if (!knows_all && end.leader != read.winner) continue;
    const bool right = end.leader >= 0 && end.leader == *read.judged.right;
    verdicts.push_back({end.at, right, question});
  }
}

// Fewer labels than this calibrate nothing, however many verdicts they give.
constexpr int calibrated_min = 30;

void calibrate(std::span<const Read> reads, std::span<const double> says, const StopPlan& plan,
               SkillSheet& sheet) {
  if (sheet.labels < calibrated_min) return;
  std::vector<Judged> verdicts;
  int question = 0;
  for (const Read& read : reads) add_judged(read, says, plan, question++, verdicts);
  sheet.learned.confidence = fit_confidence(verdicts);
  if (sheet.learned.confidence.labels == 0) return;
  sheet.learned.confidence.labels = sheet.labels;
  sheet.reliability = reliability_of(verdicts);
}

// What was said of the winners of open questions: of each, one voter's score.
OpenSay open_say(std::span<const Voter> voters, std::span<const Read> reads) {
  std::vector<Preference> preferences;
  for (const Read& read : reads) {
    if (!read.right || !read.author) continue;
    Preference& preference = preferences.emplace_back();
    preference.scores.assign(voters.size(), std::numeric_limits<double>::quiet_NaN());
    preference.scores[*read.author] = *read.right ? 1 : 0;
    preference.signs = read.signs;
  }
  return fit_open(voters, preferences);
}

std::size_t owner_of(const SkillSheet& sheet) {
  return static_cast<std::size_t>(std::ranges::max_element(sheet.models, {}, &ModelSkill::say) -
                                  sheet.models.begin());
}

std::vector<Ballot> ballots_of(std::span<const Read> reads, Ballot Read::* which) {
  std::vector<Ballot> ballots;
  for (const Read& read : reads) ballots.push_back(read.*which);
  return ballots;
}

// How the models of a closed shape vote, and whether the user's words were heeded.
Say closed_say(std::span<const Voter> voters, std::span<const Read> reads,
               std::vector<Ballot>& judged, SkillSheet& sheet) {
  Say say = fit_say(voters, judged);
  sheet.rolled_back = does_harm(reads, say.best);
  if (!sheet.rolled_back) return say;
  for (Ballot& ballot : judged) ballot.right.reset();
  return fit_say(voters, judged);
}

// What each voter's answers wrote that came to their end by themselves or at the limit. Those that
// were cancelled are not known: who is slow is cut more often, and kai cuts by what others said.
std::vector<std::vector<Written>> written_by(std::span<const Lesson* const> lessons,
                                             std::span<const std::string> keys) {
  std::vector<std::vector<Written>> written(keys.size());
  for (const Lesson* lesson : lessons) {
    for (const Answer& answer : lesson->recorded.answers) {
      const bool cut = answer.ending == Ending::token_limit;
      const auto key = std::ranges::find(keys, key_of(answer));
      if ((answer.ending != Ending::complete && !cut) || key == keys.end()) continue;
      if (answer.usage.answer.count < 1) continue;
      written[static_cast<std::size_t>(key - keys.begin())].push_back(
          {static_cast<double>(answer.usage.answer.count), cut});
    }
  }
  return written;
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
  std::vector<const Lesson*> read;
  for (const auto& lesson : lessons) {
    if (lesson.recorded.shape != shape) continue;
    read.push_back(&lesson);
    if (reads.empty()) sheet.newest = lesson.recorded.id;
    reads.push_back(read_lesson(lesson, keys));
    sheet.labels += reads.back().right ? 1 : 0;
    sheet.full += is_full(reads.back().heard, keys.size()) ? 1 : 0;
  }
  sheet.lessons = static_cast<int>(reads.size());

  auto judged = ballots_of(reads, &Read::judged);
  Say say;
  StopPlan stop;
  if (shape == Shape::open) {
    OpenSay open = open_say(voters, reads);
    say = {.weights = std::move(open.weights), .best = open.best};
    sheet.learned.taste = open.taste;
    stop = fit_stop({}, say.weights);
  } else {
    say = closed_say(voters, reads, judged, sheet);
    stop = fit_stop(ballots_of(reads, &Read::heard), say.weights);
  }
  sheet.guarded = say.guarded;
  const auto skills = fit_skills(voters, judged);
  const auto written = written_by(read, keys);
  for (std::size_t voter = 0; voter < voters.size(); ++voter) {
    const auto known = std::ranges::count_if(judged, [&](const Ballot& ballot) {
      return ballot.right && ballot.groups[voter] != Ballot::not_asked;
    });
    sheet.models.push_back({keys[voter], skills[voter].chance(), say.weights[voter],
                            static_cast<int>(known), 0, fit_length(written[voter])});
  }
  sheet.learned.stop = stop.rule;
  for (std::size_t place = 0; place < stop.order.size(); ++place) {
    sheet.models[stop.order[place]].order = static_cast<int>(place);
  }
  if (!sheet.rolled_back) calibrate(reads, say.weights, stop, sheet);
  return sheet;
}

SkillSheet settled(const SkillSheet& before, SkillSheet after) {
  const auto same_model = [](const ModelSkill& one, const ModelSkill& other) {
    return one.key == other.key;
  };
  if (after.models.empty() || after.labels > before.labels ||
      !std::ranges::equal(before.models, after.models, same_model) ||
      owner_of(before) == owner_of(after)) {
    return after;
  }
  SkillSheet kept = before;
  kept.frozen = true;
  kept.newest = after.newest;
  kept.full = after.full;
  return kept;
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
