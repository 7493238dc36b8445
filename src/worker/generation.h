// Generation: one conversation being answered: its prompt, how far it is read, what was written.
#pragma once

#include <llama.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "worker/loaded_model.h"
#include "worker/sampler.h"
#include "worker/text_stream.h"

namespace kai {

// Lives on the thread that decodes. Phases: reading the prompt, then writing, then over.
class Generation {
 public:
  // Receives Prefill, Piece and, last, Done or Failed.
  using Sink = std::function<void(wire::WorkerEvent)>;

  // Errors: invalid_request (the prompt with its answer exceeds what the model was trained for; a
  // bad setting), model_refused (no chat template).
  static Result<Generation> make(const wire::GenerateRequest& request, const LoadedModel& model,
                                 Sink sink);

  bool writing() const { return read_ == prompt_.size(); }
  // The next `max` tokens of the prompt that are not read yet.
  std::span<const llama_token> unread(std::size_t max) const;
  const std::vector<llama_token>& prompt() const { return prompt_; }
  std::size_t read() const { return read_; }
  // Positions in the context: tokens read and written and fed back.
  llama_pos position() const { return static_cast<llama_pos>(read_ + fed_); }
  llama_token last() const { return last_; }

  // The decode took `count` tokens of the prompt, or (when writing) the last token.
  void took_prompt(std::size_t count, Duration time);
  void took_last(Duration time);
  // Samples from the logits at `index`; false: that was the end, and Done was sent.
  bool sample(llama_context* context, int index, const llama_vocab* vocab, Tokens context_size);
  void end(Ending ending);
  void fail(Error error);
  bool past(Time now) const { return deadline_ && now >= *deadline_; }

  llama_seq_id slot = -1;  // the sequence it lives in; -1: waits for one

 private:
  Generation(Sampler sampler, std::vector<std::string> stop)
      : sampler_(std::move(sampler)), stream_(std::move(stop)) {}
  void emit(std::string text);
  void tell_odds(const Sampled& next, const llama_vocab* vocab);

  Sink sink_;
  Sampler sampler_;
  TextStream stream_;
  std::vector<llama_token> prompt_;
  std::size_t read_ = 0;     // tokens of the prompt in the context
  std::size_t fed_ = 0;      // written tokens in the context
  std::size_t written_ = 0;  // tokens sampled
  Tokens answer_max_{};
  std::optional<Time> deadline_;
  llama_token last_ = 0;
  double logprob_sum_ = 0;
  bool tells_odds_ = false;
  Duration prefill_{};
  Duration decode_{};
};

}  // namespace kai
