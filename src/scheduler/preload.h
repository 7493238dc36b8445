// preload: which model is loaded before anybody asks for it. Pure.
//
// Only into memory that is free: what lies loaded is never evicted for a guess. First those of the
// last question, whose tier is likely to be asked again, in its plan's order; then by what loading
// a byte of them is expected to save (Worth).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/quantities.h"
#include "domain/model.h"

namespace kai {

struct PreloadOptions {
  bool on = false;            // docs/decisions/020 says why
  int loads_max = 4;          // since the last question, those that failed too; 0..64
  double memory_share = 0.5;  // of a device's capacity that they may take together, 0..1
  double worth_min = 1e-12;   // s/byte, beside the last question's; >= 0
};

// A model that may be asked next.
struct PreloadCandidate {
  ModelId model;
  DeviceId device;
  Bytes bytes{};            // that it would take there, > 0
  bool asked_last = false;  // by the last question; these in its plan's order
  double worth = 0;         // s/byte, >= 0
};

// A device as it is now.
struct Shelf {
  DeviceId device;
  Bytes capacity{}, free{};  // free: nothing lies there, idle models neither
  Bytes ahead{};             // taken by loads ahead since the last question
  bool open = false;         // a lane and the link are free, and nobody waits for it
};

// The candidate to load now; `loads`: since the last question. Nothing: none is worth it, or fits.
// One that lies somewhere, or was tried already, must not be among the candidates.
std::optional<std::size_t> next_preload(std::span<const PreloadCandidate> candidates,
                                        std::span<const Shelf> shelves, int loads,
                                        const PreloadOptions& options);

}  // namespace kai
