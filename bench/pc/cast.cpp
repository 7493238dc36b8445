#include "bench/pc/cast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace kai::bench {

namespace {

std::vector<std::size_t> cast_of(const Panel& panel, const Pc& pc,
                                 const std::vector<std::size_t>& members) {
  std::vector<std::size_t> smallest_first(members.size());
  for (std::size_t at = 0; at < members.size(); ++at) smallest_first[at] = at;
  std::ranges::sort(smallest_first, {},
                    [&](std::size_t at) { return pc.models[members[at]].file; });
  std::vector<std::size_t> voters(members.size());
  std::vector<bool> taken(panel.voters.size(), false);
  for (const std::size_t at : smallest_first) {
    const double size = pc.models[members[at]].parameters / 1e9;
    std::size_t nearest = panel.voters.size();
    double least = 0;
    for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
      const double distance = std::abs(std::log(panel.billions[voter] / size));
      if (taken[voter] || (nearest < panel.voters.size() && distance >= least)) continue;
      nearest = voter;
      least = distance;
    }
    taken[nearest] = true;
    voters[at] = nearest;
  }
  return voters;
}

}  // namespace

Result<std::vector<PanelCast>> cast_panels(const std::string& folder, const Pc& pc,
                                           const std::vector<std::size_t>& members) {
  const auto files = panel_files(folder);
  if (!files) return std::unexpected(files.error());
  std::vector<PanelCast> casts;
  for (const auto& file : *files) {
    auto panel = read_panel(file);
    if (!panel) return std::unexpected(panel.error());
    if (panel->voters.size() < members.size()) continue;
    auto voters = cast_of(*panel, pc, members);
    casts.push_back({*std::move(panel), std::move(voters)});
  }
  if (casts.empty()) {
    return fail(ErrorCode::not_found,
                fmt::format("no panel in {} has answers of {} models", folder, members.size()));
  }
  return casts;
}

void print_casts(const std::vector<PanelCast>& casts, const Pc& pc,
                 const std::vector<std::size_t>& members) {
  fmt::print("\nwhose recorded answers each model gives\n");
  for (std::size_t at = 0; at < members.size(); ++at) {
    fmt::print("{:<16}", pc.models[members[at]].name);
    for (const auto& cast : casts) {
      fmt::print(" {:<28}", cast.panel.voters[cast.voters[at]].model.text.substr(0, 28));
    }
    fmt::print("\n");
  }
}

CastQuestion cast_question(const PanelCast& cast, const Question& from) {
  CastQuestion question{.text = from.text, .words = {}};
  for (const std::size_t voter : cast.voters) {
    question.words.push_back(tokens_of(from.answers[voter].text));
  }
  return question;
}

std::vector<CastQuestion> mixed(const std::vector<PanelCast>& casts, std::size_t each) {
  std::vector<CastQuestion> questions;
  for (std::size_t at = 0; at < each; ++at) {
    for (const auto& cast : casts) {
      if (at >= cast.panel.questions.size()) continue;
      questions.push_back(cast_question(cast, cast.panel.questions[at]));
    }
  }
  return questions;
}

PcWorldOptions cast_options(const Pc& pc, const std::vector<std::size_t>& members,
                            const std::vector<CastQuestion>& questions) {
  return kai::cast_options(fleet_of(pc, members), questions);
}

}  // namespace kai::bench
