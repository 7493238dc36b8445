// private_file: files of the data folder that kai writes whole.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kai {

// `path` holds `text`, readable by this user alone, or what it held before: never a part of it,
// whenever kai or the PC stops. Errors: storage, in the system's words.
Result<> write_private(const std::string& path, std::string_view text);

}  // namespace kai
