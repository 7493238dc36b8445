// TokenOdds: how likely a model held a token that it wrote, and what else it might have written
// there. Kept only where a client asks for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/quantities.h"

namespace kai {

// A token as the model's vocabulary has it: its bytes may be a part of a character.
struct TokenChance {
  std::string bytes;
  double logprob = 0;  // <= 0: ln of its probability under the model, before any sampling setting
  bool operator==(const TokenChance&) const = default;
};

struct TokenOdds {
  TokenChance written;
  std::vector<TokenChance> likeliest;  // the likeliest first; `written` may be among them or not
  bool operator==(const TokenOdds&) const = default;
};

inline constexpr int likeliest_max = 20;
// Of one answer, the written ones with all that stand beside them.
inline constexpr std::int64_t token_chances_max = 20'480;

// How long an answer may be, where `beside` tokens are told beside each of its own: 0..20.
constexpr Tokens answer_max_with_odds(int beside) {
  return Tokens(token_chances_max / (1 + beside));
}

}  // namespace kai
