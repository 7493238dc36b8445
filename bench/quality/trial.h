// trial: a panel decided by kai, each question by what was learned from the others.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "bench/quality/panel.h"

namespace kai::bench {

// What a trial changes of kai; the defaults are kai as it is.
struct Without {
  bool weights = false;  // every voter alike
  bool priors = false;   // every prior a half
  bool guard = false;
  bool forms = false;  // the last line of an answer as it stands, instead of the canonical form
};

struct TrialOptions {
  int folds = 5;
  std::uint64_t seed = 1;
  std::size_t labels =
      std::numeric_limits<std::size_t>::max();  // training questions of known answer
  Without without;
};

// Of one question, by what its training folds taught.
struct Decided {
  bool right = false;
  bool right_by_source = false;  // as the source judged the author's answer
  bool right_stopped = false;
  double cost = 0, cost_stopped = 0, cost_exact = 0;  // of all; until the learned, the exact stop
  int heard = 0;                                      // answers until the learned stop
  double agreement = 0, agreement_stopped = 0;        // vote share
  double confidence = 0, confidence_stopped = 0;      // vote share where nothing was learned
};
std::vector<Decided> decide_panel(const Panel& panel, const TrialOptions& options);

// Of open questions, the scores of the answers chosen: by the taste learned, and of the member
// that the training folds liked best. Of the strongest member's answer also its score, the share
// of voters that resemble it and its mean likeness with theirs: by embeddings where the panel has
// them, else by words.
struct Chosen {
  std::vector<double> scores, best_member;
  std::vector<double> plain_score, agreement, likeness;
};
// Of one answer with the others to its question; 0 where there are none.
double mean_likeness(const Question& question, std::size_t voter);
Chosen choose_open(const Panel& panel, const TrialOptions& options);

// The voter that is best on the questions given.
std::size_t best_voter(const Panel& panel, std::span<const std::size_t> questions);
std::vector<std::size_t> all_questions(const Panel& panel);

// Right or wrong as labels come one at a time, in an order by chance: the mean over `orders` of
// them, of kai's answers less the single best model's, summed up to each count of labels given.
std::vector<double> regret(const Panel& panel, std::span<const std::size_t> counts, int orders,
                           std::uint64_t seed);

}  // namespace kai::bench
