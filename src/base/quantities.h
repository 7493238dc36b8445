// Quantities that carry their unit in the type.
#pragma once

#include <compare>
#include <cstdint>

namespace kai {

// A whole number of one unit; two units never mix. Signed, so that a difference is a value too.
template <class Unit>
struct Quantity {
  std::int64_t count = 0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t value) : count(value) {}

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other) {
    count += other.count;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    count -= other.count;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator*(Quantity a, std::int64_t n) { return Quantity(a.count * n); }
};

using Bytes = Quantity<struct BytesUnit>;    // of memory or disk
using Tokens = Quantity<struct TokensUnit>;  // of a model's own vocabulary

constexpr Bytes operator""_MiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) * 1024 * 1024);
}

}  // namespace kai
