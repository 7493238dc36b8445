// setting_forms: how each kind of value is read, checked and printed, and the rows of the table of
// options made of that.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <concepts>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "config/options.h"
#include "config/units.h"

namespace kai {

using Set = std::expected<void, std::string>;

template <class T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// What one kind of value needs: how it is read and printed. T is the field's own type.
template <class T>
struct Form;
template <std::integral T>
struct Form<T> {
  static constexpr Kind kind = Kind::integer;
  static std::optional<T> read(const std::string& text) { return parse_number<T>(text); }
  static std::string print(T value) { return std::to_string(value); }
};
template <>
struct Form<Tokens> {
  static constexpr Kind kind = Kind::integer;
  static std::optional<Tokens> read(const std::string& text) {
    const auto count = parse_number<std::int64_t>(text);
    return count ? std::optional(Tokens(*count)) : std::nullopt;
  }
  static std::string print(Tokens value) { return std::to_string(value.count); }
};
template <>
struct Form<double> {
  static constexpr Kind kind = Kind::number;
  static std::optional<double> read(const std::string& text) {
    const auto value = parse_number<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
  }
  static std::string print(double value) { return fmt::format("{}", value); }
};
template <>
struct Form<Duration> {
  static constexpr Kind kind = Kind::duration;
  static std::optional<Duration> read(const std::string& text) { return parse_duration(text); }
  static std::string print(Duration value) { return print_duration(value); }
};
template <>
struct Form<Bytes> {
  static constexpr Kind kind = Kind::size;
  static std::optional<Bytes> read(const std::string& text) { return parse_bytes(text); }
  static std::string print(Bytes value) { return print_bytes(value); }
};

template <class T>
struct Range {
  T min;
  T max;
};

// `field(config)` gives a reference to the value, for const and other configs alike.
template <class Field, class T = std::remove_cvref_t<std::invoke_result_t<Field, Config&>>>
Setting ranged(std::string key, Range<T> range, std::string what, Field field) {
  using F = Form<T>;
  const auto said = fmt::format("{}..{}", F::print(range.min), F::print(range.max));
  return {
      std::move(key),
      F::kind,
      said,
      std::move(what),
      "",
      [=](Config& config, const Words& words) -> Set {
        const auto value = F::read(words.front());
        if (!value) {
          return std::unexpected(
              fmt::format("\"{}\" is not a {}", words.front(), to_string(F::kind)));
        }
        if (*value < range.min || *value > range.max) {
          return std::unexpected(fmt::format("{} is out of range; choose {}", words.front(), said));
        }
        field(config) = *value;
        return {};
      },
      [=](const Config& config) { return Words{F::print(field(config))}; }};
}

template <class Field>
Setting text(std::string key, Kind kind, std::string standard, std::string what, Field field) {
  return {std::move(key),
          kind,
          "",
          std::move(what),
          std::move(standard),
          [=](Config& config, const Words& words) -> Set {
            field(config) = words.front();
            return {};
          },
          [=](const Config& config) { return Words{field(config)}; }};
}

// Each of them `good`; else it is not `form`.
template <class Field>
Setting texts(std::string key, bool (*good)(std::string_view), std::string form, std::string what,
              Field field) {
  return {std::move(key),
          Kind::texts,
          "",
          std::move(what),
          "",
          [=](Config& config, const Words& words) -> Set {
            for (const auto& word : words) {
              if (!good(word)) return std::unexpected(fmt::format("\"{}\" is not {}", word, form));
            }
            field(config) = words;
            return {};
          },
          [=](const Config& config) { return Words(field(config)); }};
}

template <class Field>
Setting yes_no(std::string key, std::string what, Field field) {
  return {std::move(key),
          Kind::yes_no,
          "",
          std::move(what),
          "",
          [=](Config& config, const Words& words) -> Set {
            const bool yes = words.front() == "true";
            if (!yes && words.front() != "false") {
              return std::unexpected(fmt::format("\"{}\" is not true or false", words.front()));
            }
            field(config) = yes;
            return {};
          },
          [=](const Config& config) { return Words{field(config) ? "true" : "false"}; }};
}

}  // namespace kai
