// nvidia: NVIDIA's own view of its cards beside llama.cpp's, and how much of it is believed.
#pragma once

#include <vector>

#include "base/clock.h"
#include "fleet/fleet.h"
#include "wire/machine.h"
#include "wire/worker_protocol.h"

namespace kai {

// What NVIDIA's library says, asked through a `kai-worker nvidia` of its own, at most `limit` long.
// Never fails: where the library hangs or crashes, that is its fault, in words.
wire::NvidiaFacts ask_nvidia(const FleetOptions& options, Duration limit = std::chrono::seconds(3));

// The card that is this device: the one on its bus, else the only one of its name. Null: none.
// Pure.
const wire::NvidiaCard* card_of(const wire::DeviceFacts& device, const wire::NvidiaFacts& facts);

// Whether a card's memory can be true: 0 <= free <= total, and total > 0. Pure.
bool is_sound(const wire::NvidiaCard& card);

// Whether llama.cpp found a device that NVIDIA's library may know too. Pure.
bool has_nvidia(const std::vector<wire::DeviceFacts>& devices);

// Of two views of a GPU's free memory the smaller counts: a card that is said to be fuller than it
// is only waits, one that is overfilled fails. A card that cannot be true counts for nothing. Pure.
void trust_smaller(std::vector<wire::DeviceFacts>& devices, const wire::NvidiaFacts& facts);

}  // namespace kai
