#include "worker/inspect.h"

#include <fmt/format.h>
#include <gguf.h>
#include <llama.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "worker/chat.h"
#include "worker/digest.h"
#include "worker/loaded_model.h"
#include "worker/runtime.h"

namespace kai {

namespace {

struct FreeGguf {
  void operator()(gguf_context* file) const { gguf_free(file); }
};
struct FreeModel {
  void operator()(llama_model* model) const { llama_model_free(model); }
};

std::unexpected<Error> refuse(const std::string& path, const std::string& why) {
  return fail(ErrorCode::model_refused, fmt::format("{}: {}", path, why));
}

Result<std::int64_t> size_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) return refuse(path, "there is no such file");
  if (fs::is_directory(status)) return refuse(path, "is a folder, not a GGUF file");
  // A FIFO or a device would block the open for ever.
  if (!fs::is_regular_file(status)) return refuse(path, "is not an ordinary file");
  const auto size = fs::file_size(path, error);
  if (error) return refuse(path, error.message());
  if (size == 0) return refuse(path, "is empty (0 bytes); fetch it again");
  char magic[4] = {};
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse(path, "cannot be opened for reading; check its permissions");
  file.read(magic, sizeof magic);
  if (std::string_view(magic, sizeof magic) != "GGUF") {
    return refuse(path, "is not a GGUF file (it does not begin with \"GGUF\")");
  }
  return static_cast<std::int64_t>(size);
}

using Gguf = std::unique_ptr<gguf_context, FreeGguf>;

// The file's header, once all of its tensors are known to be there: a file cut off in transfer has
// a good one, and llama.cpp would notice only in the middle.
Result<Gguf> open_whole(const std::string& path, std::int64_t size) {
  gguf_init_params params{true, nullptr};
  Gguf file(gguf_init_from_file(path.c_str(), params));
  if (!file) {
    const std::string complaint = take_complaint();
    return refuse(path, fmt::format("its GGUF header is damaged or cut off{}; fetch it again",
                                    complaint.empty() ? "" : " (" + complaint + ")"));
  }
  const auto begin = static_cast<std::int64_t>(gguf_get_data_offset(file.get()));
  for (std::int64_t index = 0; index < gguf_get_n_tensors(file.get()); ++index) {
    const auto offset = static_cast<std::int64_t>(gguf_get_tensor_offset(file.get(), index));
    const auto bytes = static_cast<std::int64_t>(gguf_get_tensor_size(file.get(), index));
    if (offset > size - begin || bytes > size - begin - offset) {
      return refuse(path, fmt::format("is cut off: {} bytes are there, its tensor {} ends later; "
                                      "fetch it again",
                                      size, gguf_get_tensor_name(file.get(), index)));
    }
  }
  return file;
}

// 1 where a model has no experts: the share of them that a token meets.
double share_of_experts(const llama_model* model) {
  const std::string architecture = metadata(model, "general.architecture");
  const auto all = number_in(model, architecture + ".expert_count", 0);
  const auto used = number_in(model, architecture + ".expert_used_count", all);
  return all > 0 ? std::min(1.0, static_cast<double>(used) / static_cast<double>(all)) : 1.0;
}

}  // namespace

Idle idle_of(const gguf_context* file, double experts) {
  Idle idle;
  Bytes looked_up{};
  bool own_output = false;
  for (std::int64_t index = 0; index < gguf_get_n_tensors(file); ++index) {
    const std::string_view name = gguf_get_tensor_name(file, index);
    const auto bytes = static_cast<std::int64_t>(gguf_get_tensor_size(file, index));
    const ggml_type type = gguf_get_tensor_type(file, index);
    const auto block = static_cast<std::int64_t>(ggml_type_size(type));
    const std::int64_t parameters = bytes / block * ggml_blck_size(type);
    const auto unchosen = [&](std::int64_t count) {
      return static_cast<std::int64_t>(static_cast<double>(count) * (1 - experts));
    };
    if (name == "token_embd.weight") {
      idle.parameters += parameters;
      looked_up = Bytes(bytes);  // unless it is the output too
    } else if (name == "output.weight") {
      idle.parameters += parameters;
      own_output = true;
    } else if (name.starts_with("per_layer_token_embd")) {
      idle.parameters += parameters;
      idle.bytes += Bytes(bytes);
    } else if (name.find("_exps.") != std::string_view::npos) {
      idle.parameters += unchosen(parameters);
      idle.bytes += Bytes(unchosen(bytes));
    }
  }
  if (own_output) idle.bytes += looked_up;
  return idle;
}

Result<ModelFacts> inspect(const std::string& path) {
  const auto size = size_of(path);
  if (!size) return std::unexpected(size.error());
  take_complaint();
  const auto file = open_whole(path, *size);
  if (!file) return std::unexpected(file.error());

  llama_model_params params = llama_model_default_params();
  params.no_alloc = true;
  params.load_mode = LLAMA_LOAD_MODE_NONE;
  params.n_gpu_layers = 0;
  const std::unique_ptr<llama_model, FreeModel> model(
      llama_model_load_from_file(path.c_str(), params));
  if (!model) {
    const std::string complaint = take_complaint();
    return refuse(path, complaint.empty() ? "llama.cpp cannot load it" : complaint);
  }
  if (!llama_model_has_decoder(model.get()) || llama_model_has_encoder(model.get())) {
    return refuse(path, "is not a model that writes text");
  }
  if (is_embedding_model(model.get())) {
    return refuse(path, fmt::format("is an embedding model ({}): it turns text into numbers and "
                                    "writes none, so it is not asked",
                                    metadata(model.get(), "general.architecture")));
  }
  auto digest = digest_of(path, *size);
  if (!digest) return std::unexpected(digest.error());
  ModelFacts facts;
  facts.digest = *std::move(digest);
  facts.name = metadata(model.get(), "general.name");
  facts.architecture = metadata(model.get(), "general.architecture");
  facts.quantisation = llama_ftype_name(llama_model_ftype(model.get()));
  facts.parameters = static_cast<std::int64_t>(llama_model_n_params(model.get()));
  facts.context_max = Tokens(llama_model_n_ctx_train(model.get()));
  facts.layers = llama_model_n_layer(model.get());
  facts.file = Bytes(*size);
  facts.weights = Bytes(static_cast<std::int64_t>(llama_model_size(model.get())));
  const Idle idle = idle_of(file->get(), share_of_experts(model.get()));
  facts.parameters_active = std::max<std::int64_t>(0, facts.parameters - idle.parameters);
  facts.weights_read = std::max(Bytes{}, facts.weights - idle.bytes);
  facts.kv_per_token = kv_bytes_per_token(model.get());
  // One chunk's activations and one row of logits for every sequence, as llama.cpp sizes them.
  facts.buffers =
      Bytes(prefill_chunk_max * 4 * (16 * std::int64_t{llama_model_n_embd(model.get())}) +
            4 * 8 * std::int64_t{llama_vocab_n_tokens(llama_model_get_vocab(model.get()))});
  const char* chat = llama_model_chat_template(model.get(), nullptr);
  facts.chat_template = chat != nullptr && known_template(chat);
  return facts;
}

}  // namespace kai
