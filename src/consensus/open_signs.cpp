// How open answers to one question compare.
#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "consensus/consensus.h"

namespace kai {

std::vector<OpenSigns> open_signs(std::span<const Answer> answers, std::span<const Heard> heard) {
  constexpr double length_max = 2;
  ensure(heard.size() == answers.size(), "open_signs() needs what each answer says");
  std::vector<OpenSigns> signs(answers.size());
  std::vector<std::size_t> speakers;
  for (std::size_t at = 0; at < answers.size(); ++at) {
    if (heard[at].form) speakers.push_back(at);
  }
  if (speakers.size() < 2) return signs;
  const auto others = static_cast<double>(speakers.size() - 1);
  // One measure for all of them: words and embeddings are on different scales.
  const bool embedded = std::ranges::all_of(speakers, [&](std::size_t at) {
    return consensus::are_embedded(heard[at].gist, heard[speakers.front()].gist);
  });
  const auto likeness = embedded ? consensus::nearness : consensus::overlap;
  OpenSigns mean;
  for (const std::size_t at : speakers) {
    for (const std::size_t other : speakers) {
      if (other >= at) break;
      const double alike = likeness(heard[at].gist, heard[other].gist) / others;
      signs[at].centrality += alike;
      signs[other].centrality += alike;
    }
  }
  for (const std::size_t at : speakers) {
    signs[at].length = std::log1p(static_cast<double>(answers[at].text.size()));
    mean.centrality += signs[at].centrality / (others + 1);
    mean.length += signs[at].length / (others + 1);
  }
  for (const std::size_t at : speakers) {
    signs[at].centrality -= mean.centrality;
    signs[at].length = std::clamp(signs[at].length - mean.length, -length_max, length_max);
  }
  return signs;
}

}  // namespace kai
