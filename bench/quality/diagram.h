// diagram: how often kai is right where it says how sure it is, as a picture.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/quality/statistics.h"

namespace kai::bench {

struct Reliability {
  std::string name;       // of the panel
  std::vector<Bin> bins;  // by rising chance
};

// An SVG: told chance across, share that was right upwards, one line a panel; on the diagonal the
// words mean what they say. At most six panels, the rest is left out.
std::string reliability_diagram(std::span<const Reliability> panels);

}  // namespace kai::bench
