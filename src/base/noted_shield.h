// NotedShield: for tidying up that must not be cut, where a cancellation that comes meanwhile is to
// be acted on afterwards. shield() loses it; this one tells.
#pragma once

#include <memory>

#include "base/task.h"

namespace kai {

class NotedShield {
 public:
  // From here on the running task sees no cancellation. One that it has seen is noted, too.
  static Task<NotedShield> raise();
  // The end of that: whether it was cancelled, before or meanwhile. cancelled() does not know of it
  // any more, so that whoever calls must end by itself.
  Task<bool> lower();
  bool noted() const { return *noted_; }  // so far

 private:
  std::shared_ptr<bool> noted_ = std::make_shared<bool>(false);
};

}  // namespace kai
