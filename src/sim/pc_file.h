// pc_file: a file that describes a PC in numbers, such as examples/reference-pc.json.
#pragma once

#include <string>

#include "base/result.h"
#include "domain/pc.h"

namespace kai {

// At most 4 MiB. Errors: not_found (it cannot be read), invalid_request (what is wrong with which
// field, after the file's name).
Result<Pc> read_pc(const std::string& path);

}  // namespace kai
