#include "base/ensure.h"

#include <cstdio>
#include <cstdlib>

namespace kai {

void unreachable(std::string_view why, std::source_location where) {
  std::fprintf(stderr, "kai: broken invariant at %s:%u: %.*s\n", where.file_name(), where.line(),
               static_cast<int>(why.size()), why.data());
  std::abort();
}

}  // namespace kai
