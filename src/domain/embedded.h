// Embedded: texts as vectors, as an embedding model gives them.
#pragma once

#include <vector>

#include "base/clock.h"
#include "base/quantities.h"

namespace kai {

struct Embedded {
  std::vector<std::vector<float>> vectors;  // one a text, in their order; each of length one
  Tokens read{};                            // of all texts
  Duration load{};                          // of the model; 0: was resident
};

}  // namespace kai
