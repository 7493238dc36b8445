// bench_rows: the JSON that benchmarks write, and what they read of an answer's document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kai::wire {

struct BenchRow {
  std::string what;
  double value = 0;
  std::string unit;
  std::string compared_with;  // e.g. "bare loop: 103 tokens/s"; empty: nothing
  double ratio = 0;           // value against what it is compared with; 0: no comparison
  std::string reach;          // e.g. ">= 0.98"; empty: printed only
  bool met = true;
};

std::string encode(const std::vector<BenchRow>& rows);

// The member whose first token came first, of a document that encode_outcome() wrote.
struct FirstToken {
  Duration ttft{};
  Duration load{};
  Duration prefill{};
  WallTime asked{};  // when the question was asked
};
// Errors: invalid_request (no such document), not_found (no member wrote a token).
Result<FirstToken> first_token_of(std::string_view document);

}  // namespace kai::wire
