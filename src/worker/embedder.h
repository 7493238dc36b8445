// Embedder: the texts of one request being turned into vectors, one a step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "worker/batch.h"
#include "worker/loaded_model.h"

namespace kai {

// Lives on the thread that decodes. Invariant: a text is left until it is over.
class Embedder {
 public:
  // Receives an Embedding a text and, last, Done or Failed.
  using Sink = std::function<void(wire::WorkerEvent)>;

  // Errors: model_refused (the model writes text).
  static Result<Embedder> make(wire::EmbedRequest request, const LoadedModel& model, Sink sink);

  // The next text's tokens into an empty batch, as many as the model's context takes: its
  // beginning, between the marks that the model was trained with. False: it has no tokens.
  bool fill(Batch& batch, const LoadedModel& model) const;
  // The decode took the batch. False: that was the last text, and Done was sent, or Failed.
  bool took(const Batch& batch, const LoadedModel& model, Duration time);
  void end(Ending ending);
  void fail(Error error);

 private:
  Embedder(std::vector<std::string> texts, Sink sink)
      : texts_(std::move(texts)), sink_(std::move(sink)) {}

  std::vector<std::string> texts_;
  Sink sink_;
  std::size_t next_ = 0;
  Tokens read_{};
  Duration time_{};
};

}  // namespace kai
