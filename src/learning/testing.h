// For the tests of learning: voters and ballots.
#pragma once

#include <fmt/format.h>
#include <rapidcheck.h>

#include <utility>
#include <vector>

#include "learning/learning.h"

namespace kai::testing_learning {

inline std::vector<Voter> panel(const std::vector<double>& priors) {
  std::vector<Voter> voters;
  for (const double prior : priors) {
    voters.push_back({ModelId(fmt::format("m{}", voters.size())), prior});
  }
  return voters;
}

inline Ballot unlabelled(std::vector<int> groups) {
  return {.groups = std::move(groups)};
}
inline Ballot labelled(std::vector<int> groups, int right) {
  return {.groups = std::move(groups), .right = right};
}

// `voters` of whom each is wrong in its turn, alone, while the others say what is right.
inline std::vector<Ballot> taking_turns(int voters, int questions) {
  std::vector<Ballot> ballots;
  for (int question = 0; question < questions; ++question) {
    std::vector<int> groups(static_cast<std::size_t>(voters), 0);
    groups[static_cast<std::size_t>(question % voters)] = 1;
    ballots.push_back(labelled(std::move(groups), 0));
  }
  return ballots;
}

inline rc::Gen<double> chance() {
  return rc::gen::map(rc::gen::inRange(0, 101), [](int percent) { return percent / 100.0; });
}

// Few answers, so that groups and ties are frequent; some silent, some not asked, some unlabelled.
inline rc::Gen<std::vector<Ballot>> any_ballots(int voters) {
  return rc::gen::exec([voters] {
    std::vector<Ballot> ballots(static_cast<std::size_t>(*rc::gen::inRange(0, 60)));
    for (Ballot& ballot : ballots) {
      ballot.groups = *rc::gen::container<std::vector<int>>(static_cast<std::size_t>(voters),
                                                            rc::gen::inRange(-2, 3));
      if (*rc::gen::inRange(0, 3) > 0) ballot.right = *rc::gen::inRange(-1, 3);
    }
    return ballots;
  });
}

}  // namespace kai::testing_learning
