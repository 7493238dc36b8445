// random_gguf: a model file of a true shape with random weights. It loads and answers as slowly as
// the model it is shaped after, and says nothing.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace kai::bench {

// A transformer whose feed-forward part is a mixture of experts (llama.cpp's "llama" with
// expert_count, as Mixtral). All >= 1.
struct MixtureShape {
  std::string name;
  std::uint32_t layers = 1;
  std::uint32_t width = 32;  // of an embedding; a multiple of 32 and of heads
  std::uint32_t heads = 1;   // a multiple of heads_kv
  std::uint32_t heads_kv = 1;
  std::uint32_t experts = 1;
  std::uint32_t experts_used = 1;   // for a token
  std::uint32_t expert_width = 32;  // a multiple of 32
  std::uint32_t vocabulary = 1000;  // >= 300: a word each, beside the bytes
};

// IBM's granite-3.1-1b-a400m, by its config.json: 1.3 billion weights, 0.4 of them for a token.
inline const MixtureShape granite_1b{.name = "granite-3.1-1b-a400m",
                                     .layers = 24,
                                     .width = 1024,
                                     .heads = 16,
                                     .heads_kv = 8,
                                     .experts = 32,
                                     .experts_used = 8,
                                     .expert_width = 512,
                                     .vocabulary = 49155};

// Writes Q8_0 matrices and F32 norms. Same seed, same file. Errors: storage.
Result<> write_random_gguf(const MixtureShape& shape, std::uint64_t seed, const std::string& path);

}  // namespace kai::bench
