// comparison: the document of `kai bench quality --json`, described by
// docs/bench-quality.schema.json. A field is added, never renamed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "domain/comparison.h"
#include "wire/problems.h"

namespace kai::wire {

// A comparison with what it was made under.
struct ComparisonDocument {
  Comparison comparison;
  std::string file;
  std::int64_t rows_skipped = 0;   // broken ones, and problems that could not be asked
  std::vector<BrokenRow> skipped;  // the first of them
  std::vector<ModelId> models;     // that could be asked
  int samples = 1;                 // voices in the arm `samples`
  std::uint64_t seed = 0;
  bool interrupted = false;
};

// Indented, for people and programs.
std::string encode_comparison(const ComparisonDocument& document);

// The inverse, but for the rows that were skipped. Errors: invalid_request (no such document),
// naming the field.
Result<ComparisonDocument> decode_comparison(std::string_view text);

}  // namespace kai::wire
