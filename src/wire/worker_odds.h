// worker_odds: a token's odds as a worker tells them. Private to wire.
#pragma once

#include "domain/token_odds.h"
#include "wire/json.h"

namespace kai::wire {

// {"bytes": "2050", "logprob": -0.1, "likeliest": [{"bytes": …, "logprob": …}, …]}. Bytes are hex
// digits: a token may be a part of a character, which no JSON string holds.
json::object encode_odds(const TokenOdds& odds);
// At most 256 bytes each, at most 20 beside it.
TokenOdds read_odds(Fields fields);

}  // namespace kai::wire
