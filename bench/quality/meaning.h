// meaning: likeness by words and by embeddings, side by side on one sample of a panel.
#pragma once

#include <vector>

#include "bench/quality/embeddings.h"
#include "bench/quality/trial.h"
#include "bench/rows.h"

namespace kai::bench {

struct SampleOptions {
  std::size_t questions = 400;         // of a panel of open questions
  std::size_t questions_closed = 100;  // of another
  std::size_t models = 12;
};

// Questions and models drawn by the seed. Open: whether embeddings choose better and whether
// agreement by them says more of the answer's score. Closed: whether they tell answers of one
// conclusion from answers of another. Errors: those of the embeddings.
Result<std::vector<Row>> meaning_rows(const Panel& panel, const TrialOptions& options,
                                      const SampleOptions& sample, Embeddings& embeddings);

}  // namespace kai::bench
