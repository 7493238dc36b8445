#include "worker/loaded_model.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <utility>

namespace kai {

namespace {

// Above this a context is not even tried: llama.cpp would ask the system for it and abort.
constexpr std::int64_t context_tokens_max = 1 << 22;

std::string because(const std::string& complaint) {
  return complaint.empty() ? std::string() : " (" + complaint + ")";
}

}  // namespace

std::string metadata(const llama_model* model, const std::string& key) {
  char text[512];
  const int size = llama_model_meta_val_str(model, key.c_str(), text, sizeof text);
  return size < 0 ? std::string() : std::string(text);
}

std::int64_t number_in(const llama_model* model, const std::string& key, std::int64_t otherwise) {
  const std::string text = metadata(model, key);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0 ? value : otherwise;
}

bool is_embedding_model(const llama_model* model) {
  const std::string architecture = metadata(model, "general.architecture");
  const std::string pooling = metadata(model, architecture + ".pooling_type");
  return metadata(model, architecture + ".attention.causal") == "false" ||
         (!pooling.empty() && pooling != "0");
}

Bytes kv_bytes_per_token(const llama_model* model) {
  const std::string architecture = metadata(model, "general.architecture");
  const std::int64_t heads = std::max(1, llama_model_n_head(model));
  const std::int64_t head = llama_model_n_embd(model) / heads;
  const std::int64_t key = number_in(model, architecture + ".attention.key_length", head);
  const std::int64_t value = number_in(model, architecture + ".attention.value_length", head);
  constexpr std::int64_t f16_bytes = 2;
  return Bytes((key + value) * llama_model_n_head_kv(model) * llama_model_n_layer(model) *
               f16_bytes);
}

Bytes bytes_in_use(const RuntimeDevice& device) {
  if (device.facts.kind == DeviceKind::gpu) {
    std::size_t free = 0;
    std::size_t total = 0;
    ggml_backend_dev_memory(device.handle, &free, &total);
    return Bytes(static_cast<std::int64_t>(total - free));
  }
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return Bytes(resident * sysconf(_SC_PAGESIZE));
}

bool has_free(const RuntimeDevice& device, Bytes bytes) {
  if (device.facts.kind == DeviceKind::gpu) {
    std::size_t free = 0, total = 0;
    ggml_backend_dev_memory(device.handle, &free, &total);
    return static_cast<std::int64_t>(free) >= bytes.count;
  }
  // Address space alone: none of it is touched.
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes.count, 1));
  void* room = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return false;
  ::munmap(room, size);
  return true;
}

LoadedModel::LoadedModel(llama_model* model, const RuntimeDevice& device, int threads)
    : model_(model), device_(device), threads_(threads) {
  const char* text = llama_model_chat_template(model, nullptr);
  if (text != nullptr) chat_template_ = text;
  context_max_ = Tokens(llama_model_n_ctx_train(model));
  embeds_ = is_embedding_model(model);
}

Result<LoadedModel> LoadedModel::load(const wire::LoadRequest& request, const RuntimeDevice& device,
                                      int threads, const OnProgress& on_progress) {
  std::error_code error;
  // A FIFO or a device would block the open for ever.
  if (!std::filesystem::is_regular_file(request.path, error)) {
    return fail(ErrorCode::model_refused, fmt::format("{} is not a file", request.path));
  }
  take_complaint();
  const Bytes before = bytes_in_use(device);
  bool aborted = false;
  const auto progress = [&](float done) { return !(aborted = aborted || !on_progress(done)); };

  ggml_backend_dev_t devices[] = {device.handle, nullptr};
  llama_model_params params = llama_model_default_params();
  constexpr int all_layers = 9999;
  const bool gpu = device.facts.kind == DeviceKind::gpu;
  params.devices = gpu ? devices : nullptr;
  params.n_gpu_layers = gpu ? request.gpu_layers.value_or(all_layers) : 0;
  params.split_mode = LLAMA_SPLIT_MODE_NONE;
  // Without a memory map the bytes taken are the bytes measured, and a file that shrinks cannot
  // kill the worker.
  params.load_mode = LLAMA_LOAD_MODE_NONE;
  params.progress_callback = [](float done, void* call) {
    return (*static_cast<decltype(progress)*>(call))(done);
  };
  params.progress_callback_user_data = const_cast<void*>(static_cast<const void*>(&progress));

  llama_model* model = llama_model_load_from_file(request.path.c_str(), params);
  if (model == nullptr) {
    if (aborted) return fail(ErrorCode::cancelled, "loading was cancelled");
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(request.path, error));
    if (!error && !has_free(device, Bytes(size))) {
      return fail(ErrorCode::no_memory,
                  fmt::format("could not be loaded: {} has too little memory free{}: {}",
                              device.facts.id, because(take_complaint()), request.path));
    }
    return fail(ErrorCode::model_refused,
                fmt::format("could not be loaded{}: {}", because(take_complaint()), request.path));
  }
  LoadedModel loaded(model, device, threads);
  loaded.split_ = gpu && request.gpu_layers;
  loaded.footprint_.weights = std::max(bytes_in_use(device) - before,
                                       Bytes(static_cast<std::int64_t>(llama_model_size(model))));
  loaded.footprint_.kv_per_token = kv_bytes_per_token(model);
  const Tokens context =
      loaded.embeds_ ? std::min(request.context, loaded.context_max_) : request.context;
  if (auto sized = loaded.resize(context, loaded.embeds_ ? 1 : request.sequences); !sized) {
    return std::unexpected(sized.error());
  }
  return loaded;
}

int LoadedModel::batch_max() const {
  return embeds_ ? static_cast<int>(context_size_.count) : prefill_chunk_max + sequences_;
}

Result<> LoadedModel::resize(Tokens context, int sequences) {
  context_.reset();
  if (context.count * sequences > context_tokens_max) {
    return fail(ErrorCode::model_refused,
                fmt::format("{} conversations of {} tokens are more than a context may hold",
                            sequences, context.count));
  }
  context_size_ = context;
  sequences_ = sequences;
  const Bytes before = bytes_in_use(device_);
  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(context.count * sequences);
  params.n_seq_max = static_cast<std::uint32_t>(sequences);
  params.n_batch = static_cast<std::uint32_t>(batch_max());
  params.n_ubatch = params.n_batch;
  // Every token of a text is part of its vector, which the file says how to pool.
  params.embeddings = embeds_;
  params.n_outputs_max = embeds_ ? params.n_batch : static_cast<std::uint32_t>(sequences);
  params.n_threads = threads_;
  params.n_threads_batch = threads_;
  params.no_perf = true;
  // One buffer for all sequences, whole windows kept: samples of one question share its prompt.
  params.kv_unified = true;
  params.swa_full = true;
  context_.reset(llama_init_from_model(model_.get(), params));
  if (!context_) {
    return fail(ErrorCode::no_memory, fmt::format("no room for a context of {} tokens{}",
                                                  params.n_ctx, because(take_complaint())));
  }
  const Bytes kv = footprint_.kv_per_token * (context.count * sequences);
  footprint_.buffers = std::max(bytes_in_use(device_) - before - kv, Bytes(0));
  return {};
}

void LoadedModel::use_threads(int threads) {
  if (std::exchange(threads_, threads) == threads) return;
  llama_set_n_threads(context_.get(), threads_, threads_);
}

void LoadedModel::note_growth(Bytes before) {
  footprint_.buffers += std::max(bytes_in_use(device_) - before, Bytes(0));
}

}  // namespace kai
