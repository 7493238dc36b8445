// Which models turn text into vectors. They are asked no question: `refused` says so.
#pragma once

#include "domain/model.h"

namespace kai {

inline bool is_embedding_model(const Model& model) {
  return model.refused.starts_with("is an embedding model");
}

}  // namespace kai
