// The reference PC for tests, from the file that users have.
#pragma once

#include "base/ensure.h"
#include "sim/pc_file.h"

namespace kai {

inline Pc reference_pc() {
  auto pc = read_pc(KAI_SOURCE "/examples/reference-pc.json");
  ensure(pc.has_value(), "examples/reference-pc.json is read");
  return *std::move(pc);
}

}  // namespace kai
