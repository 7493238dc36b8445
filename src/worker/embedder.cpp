#include "worker/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "worker/chat.h"

namespace kai {

namespace {

// Of length one, so that a product is a cosine. Nothing: there is nothing to scale.
std::optional<std::vector<float>> of_length_one(std::span<const float> numbers) {
  double squares = 0;
  for (const float number : numbers) squares += double{number} * number;
  const double length = std::sqrt(squares);
  if (!std::isfinite(length) || length <= 0) return std::nullopt;
  std::vector<float> vector;
  for (const float number : numbers) vector.push_back(static_cast<float>(number / length));
  return vector;
}

}  // namespace

Result<Embedder> Embedder::make(wire::EmbedRequest request, const LoadedModel& model, Sink sink) {
  if (!model.embeds()) {
    return kai::fail(ErrorCode::model_refused,
                     request.model.text + " writes text; give a model that is for embeddings");
  }
  return Embedder(std::move(request.texts), std::move(sink));
}

bool Embedder::fill(Batch& batch, const LoadedModel& model) const {
  const Segment text{texts_[next_], false};
  auto tokens = tokenise(model.vocab(), std::span(&text, 1));
  const auto room = static_cast<std::size_t>(model.batch_max());
  if (tokens.size() > room) {
    const llama_token last = tokens.back();
    tokens.resize(room);
    if (llama_vocab_is_control(model.vocab(), last)) tokens.back() = last;
  }
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    batch.add(tokens[at], static_cast<llama_pos>(at), 0, true);
  }
  return !tokens.empty();
}

bool Embedder::took(const Batch& batch, const LoadedModel& model, Duration time) {
  read_ += Tokens(batch.size());
  time_ += time;
  const float* numbers = llama_get_embeddings_seq(model.context(), 0);
  auto vector = numbers == nullptr
                    ? std::nullopt
                    : of_length_one({numbers, static_cast<std::size_t>(model.dimensions())});
  if (!vector) {
    fail({ErrorCode::model_refused, "the model gives no vector for a text; it may lack a pooling"});
    return false;
  }
  sink_(wire::Embedding{*std::move(vector)});
  if (++next_ < texts_.size()) return true;
  end(Ending::complete);
  return false;
}

void Embedder::end(Ending ending) {
  sink_(wire::Done{.ending = ending, .usage = {read_, Tokens(0)}, .prefill = time_});
}

void Embedder::fail(Error error) {
  sink_(wire::Failed{std::move(error)});
}

}  // namespace kai
