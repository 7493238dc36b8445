// digest: what tells one model file from another, whatever its name.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace kai {

// 16 hex digits over the file's size, its beginning and 64 samples evenly spread over the rest:
// a renamed file keeps its digest, one of other weights gets another. Reads about 1 MiB, so that a
// file of 40 GB takes no longer; no proof of integrity. FNV-1a (Fowler, Noll, Vo), 64 bits.
// `size`: of the file, in bytes. Errors: model_refused (it cannot be read).
Result<std::string> digest_of(const std::string& path, std::int64_t size);

}  // namespace kai
