// process_reading: what this process itself takes of the machine.
#pragma once

#include <cstdint>
#include <optional>

#include "base/quantities.h"

namespace kai {

struct ProcessReading {
  double cpu_seconds = 0;  // of all its threads, since its start
  std::optional<Bytes> resident{}, addresses{};
  std::optional<std::int64_t> files_open, files_max;
};

// Some 0.1 ms with a few files open: the kernel lists each.
ProcessReading read_process();

}  // namespace kai
