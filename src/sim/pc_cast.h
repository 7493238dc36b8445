// pc_cast: what the models of a PC in virtual time say to questions: words that others wrote, or
// that chance writes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/pc.h"
#include "planner/planner.h"
#include "sim/pc_world.h"

namespace kai {

// A PC with those of its models that may be asked. `pc` must outlive it.
struct PcFleet {
  const Pc& pc;
  std::vector<std::size_t> members;  // places in pc.models, each once, at least one
  std::vector<double> priors;        // 0..1, one a member: chance of a right answer
};

// With the priors of kai's own table. members: as PcFleet's.
PcFleet fleet_of(const Pc& pc, std::vector<std::size_t> members);

// A question with what each member says to it, in tokens.
struct CastQuestion {
  std::string text;
  std::vector<std::vector<std::string>> words;  // one a member, at least one token each
};

// Tokens of about four bytes, as English text has them; whole UTF-8 characters stay together. At
// least one.
std::vector<std::string> tokens_of(std::string_view text);

struct WritingOptions {
  std::uint64_t seed = 1;
  std::optional<Tier> tier;      // nothing: as the question is assessed
  std::optional<Tokens> tokens;  // that each member writes, >= 1; nothing: drawn, see below
  PlannerOptions planner{};
};
// Words by chance. With the chance of its prior a member gives the one answer that is called right,
// else one of three others; what it gives stands at the end of what it writes. Without `tokens` it
// writes between half and one and a half times what the tier's plan expects, evenly. Same seed and
// text, same words.
CastQuestion written_question(const PcFleet& fleet, std::string text,
                              const WritingOptions& options = {});

// A world whose members say that. `questions` must outlive it; their texts differ.
PcWorldOptions cast_options(const PcFleet& fleet, std::span<const CastQuestion> questions);

// Questions of each shape and tier to try a PC with, the four of docs/requirements.md first.
std::span<const std::string_view> sample_questions();

}  // namespace kai
