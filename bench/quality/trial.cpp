#include "bench/quality/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "bench/quality/statistics.h"

namespace kai::bench {

namespace {

// What the training questions taught.
struct State {
  std::vector<Ask> asks;  // in the order of asking
  std::vector<std::size_t> order;
  Learned learned;
};

std::vector<Ask> asks_of(const Panel& panel, const std::vector<std::size_t>& order,
                         const std::vector<double>& weights) {
  std::vector<Ask> asks;
  for (const std::size_t voter : order) {
    Ask ask;
    ask.member = MemberId(panel.voters[voter].model.text);
    ask.model = panel.voters[voter].model;
    ask.weight = weights[voter];
    asks.push_back(std::move(ask));
  }
  return asks;
}

// The answers of a question in the order of asking, as far as they were given.
struct Said {
  std::vector<Answer> answers;
  std::vector<Heard> heard;
};

Said said_in(const Question& question, const std::vector<std::size_t>& order) {
  Said said;
  for (const std::size_t voter : order) {
    said.answers.push_back(question.answers[voter]);
    said.heard.push_back(question.heard[voter]);
  }
  return said;
}

// Nothing: nobody said anything.
std::optional<std::size_t> author_of(const Question& question, const Verdict& verdict) {
  const auto author = std::ranges::find(question.answers, verdict.author, &Answer::member);
  if (author == question.answers.end()) return std::nullopt;
  return static_cast<std::size_t>(author - question.answers.begin());
}

bool is_right(const Question& question, const Verdict& verdict) {
  const auto author = author_of(question, verdict);
  return author && kai::bench::is_right(question, *author);
}

// What is said once the first `count` answers are in.
struct Point {
  Verdict verdict;
  std::span<const Answer> answers;
};
Point after(std::size_t count, const Question& question, const State& state, const Said& said) {
  const auto answers = std::span(said.answers).first(count);
  const auto heard = std::span(said.heard).first(count);
  return {decide(question.shape, state.asks, answers, heard, {}, state.learned), answers};
}

// The first count of answers at which a rule stops.
std::size_t stops_after(const StopRule& rule, const Question& question, const State& state,
                        const Said& said) {
  std::size_t count = 1;
  for (; count < said.answers.size(); ++count) {
    const auto [verdict, answers] = after(count, question, state, said);
    if (may_stop(verdict, state.asks, answers, rule).now) break;
  }
  return count;
}

// Both verdicts that a question may end with: all asked, and stopped.
void judge(const Question& question, const State& state, std::vector<Judged>& verdicts) {
  const Said said = said_in(question, state.order);
  const std::size_t stop = stops_after(state.learned.stop, question, state, said);
  for (const std::size_t count : {said.answers.size(), stop}) {
    const auto [verdict, answers] = after(count, question, state, said);
    verdicts.push_back(
        {standing(race_of(verdict, state.asks, answers)), is_right(question, verdict)});
  }
}

std::vector<Voter> voters_of(const Panel& panel, const Without& without) {
  auto voters = panel.voters;
  if (without.priors) {
    for (Voter& voter : voters) voter.prior = 0.5;
  }
  return voters;
}

// The first of `training` with their labels, the others without.
State learn(const Panel& panel, std::span<const std::size_t> training,
            const TrialOptions& options) {
  const auto labelled = training.first(std::min(options.labels, training.size()));
  std::vector<Ballot> ballots;
  for (const std::size_t number : training) {
    ballots.push_back(panel.questions[number].ballot);
    if (ballots.size() > labelled.size()) ballots.back().right.reset();
  }
  const Without& without = options.without;
  auto say = fit_say(voters_of(panel, without), ballots, {.guard = !without.guard});
  if (without.weights) std::ranges::fill(say.weights, 1.0);
  auto plan = fit_stop(ballots, say.weights);
  State state{.asks = asks_of(panel, plan.order, say.weights), .order = std::move(plan.order)};
  state.learned.stop = plan.rule;
  std::vector<Judged> verdicts;
  for (const std::size_t number : labelled) judge(panel.questions[number], state, verdicts);
  state.learned.confidence = fit_confidence(verdicts);
  return state;
}

double cost_of(const Question& question, const State& state, std::size_t count) {
  double cost = 0;
  for (std::size_t at = 0; at < count; ++at) cost += question.ballot.costs[state.order[at]];
  return cost;
}

Decided decided(const Question& question, const State& state) {
  const Said said = said_in(question, state.order);
  const std::size_t all = said.answers.size();
  const std::size_t exact = stops_after({}, question, state, said);
  const std::size_t stop = stops_after(state.learned.stop, question, state, said);
  const auto full = after(all, question, state, said).verdict;
  const auto stopped = after(stop, question, state, said).verdict;
  const auto author = author_of(question, full);
  return {
      .right = is_right(question, full),
      .right_by_source = author && question.scores[*author] >= 0.5,
      .right_stopped = is_right(question, stopped),
      .cost = cost_of(question, state, all),
      .cost_stopped = cost_of(question, state, stop),
      .cost_exact = cost_of(question, state, exact),
      .heard = static_cast<int>(stop),
      .agreement = full.agreement,
      .agreement_stopped = stopped.agreement,
      .confidence = full.confidence.value_or(full.agreement),
      .confidence_stopped = stopped.confidence.value_or(stopped.agreement),
  };
}

// As a reader without canonical forms would compare: the last line.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

Panel without_forms(Panel panel) {
  for (Question& question : panel.questions) {
    std::vector<std::string> lines;
    for (std::size_t voter = 0; voter < question.answers.size(); ++voter) {
      const std::string line = last_line(question.answers[voter].text);
      if (question.ballot.groups[voter] == Ballot::not_asked || line.empty()) continue;
      auto found = std::ranges::find(lines, line);
      if (found == lines.end()) found = lines.insert(found, line);
      question.ballot.groups[voter] = static_cast<int>(found - lines.begin());
    }
  }
  return panel;
}

// The vote on the groups of a ballot alone.
bool is_right_by_ballot(const Panel& panel, const State& state, std::size_t number) {
  const Question& question = panel.questions[number];
  std::vector<double> sums(question.answers.size() + 1, 0);
  std::size_t author = state.order[0];
  double best = -1;
  for (const auto& ask : state.asks) {
    const auto voter = static_cast<std::size_t>(&ask - state.asks.data());
    const int group = question.ballot.groups[state.order[voter]];
    if (group >= 0) sums[static_cast<std::size_t>(group)] += ask.weight;
  }
  for (const std::size_t voter : state.order) {
    const int group = question.ballot.groups[voter];
    if (group < 0 || sums[static_cast<std::size_t>(group)] <= best) continue;
    best = sums[static_cast<std::size_t>(group)];
    author = voter;
  }
  return is_right(question, author);
}

}  // namespace

std::vector<std::size_t> all_questions(const Panel& panel) {
  std::vector<std::size_t> all(panel.questions.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::size_t best_voter(const Panel& panel, std::span<const std::size_t> questions) {
  std::vector<double> right(panel.voters.size(), 0);
  for (const std::size_t number : questions) {
    const Question& question = panel.questions[number];
    for (std::size_t voter = 0; voter < right.size(); ++voter) {
      right[voter] += question.gold ? is_right(question, voter) : question.scores[voter];
    }
  }
  return static_cast<std::size_t>(std::ranges::max_element(right) - right.begin());
}

std::vector<Decided> decide_panel(const Panel& given, const TrialOptions& options) {
  const Panel bare = options.without.forms ? without_forms(given) : Panel{};
  const Panel& panel = options.without.forms ? bare : given;
  std::vector<Decided> result(panel.questions.size());
  const auto fold = folds_of(panel.questions.size(), options.folds, options.seed);
  for (int held_out = 0; held_out < options.folds; ++held_out) {
    // Each fold in an order of its own, so that a few labels are not the same few in all.
    const auto seed = derive_seed(options.seed, fmt::format("labels of fold {}", held_out));
    std::vector<std::size_t> training;
    for (const std::size_t number : shuffled(panel.questions.size(), seed)) {
      if (fold[number] != held_out) training.push_back(number);
    }
    const State state = learn(panel, training, options);
    for (std::size_t number = 0; number < panel.questions.size(); ++number) {
      if (fold[number] != held_out) continue;
      if (options.without.forms) {
        result[number].right = is_right_by_ballot(panel, state, number);
      } else {
        result[number] = decided(panel.questions[number], state);
      }
    }
  }
  return result;
}

std::vector<double> regret(const Panel& panel, std::span<const std::size_t> counts, int orders,
                           std::uint64_t seed) {
  const std::size_t best = best_voter(panel, all_questions(panel));
  std::vector<double> curve(counts.size(), 0);
  for (int each = 0; each < orders; ++each) {
    const auto order = shuffled(panel.questions.size(), seed + static_cast<std::uint64_t>(each));
    std::vector<Ballot> ballots;
    Say say = fit_say(panel.voters, ballots);
    std::size_t fitted = 0;
    double behind = 0;
    for (const std::size_t number : order) {
      // Again after each label at first, later once the labels grew by a tenth.
      if (ballots.size() > fitted + fitted / 10) {
        say = fit_say(panel.voters, ballots);
        fitted = ballots.size();
      }
      const Question& question = panel.questions[number];
      std::vector<std::size_t> voters(panel.voters.size());
      std::iota(voters.begin(), voters.end(), std::size_t{0});
      const State state{.asks = asks_of(panel, voters, say.weights), .order = voters};
      const Said said = said_in(question, voters);
      const auto verdict = decide(question.shape, state.asks, said.answers, said.heard);
      behind += (is_right(question, best) ? 1 : 0) - (is_right(question, verdict) ? 1 : 0);
      ballots.push_back(question.ballot);
      for (std::size_t at = 0; at < counts.size(); ++at) {
        if (counts[at] == ballots.size()) curve[at] += behind / orders;
      }
    }
  }
  return curve;
}

}  // namespace kai::bench
