// running_models: what is loaded, as Ollama's clients want to know it.
#pragma once

#include <vector>

#include "cli/session.h"
#include "wire/ollama_api.h"

namespace kai {

// With when each leaves, unless it is used or told otherwise: after `idle_unload`, 0 for never,
// which is that of the start.
std::vector<wire::ollama::Running> running_models(Session& session, Duration idle_unload);

}  // namespace kai
