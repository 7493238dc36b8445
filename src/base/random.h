// Random: the one source of chance, seeded and handed in, so that any run replays.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

namespace kai {

// Not thread-safe. Same seed, same sequence, on every machine: the distributions are ours,
// since the standard library's differ between vendors.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  // Uniform in [0, bound); bound >= 1. The bias of the modulo is below 2^-32 for our bounds.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }  // [0, 1)
  // About normal, mean 0 and spread 1: the sum of twelve draws.
  double normal() {
    double sum = -6;
    for (int draw = 0; draw < 12; ++draw) sum += unit();
    return sum;
  }
  bool chance(double probability) { return unit() < probability; }  // 0..1

 private:
  std::mt19937_64 engine_;
};

// A seed no one can guess, from the operating system.
std::uint64_t fresh_seed();

// Mixes a label into a seed (FNV-1a), so that every member samples its own stream.
std::uint64_t derive_seed(std::uint64_t seed, std::string_view label);

}  // namespace kai
