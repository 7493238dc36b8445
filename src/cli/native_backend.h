// native_backend: what the server's own protocol asks of a session.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/native.h"
#include "cli/session.h"

namespace kai {

// All but reload, which the server sees to itself. `session` must outlive it. `on_judged` gets the
// shape of a question that feedback was kept of, and which kind of feedback.
NativeBackend native_backend(Session& session,
                             std::function<void(Shape, Feedback::Kind)> on_judged);

// Which of these keys of the configuration Session::use() and Api::use() heed.
wire::native::Reloaded sorted_by_effect(const std::vector<std::string>& keys);

}  // namespace kai
