// Sampler: picks the next token of one sequence, and says how likely the model held it.
#pragma once

#include <llama.h>

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "domain/plan.h"
#include "domain/token_odds.h"

namespace kai {

struct Sampled {
  llama_token token = 0;
  double logprob = 0;  // <= 0: of this token under the model itself, before any sampling setting
  // As many of these as Sampling::top_logprobs says, the likeliest first.
  struct Chance {
    llama_token token = 0;
    double logprob = 0;
  };
  std::vector<Chance> likeliest{};
};

// Owns llama.cpp's sampler chain. One per sequence; not thread-safe.
class Sampler {
 public:
  // Errors: invalid_request (a setting out of its range, a grammar that does not parse).
  static Result<Sampler> make(const llama_vocab* vocab, const Sampling& sampling);

  // From the logits that the last decode left at `index` of its batch.
  Sampled sample(llama_context* context, int index);

 private:
  struct Free {
    void operator()(llama_sampler* chain) const { llama_sampler_free(chain); }
  };
  Sampler(std::unique_ptr<llama_sampler, Free> chain, int vocabulary, int beside)
      : chain_(std::move(chain)), vocabulary_(vocabulary), beside_(beside) {}

  std::unique_ptr<llama_sampler, Free> chain_;  // empty: greedy
  int vocabulary_;
  int beside_;  // how many of the likeliest tokens are told
};

// The places of the `count` largest logits, the largest first; of equal ones the first. All of them
// where there are no more.
std::vector<int> largest(std::span<const float> logits, int count);

// ln of the sum of e^logit, to about 1e-4: vectorised, since a vocabulary of 262,144 entries is
// gone through for every token.
double log_sum_exp(std::span<const float> logits, float maximum);

}  // namespace kai
