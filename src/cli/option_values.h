// Inside cli: values of options as they are typed. What is wrong is thrown as CLI11's own error,
// which names the option.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "consensus/replay.h"
#include "domain/query.h"

namespace kai {

[[noreturn]] void refuse(const std::string& option, const std::string& why);
// For a sentence: quoted, on one line, shortened.
std::string quoted(const std::string& text);

std::vector<ModelId> members_in(const std::string& list,
                                const std::string& option = "--members");  // "a,b"
Duration deadline_in(const std::string& text);                             // 100ms..24h
std::uint64_t seed_in(const std::string& text);
double confidence_in(const std::string& text);         // 0..1
std::optional<Tier> tier_in(const std::string& name);  // nothing: auto
Mode mode_in(const std::string& name);
ReplayRules::Stopping stopping_in(const std::string& name);  // recorded, exact, learned

}  // namespace kai
