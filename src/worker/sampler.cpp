#include "worker/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace kai {

#if defined(__x86_64__)
__attribute__((target_clones("avx2", "default")))
#endif
double
log_sum_exp(std::span<const float> logits, float maximum) {
  // e^x = 2^(x log2 e): the whole part goes into the exponent's bits, the rest through a
  // polynomial (Cephes' coefficients for 2^f on [0, 1), relative error about 1e-5).
  float sums[8] = {};
  const std::size_t even = logits.size() / 8 * 8;
  const auto exp_of = [maximum](float logit) {
    const float scaled = std::max((logit - maximum) * 1.44269504f, -126.0f);
    const float whole = std::floor(scaled);
    const float part = scaled - whole;
    const float power =
        1.0f +
        part * (0.69315308f + part * (0.24015361f + part * (0.05582724f + part * 0.00898934f)));
    const auto bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(whole) + 127) << 23;
    return power * std::bit_cast<float>(bits);
  };
  for (std::size_t index = 0; index < even; index += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += exp_of(logits[index + lane]);
  }
  double sum = 0;
  for (const float part : sums) sum += part;
  for (std::size_t index = even; index < logits.size(); ++index) sum += exp_of(logits[index]);
  return std::log(sum) + maximum;
}

std::vector<int> largest(std::span<const float> logits, int count) {
  std::vector<int> places;
  const auto wanted = static_cast<std::size_t>(std::max(count, 0));
  if (wanted == 0) return places;
  const auto at = [&](int place) { return logits[static_cast<std::size_t>(place)]; };
  const auto before = [&](int a, int b) { return at(a) > at(b); };
  for (int place = 0; place < std::ssize(logits); ++place) {
    if (places.size() == wanted) {
      if (!(at(place) > at(places.back()))) continue;
      places.pop_back();
    }
    places.insert(std::ranges::upper_bound(places, place, before), place);
  }
  return places;
}

namespace {

constexpr double logprob_least = -9999;  // a vocabulary may have tokens that are never written
constexpr int repeat_window = 64;        // tokens that repeat_penalty looks back
constexpr std::size_t grammar_bytes_max = 64 * 1024;

Result<> check(const Sampling& sampling) {
  const auto within = [](double value, double low, double high) {
    return std::isfinite(value) && value >= low && value <= high;
  };
  const char* wrong =
      !within(sampling.temperature, 0, 5)                            ? "temperature is 0..5"
      : sampling.top_k < 0                                           ? "top_k is 0 (off) or more"
      : !within(sampling.top_p, 1e-6, 1)                             ? "top_p is above 0, up to 1"
      : !within(sampling.min_p, 0, 1)                                ? "min_p is 0..1"
      : !within(sampling.repeat_penalty, 0.5, 2)                     ? "repeat_penalty is 0.5..2"
      : !within(sampling.top_logprobs.value_or(0), 0, likeliest_max) ? "top_logprobs is 0..20"
      : sampling.form.grammar.size() > grammar_bytes_max             ? "a grammar is at most 64 KiB"
                                                                     : nullptr;
  if (wrong != nullptr) return fail(ErrorCode::invalid_request, wrong);
  return {};
}

}  // namespace

Result<Sampler> Sampler::make(const llama_vocab* vocab, const Sampling& sampling) {
  if (auto good = check(sampling); !good) return std::unexpected(good.error());
  const int vocabulary = llama_vocab_n_tokens(vocab);
  const int beside = sampling.top_logprobs.value_or(0);
  const bool penalised = sampling.repeat_penalty != 1;
  if (sampling.temperature == 0 && sampling.form.grammar.empty() && !penalised) {
    return Sampler(nullptr, vocabulary, beside);
  }
  std::unique_ptr<llama_sampler, Free> chain(
      llama_sampler_chain_init(llama_sampler_chain_default_params()));
  const auto add = [&](llama_sampler* link) { llama_sampler_chain_add(chain.get(), link); };
  if (!sampling.form.grammar.empty()) {
    llama_sampler* grammar =
        llama_sampler_init_grammar(vocab, sampling.form.grammar.c_str(), "root");
    if (grammar == nullptr) {
      return fail(ErrorCode::invalid_request,
                  "the grammar does not parse: GBNF with a rule named root is expected");
    }
    add(grammar);
  }
  if (penalised) {
    add(llama_sampler_init_penalties(vocabulary, repeat_window,
                                     static_cast<float>(sampling.repeat_penalty), 0, 0));
  }
  if (sampling.temperature == 0) {
    add(llama_sampler_init_greedy());
  } else {
    if (sampling.top_k > 0) add(llama_sampler_init_top_k(sampling.top_k));
    add(llama_sampler_init_top_p(static_cast<float>(sampling.top_p), 1));
    add(llama_sampler_init_min_p(static_cast<float>(sampling.min_p), 1));
    add(llama_sampler_init_temp(static_cast<float>(sampling.temperature)));
    add(llama_sampler_init_dist(static_cast<std::uint32_t>(sampling.seed ^ sampling.seed >> 32)));
  }
  return Sampler(std::move(chain), vocabulary, beside);
}

Sampled Sampler::sample(llama_context* context, int index) {
  const float* raw = llama_get_logits_ith(context, index);
  const std::span<const float> logits(raw, static_cast<std::size_t>(vocabulary_));
  const auto best = std::ranges::max_element(logits);
  const double total = log_sum_exp(logits, *best);
  const auto token = chain_ ? llama_sampler_sample(chain_.get(), context, index)
                            : static_cast<llama_token>(best - logits.begin());
  const auto logprob_of = [&](llama_token one) {
    const double logprob = logits[static_cast<std::size_t>(one)] - total;
    // What is no number, of a broken model, is taken for the least.
    return logprob > logprob_least ? std::min(logprob, 0.0) : logprob_least;
  };
  Sampled sampled{token, logprob_of(token)};
  for (const int one : largest(logits, beside_))
    sampled.likeliest.push_back({one, logprob_of(one)});
  return sampled;
}

}  // namespace kai
