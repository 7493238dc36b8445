#include "bench/machine/random_gguf.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <vector>

#include "base/random.h"

namespace kai::bench {

namespace {

constexpr std::uint32_t file_type_q8_0 = 7;
enum TokenType : std::int32_t { normal = 1, unknown = 2, control = 3, byte = 6 };

struct Close {
  void operator()(gguf_context* gguf) const { gguf_free(gguf); }
  void operator()(ggml_context* ggml) const { ggml_free(ggml); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// The bytes first, so that any text can be read; then words that only the model would write.
void set_vocabulary(gguf_context* gguf, const MixtureShape& shape) {
  std::vector<std::string> tokens{"<unk>", "<s>", "</s>"};
  std::vector<std::int32_t> types{unknown, control, control};
  for (int value = 0; value < 256; ++value) {
    tokens.push_back(fmt::format("<0x{:02X}>", value));
    types.push_back(byte);
  }
  tokens.push_back("\u2581");  // a blank
  types.push_back(normal);
  while (tokens.size() < shape.vocabulary) {
    tokens.push_back(fmt::format("\u2581w{}", tokens.size()));
    types.push_back(normal);
  }
  std::vector<const char*> texts;
  for (const auto& token : tokens) texts.push_back(token.c_str());
  const std::vector<float> scores(tokens.size(), 0);
  gguf_set_val_str(gguf, "tokenizer.ggml.model", "llama");
  gguf_set_arr_str(gguf, "tokenizer.ggml.tokens", texts.data(), texts.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.scores", GGUF_TYPE_FLOAT32, scores.data(), scores.size());
  gguf_set_arr_data(gguf, "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
  gguf_set_val_u32(gguf, "tokenizer.ggml.unknown_token_id", 0);
  gguf_set_val_u32(gguf, "tokenizer.ggml.bos_token_id", 1);
  gguf_set_val_u32(gguf, "tokenizer.ggml.eos_token_id", 2);
}

void set_shape(gguf_context* gguf, const MixtureShape& shape) {
  gguf_set_val_str(gguf, "general.architecture", "llama");
  gguf_set_val_str(gguf, "general.name", shape.name.c_str());
  gguf_set_val_u32(gguf, "general.file_type", file_type_q8_0);
  gguf_set_val_u32(gguf, "llama.block_count", shape.layers);
  gguf_set_val_u32(gguf, "llama.context_length", 4096);
  gguf_set_val_u32(gguf, "llama.embedding_length", shape.width);
  gguf_set_val_u32(gguf, "llama.feed_forward_length", shape.expert_width);
  gguf_set_val_u32(gguf, "llama.attention.head_count", shape.heads);
  gguf_set_val_u32(gguf, "llama.attention.head_count_kv", shape.heads_kv);
  gguf_set_val_f32(gguf, "llama.attention.layer_norm_rms_epsilon", 1e-6F);
  gguf_set_val_u32(gguf, "llama.rope.dimension_count", shape.width / shape.heads);
  gguf_set_val_f32(gguf, "llama.rope.freq_base", 10000);
  gguf_set_val_u32(gguf, "llama.expert_count", shape.experts);
  gguf_set_val_u32(gguf, "llama.expert_used_count", shape.experts_used);
  gguf_set_val_u32(gguf, "llama.vocab_size", shape.vocabulary);
}

class Tensors {
 public:
  Tensors(gguf_context* gguf, const MixtureShape& shape)
      : gguf_(gguf),
        ggml_(ggml_init({.mem_size = ggml_tensor_overhead() * (16UL * shape.layers + 16),
                         .mem_buffer = nullptr,
                         .no_alloc = true})) {
    const std::int64_t width = shape.width;
    const std::int64_t kv = width / shape.heads * shape.heads_kv;
    const std::int64_t inner = shape.expert_width;
    const std::int64_t experts = shape.experts;
    add("token_embd.weight", GGML_TYPE_Q8_0, {width, shape.vocabulary});
    add("output_norm.weight", GGML_TYPE_F32, {width});
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
      const auto name = [&](std::string_view part) {
        return fmt::format("blk.{}.{}.weight", layer, part);
      };
      add(name("attn_norm"), GGML_TYPE_F32, {width});
      add(name("attn_q"), GGML_TYPE_Q8_0, {width, width});
      add(name("attn_k"), GGML_TYPE_Q8_0, {width, kv});
      add(name("attn_v"), GGML_TYPE_Q8_0, {width, kv});
      add(name("attn_output"), GGML_TYPE_Q8_0, {width, width});
      add(name("ffn_norm"), GGML_TYPE_F32, {width});
      add(name("ffn_gate_inp"), GGML_TYPE_F32, {width, experts});
      add(name("ffn_gate_exps"), GGML_TYPE_Q8_0, {width, inner, experts});
      add(name("ffn_down_exps"), GGML_TYPE_Q8_0, {inner, width, experts});
      add(name("ffn_up_exps"), GGML_TYPE_Q8_0, {width, inner, experts});
    }
  }
  const std::vector<ggml_tensor*>& list() const { return list_; }

 private:
  void add(const std::string& name, ggml_type type, const std::vector<std::int64_t>& size) {
    ggml_tensor* tensor =
        ggml_new_tensor(ggml_.get(), type, static_cast<int>(size.size()), size.data());
    ggml_set_name(tensor, name.c_str());
    gguf_add_tensor(gguf_, tensor);
    list_.push_back(tensor);
  }

  gguf_context* gguf_;
  std::unique_ptr<ggml_context, Close> ggml_;
  std::vector<ggml_tensor*> list_;
};

// Random numbers in a type's own form, over and over: a file of gigabytes is written at the disk's
// speed. Its length in rows is odd, so that two rows of a matrix are not the same.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) {
    constexpr std::int64_t row = 1024;
    constexpr std::int64_t rows = 1023;
    Random random(seed);
    floats_.resize(row * rows);
    for (float& value : floats_) value = static_cast<float>((random.unit() - 0.5) * 0.1);
    quantised_.resize(ggml_row_size(GGML_TYPE_Q8_0, row) * rows);
    ggml_quantize_chunk(GGML_TYPE_Q8_0, floats_.data(), quantised_.data(), 0, rows, row, nullptr);
  }
  bool write(std::FILE* file, const ggml_tensor& tensor) {
    std::size_t left = ggml_nbytes(&tensor);
    const std::size_t padding = GGML_PAD(left, GGUF_DEFAULT_ALIGNMENT) - left;
    while (left > 0) {
      const void* from = tensor.type == GGML_TYPE_F32 ? static_cast<const void*>(floats_.data())
                                                      : quantised_.data();
      const std::size_t size = std::min(
          left, tensor.type == GGML_TYPE_F32 ? floats_.size() * sizeof(float) : quantised_.size());
      if (std::fwrite(from, 1, size, file) != size) return false;
      left -= size;
    }
    const std::array<char, GGUF_DEFAULT_ALIGNMENT> zeros{};
    return std::fwrite(zeros.data(), 1, padding, file) == padding;
  }

 private:
  std::vector<float> floats_;
  std::vector<char> quantised_;
};

}  // namespace

Result<> write_random_gguf(const MixtureShape& shape, std::uint64_t seed, const std::string& path) {
  const std::unique_ptr<gguf_context, Close> gguf(gguf_init_empty());
  set_shape(gguf.get(), shape);
  set_vocabulary(gguf.get(), shape);
  const Tensors tensors(gguf.get(), shape);
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "wb"));
  bool written = file && gguf_write_to_file_ptr(gguf.get(), file.get(), /*only_meta=*/true);
  Numbers numbers(seed);
  for (const ggml_tensor* tensor : tensors.list()) {
    written = written && numbers.write(file.get(), *tensor);
  }
  if (written && std::fflush(file.get()) == 0) return {};
  return fail(ErrorCode::storage,
              path + " cannot be written; free some space, or set TMPDIR to a folder that has it");
}

}  // namespace kai::bench
