// LoadedModel: a model in memory with the context its conversations live in.
#pragma once

#include <llama.h>

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "worker/runtime.h"

namespace kai {

// Tokens of one prefill step, between these: large ones are read faster, small ones tell sooner how
// far the reading is.
inline constexpr int prefill_chunk_min = 128;
inline constexpr int prefill_chunk_max = 512;

// Invariant: model and context belong together, the context has room for `sequences`
// conversations of `context` tokens. Lives on the thread that decodes.
class LoadedModel {
 public:
  // Called with 0..1 while loading; false aborts.
  using OnProgress = std::function<bool(double)>;

  // An embedding model reads one text at a time: its context is no larger than it was trained for.
  // Errors: model_refused (no GGUF, unknown architecture; with llama.cpp's reason), no_memory (less
  // is free than it takes), cancelled (on_progress said so).
  static Result<LoadedModel> load(const wire::LoadRequest& request, const RuntimeDevice& device,
                                  int threads, const OnProgress& on_progress);

  // A context of another size; what the old one held is gone. Errors: no_memory, model_refused
  // (larger than any may be); the model is then without a context and must be dropped.
  Result<> resize(Tokens context, int sequences);

  // Of the decodes from now on; >= 1.
  void use_threads(int threads);

  // Compute buffers are touched by the first decode only: adds what it took to the footprint.
  void note_growth(Bytes in_use_before);

  llama_context* context() const { return context_.get(); }
  const llama_vocab* vocab() const { return llama_model_get_vocab(model_.get()); }
  const std::string& chat_template() const { return chat_template_; }
  const wire::Footprint& footprint() const { return footprint_; }
  // It turns texts into vectors, and writes none.
  bool embeds() const { return embeds_; }
  bool is_split() const { return split_; }  // between the GPU and the CPU
  // A decode that is given up leaves no trace. Not where a state is carried from token to token.
  bool forgets_steps() const {
    return !llama_model_is_recurrent(model_.get()) && !llama_model_is_hybrid(model_.get());
  }
  int dimensions() const { return llama_model_n_embd_out(model_.get()); }
  // Tokens that one decode takes.
  int batch_max() const;
  const RuntimeDevice& device() const { return device_; }
  Tokens context_size() const { return context_size_; }  // of one sequence
  Tokens context_max() const { return context_max_; }    // the model was trained for
  int sequences() const { return sequences_; }

 private:
  struct FreeModel {
    void operator()(llama_model* model) const { llama_model_free(model); }
  };
  struct FreeContext {
    void operator()(llama_context* context) const { llama_free(context); }
  };

  LoadedModel(llama_model* model, const RuntimeDevice& device, int threads);

  std::unique_ptr<llama_model, FreeModel> model_;
  std::unique_ptr<llama_context, FreeContext> context_;  // dies before the model
  RuntimeDevice device_;
  int threads_;
  std::string chat_template_;
  wire::Footprint footprint_;
  Tokens context_size_{};
  Tokens context_max_{};
  int sequences_ = 0;
  bool embeds_ = false;
  bool split_ = false;
};

// Whether a model is for embeddings: it pools what it read, or reads both ways.
bool is_embedding_model(const llama_model* model);

// Bytes of keys and values that one token of one sequence takes, from the file's own numbers.
Bytes kv_bytes_per_token(const llama_model* model);

// A metadata value of the file, empty if it has none.
std::string metadata(const llama_model* model, const std::string& key);
// The same as a positive number; `otherwise` where it is none.
std::int64_t number_in(const llama_model* model, const std::string& key, std::int64_t otherwise);

// Whether the device could give so many bytes now: to its models where it is a GPU, to this process
// where it is the CPU.
bool has_free(const RuntimeDevice& device, Bytes bytes);

// What a device has in use by this process (CPU) or by anyone (GPU).
Bytes bytes_in_use(const RuntimeDevice& device);

}  // namespace kai
