// Deaths: a model that killed its workers again and again, as it is remembered.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace kai {

struct Deaths {
  ModelId model;
  DeviceId device;
  int in_a_row = 0;  // since it last answered there; 0: it is forgiven
  WallTime last{};
  std::string why;  // of the last one: the worker's own words, at most 300 bytes
};

}  // namespace kai
