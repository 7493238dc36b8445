// embeddings: POST /v1/embeddings of OpenAI's protocol and /api/embed of Ollama's, text <-> nouns.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/embedded.h"

namespace kai::wire {

struct EmbeddingRequest {
  std::string model;
  std::vector<std::string> texts;  // 1..256, of 1 byte to 64 KiB each
  bool base64 = false;             // of OpenAI's: vectors as little-endian floats in base64
  std::optional<int> dimensions;   // 1..65,536: so many of a vector's first numbers
};

// Errors: invalid_request, with the field's name.
Result<EmbeddingRequest> decode_openai_embeddings(std::string_view body);
Result<EmbeddingRequest> decode_ollama_embed(std::string_view body);

// Vectors of so many numbers, of length one again. Errors: invalid_request, where they have fewer.
Result<Embedded> shortened(Embedded embedded, std::optional<int> dimensions);

std::string encode_openai_embeddings(const EmbeddingRequest& request, const Embedded& embedded);
std::string encode_ollama_embed(const EmbeddingRequest& request, const Embedded& embedded,
                                Duration total);

}  // namespace kai::wire
