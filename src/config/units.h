// units: durations and sizes as people write them in kai.toml, KAI_* and flags.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/quantities.h"

namespace kai {

// "500ms", "30s", "1.5m", "2h"; a blank may stand before the unit. Nothing: no number, no unit or
// another one, negative, or beyond 292 years.
std::optional<Duration> parse_duration(std::string_view text);

// "0", "512B", "64kB", "7GB", "512MiB", "1.5TiB"; kB…TB are powers of 1000, KiB…TiB of 1024.
// Nothing: as above, or beyond 2^63 bytes.
std::optional<Bytes> parse_bytes(std::string_view text);

// In the largest unit that is exact, so that parsing it gives the same value again.
std::string print_duration(Duration duration);  // "30s", "1500ms"; below a millisecond: "0ms"
std::string print_bytes(Bytes bytes);           // "7GB", "64MiB", "123B"

// For people, shortened: "253 MB", "1.2 GB".
std::string short_bytes(Bytes bytes);

}  // namespace kai
