// native_backend: what the server's own protocol asks of a session.
#pragma once

#include <string>
#include <vector>

#include "api/native.h"
#include "cli/session.h"

namespace kai {

// All but put_feedback and reload, which the server sees to itself. `session` must outlive it.
NativeBackend native_backend(Session& session);

// Which of these keys of the configuration Session::use() and Api::use() heed.
wire::native::Reloaded sorted_by_effect(const std::vector<std::string>& keys);

}  // namespace kai
