// pc_members: which models of a PC's file take part. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/pc.h"

namespace kai {

// Places in pc.models of those named, or of all; at most 64. Errors: not_found, invalid_request
// (one twice, too many).
Result<std::vector<std::size_t>> members_of(const Pc& pc, std::vector<std::string> names);

}  // namespace kai
