// What hosts tell of the tokens they write: [{"token", "logprob", "bytes", "top_logprobs": […]}].
#include <algorithm>
#include <cmath>

#include "wire/host_parts.h"

namespace kai::wire::host {

namespace {

constexpr std::size_t odds_max = 64;  // of one line
constexpr std::size_t token_bytes_max = 256;
constexpr double logprob_least = -9999;

// "bytes", where a host tells them: "token" alone does not tell a part of a character.
std::string bytes_of(const json::value& token) {
  const auto* bytes = list(&token, "bytes");
  if (bytes == nullptr) return text(&token, "token");
  std::string read;
  for (const auto& byte : *bytes) {
    const auto* number = byte.if_int64();
    if (number == nullptr || *number < 0 || *number > 255) return text(&token, "token");
    read += static_cast<char>(static_cast<unsigned char>(*number));
  }
  return read;
}

std::optional<TokenChance> chance_of(const json::value& token) {
  const auto* logprob = field(&token, "logprob");
  if (logprob == nullptr || !logprob->is_number()) return std::nullopt;
  const double number = logprob->to_number<double>();
  if (!std::isfinite(number)) return std::nullopt;
  TokenChance chance{bytes_of(token), std::clamp(number, logprob_least, 0.0)};
  if (chance.bytes.size() > token_bytes_max) return std::nullopt;
  return chance;
}

}  // namespace

std::vector<TokenOdds> odds_in(const json::value* value, std::string_view name) {
  std::vector<TokenOdds> odds;
  const auto* tokens = list(value, name);
  if (tokens == nullptr) return odds;
  for (const auto& token : *tokens) {
    auto written = chance_of(token);
    if (!written || odds.size() == odds_max) continue;
    TokenOdds one{*std::move(written), {}};
    if (const auto* beside = list(&token, "top_logprobs"); beside != nullptr) {
      for (const auto& other : *beside) {
        if (std::ssize(one.likeliest) == likeliest_max) break;
        if (auto chance = chance_of(other)) one.likeliest.push_back(*std::move(chance));
      }
    }
    odds.push_back(std::move(one));
  }
  return odds;
}

}  // namespace kai::wire::host
