#include "worker/generation.h"

#include <fmt/format.h>

#include "worker/chat.h"

namespace kai {

namespace {

constexpr std::size_t token_bytes_max = 256;

// named: tokens that are no text, such as a turn's end, are their names, else nothing.
struct Spelling {
  bool named = false;
};

std::string piece_of(const llama_vocab* vocab, llama_token token, Spelling spelling = {}) {
  char text[token_bytes_max];
  const int size = llama_token_to_piece(vocab, token, text, sizeof text, 0, spelling.named);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

Result<Generation> Generation::make(const wire::GenerateRequest& request, const LoadedModel& model,
                                    Sink sink) {
  if (model.embeds()) {
    return kai::fail(ErrorCode::model_refused,
                     request.model.text + " is an embedding model: it does not write text");
  }
  const auto segments = frame(request.messages, request.chat, model.chat_template());
  if (!segments) return std::unexpected(segments.error());
  auto sampler = Sampler::make(model.vocab(), request.sampling);
  if (!sampler) return std::unexpected(sampler.error());

  std::vector<std::string> stop = request.sampling.stop;
  stop.insert(stop.end(), request.chat.stop.begin(), request.chat.stop.end());
  Generation generation(std::move(*sampler), std::move(stop));
  generation.sink_ = std::move(sink);
  generation.prompt_ = tokenise(model.vocab(), *segments);
  generation.answer_max_ = request.answer_max;
  generation.tells_odds_ = request.sampling.top_logprobs.has_value();
  if (request.limit > Duration::zero()) {
    generation.deadline_ = std::chrono::steady_clock::now() + request.limit;
  }
  const auto size = static_cast<std::int64_t>(generation.prompt_.size());
  if (size == 0) return kai::fail(ErrorCode::invalid_request, "the prompt is empty");
  if (size + 1 > model.context_max().count) {
    return kai::fail(ErrorCode::invalid_request,
                     fmt::format("the prompt has {} tokens, the model reads at most {}", size,
                                 model.context_max().count - 1));
  }
  return generation;
}

std::span<const llama_token> Generation::unread(std::size_t max) const {
  const auto rest = std::span(prompt_).subspan(read_);
  return rest.first(std::min(max, rest.size()));
}

void Generation::took_prompt(std::size_t count, Duration time) {
  read_ += count;
  prefill_ += time;
  sink_(wire::Prefill{static_cast<double>(read_) / static_cast<double>(prompt_.size())});
}

void Generation::took_last(Duration time) {
  ++fed_;
  decode_ += time;
}

bool Generation::sample(llama_context* context, int index, const llama_vocab* vocab,
                        Tokens context_size) {
  const Sampled next = sampler_.sample(context, index);
  ++written_;
  logprob_sum_ += next.logprob;
  last_ = next.token;
  if (llama_vocab_is_eog(vocab, next.token)) {
    end(Ending::complete);
    return false;
  }
  if (tells_odds_) tell_odds(next, vocab);
  emit(stream_.push(piece_of(vocab, next.token)));
  if (stream_.stopped()) {
    end(Ending::complete);
    return false;
  }
  if (static_cast<std::int64_t>(written_) >= answer_max_.count ||
      position() + 1 > context_size.count) {
    end(Ending::token_limit);
    return false;
  }
  return true;
}

void Generation::emit(std::string text) {
  if (!text.empty()) sink_(wire::Piece{std::move(text)});
}

void Generation::tell_odds(const Sampled& next, const llama_vocab* vocab) {
  wire::Odds odds;
  odds.token.written = {piece_of(vocab, next.token), next.logprob};
  for (const auto& [token, logprob] : next.likeliest) {
    odds.token.likeliest.push_back({piece_of(vocab, token, {.named = true}), logprob});
  }
  sink_(std::move(odds));
}

void Generation::end(Ending ending) {
  if (!stream_.stopped()) emit(stream_.finish());
  wire::Done done{ending,
                  {Tokens(static_cast<std::int64_t>(prompt_.size())),
                   Tokens(static_cast<std::int64_t>(written_))},
                  prefill_,
                  decode_,
                  std::nullopt};
  if (written_ > 0) done.logprob_mean = logprob_sum_ / static_cast<double>(written_);
  sink_(std::move(done));
}

void Generation::fail(Error error) {
  sink_(wire::Failed{std::move(error)});
}

}  // namespace kai
