// cast: recorded answers of real models, given by a simulated PC's models of about their size.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bench/quality/panel.h"
#include "domain/pc.h"
#include "sim/pc_cast.h"

namespace kai::bench {

struct PanelCast {
  Panel panel;
  std::vector<std::size_t> voters;  // of panel.voters, one a member: whose words it says
};

// Every panel of `folder` that has a voter for each of `members` (places in pc.models), each voter
// once: the nearest in size of those left, for the smallest member first. Errors: read_panel's,
// not_found (no panel has enough).
Result<std::vector<PanelCast>> cast_panels(const std::string& folder, const Pc& pc,
                                           const std::vector<std::size_t>& members);
void print_casts(const std::vector<PanelCast>& casts, const Pc& pc,
                 const std::vector<std::size_t>& members);

// A world whose members, with kai's own priors, say what was recorded; `questions` must outlive it.
PcWorldOptions cast_options(const Pc& pc, const std::vector<std::size_t>& members,
                            const std::vector<CastQuestion>& questions);
CastQuestion cast_question(const PanelCast& cast, const Question& question);
// `each` of every panel, in turn: the first of the one, the first of the next …
std::vector<CastQuestion> mixed(const std::vector<PanelCast>& casts, std::size_t each);

}  // namespace kai::bench
