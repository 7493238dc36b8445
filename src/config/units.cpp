#include "config/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace kai {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t size;  // in the smallest unit: nanoseconds or bytes
};

constexpr std::array<Unit, 4> times{
    {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}}};
constexpr std::array<Unit, 9> sizes{{{"TB", 1'000'000'000'000},
                                     {"TiB", 1LL << 40},
                                     {"GB", 1'000'000'000},
                                     {"GiB", 1LL << 30},
                                     {"MB", 1'000'000},
                                     {"MiB", 1LL << 20},
                                     {"kB", 1'000},
                                     {"KiB", 1LL << 10},
                                     {"B", 1}}};

std::optional<std::int64_t> parse(std::string_view text, std::span<const Unit> units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty() && number == 0) return 0;
  for (const auto& unit : units) {
    if (unit.name != text) continue;
    const double count = number * static_cast<double>(unit.size);
    if (count >= 0x1p63) return std::nullopt;
    return std::llround(count);
  }
  return std::nullopt;
}

std::string print(std::int64_t count, std::span<const Unit> units) {
  for (const auto& unit : units) {
    if (count == 0 || count % unit.size != 0) continue;
    return fmt::format("{}{}", count / unit.size, unit.name);
  }
  return fmt::format("{}{}", count / units.back().size, units.back().name);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto count = parse(text, times);
  return count ? std::optional(Duration(*count)) : std::nullopt;
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto count = parse(text, sizes);
  return count ? std::optional(Bytes(*count)) : std::nullopt;
}

std::string print_duration(Duration duration) {
  return print(duration.count(), times);
}

std::string print_bytes(Bytes bytes) {
  return print(bytes.count, sizes);
}

std::string short_bytes(Bytes bytes) {
  const auto count = static_cast<double>(bytes.count);
  for (const auto& unit : sizes) {
    if (unit.name.contains('i') || unit.name == "B") continue;
    const double units = count / static_cast<double>(unit.size);
    if (units >= 1) return fmt::format("{:.{}f} {}", units, units < 10 ? 1 : 0, unit.name);
  }
  return fmt::format("{} B", bytes.count);
}

}  // namespace kai
