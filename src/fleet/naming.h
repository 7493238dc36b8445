// naming: the ids by which users know models, from the names of files. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "domain/model.h"

namespace kai {

// "smollm2:135m" for "SmolLM2-135M-Instruct.Q4_1.gguf": family, then size and what else tells it
// from its siblings, as Ollama's library writes them. The file's facts fill what its name does not
// say; they may be empty. Any bytes; the result is an id as clean_id() makes them.
std::string model_name(std::string_view file_name, const ModelFacts& facts);

// Any text as an id: 1 to 64 characters, only [a-z0-9._:-], never of the tiers' own "kai:…".
std::string clean_id(std::string_view text);

struct Named {
  std::string name;          // by model_name(), or as Ollama calls it
  std::string quantisation;  // "Q4_K - Medium"; empty: unknown
  std::string path;          // no two the same
};

// One id each, in the same order, no two the same, whatever the order: where names meet, all of
// them get their quantisation, and where these meet too, a number by path.
std::vector<ModelId> distinct_ids(std::span<const Named> models);

// The parameters that an id's size tells: 8e9 of "llama3.1:8b", 56e9 of "mixtral:8x7b"; 0: none.
std::int64_t parameters_in(std::string_view id);

// Whether `pattern`, in which '*' stands for any text, fits the whole of `text`.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace kai
