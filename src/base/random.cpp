#include "base/random.h"

namespace kai {

std::uint64_t fresh_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

std::uint64_t derive_seed(std::uint64_t seed, std::string_view label) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : label) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace kai
