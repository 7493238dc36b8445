// checkup: the document of `kai doctor --json`, described by docs/doctor.schema.json. A field is
// added, never renamed.
#pragma once

#include <string>

#include "domain/checkup.h"

namespace kai::wire {

// Indented, for people and programs.
std::string encode_checkup(const Checkup& checkup);

}  // namespace kai::wire
