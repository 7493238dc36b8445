// timeline: what each model did when, as a picture. Pure.
#pragma once

#include <string>
#include <string_view>

#include "domain/pc_trial.h"

namespace kai::report {

// An answered question: kai above, the original way with the same models below, one time axis.
// `below`: a line under the title.
std::string timeline_picture(const PcTrial& trial, std::string_view below);

}  // namespace kai::report
