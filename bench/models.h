// models: where the starter models lie that the benchmarks run on.
#pragma once

#include <cstdlib>
#include <string>

#include "domain/model.h"

namespace kai::bench {

inline std::string models_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  return (data != nullptr ? std::string(data)
                          : std::string(home == nullptr ? "" : home) + "/.local/share") +
         "/kai/models";
}
inline std::string smollm2() {
  return models_folder() + "/SmolLM2-135M-Instruct.Q4_1.gguf";
}
inline std::string gemma3() {
  return models_folder() + "/gemma-3-270m.Q4_K_M.gguf";
}
// Where `make bench` puts it; beside the models' folder.
inline std::string minilm() {
  return models_folder() + "/../embedding/all-MiniLM-L6-v2.F16.gguf";
}

}  // namespace kai::bench
