#include "wire/worker_odds.h"

#include <charconv>

namespace kai::wire {

namespace {

constexpr std::size_t token_bytes_max = 256;

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex += digits[value >> 4];
    hex += digits[value & 15];
  }
  return hex;
}

std::optional<std::string> bytes_of(std::string_view hex) {
  if (hex.size() % 2 != 0 || hex.size() > token_bytes_max * 2) return std::nullopt;
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(&hex[at], &hex[at] + 2, value, 16);
    if (error != std::errc() || end != &hex[at] + 2) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

json::object of(const TokenChance& chance) {
  return {{"bytes", hex_of(chance.bytes)}, {"logprob", chance.logprob}};
}
TokenChance chance_in(Fields& fields) {
  TokenChance chance;
  const auto bytes = bytes_of(fields.text("bytes"));
  if (!bytes) fields.reject("bytes", "must be at most 512 hex digits, two a byte");
  chance.bytes = bytes.value_or("");
  chance.logprob = fields.number("logprob", -1e9, 0);
  return chance;
}

}  // namespace

json::object encode_odds(const TokenOdds& odds) {
  json::object written = of(odds.written);
  json::array likeliest;
  for (const auto& chance : odds.likeliest) likeliest.push_back(of(chance));
  written["likeliest"] = std::move(likeliest);
  return written;
}

TokenOdds read_odds(Fields fields) {
  TokenOdds odds{chance_in(fields), {}};
  auto beside = fields.objects("likeliest");
  if (std::ssize(beside) > likeliest_max) fields.reject("likeliest", "has more than 20");
  for (auto& one : beside) odds.likeliest.push_back(chance_in(one));
  return odds;
}

}  // namespace kai::wire
