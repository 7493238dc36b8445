#include <fmt/format.h>

#include "consensus/consensus.h"
#include "consensus/forms.h"
#include "consensus/similarity.h"
#include "consensus/spoken.h"

namespace kai {

std::string objection_to(std::string_view synthesis, std::string_view question,
                         const Verdict& verdict) {
  const auto form = consensus::form_of(verdict.shape, question, synthesis, false);
  if (!form) return "it says nothing that can be compared";
  if (verdict.shape == Shape::open) {
    const auto merged = consensus::gist_of(question, consensus::spoken(synthesis));
    const auto chosen = consensus::gist_of(question, verdict.text);
    return consensus::is_similar(merged, chosen) ? "" : "it does not resemble the answer chosen";
  }
  if (!verdict.groups.empty() && *form == verdict.groups.front().answer) return {};
  return "it contradicts the vote";
}

}  // namespace kai
