// The reference PC for tests, from the file that users have.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "base/ensure.h"
#include "wire/pc.h"

namespace kai {

inline Pc reference_pc() {
  std::ifstream file(KAI_SOURCE "/examples/reference-pc.json");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto pc = wire::decode_pc(text);
  ensure(pc.has_value(), "examples/reference-pc.json is read");
  return *std::move(pc);
}

}  // namespace kai
