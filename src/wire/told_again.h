// told_again: a question of the history as the events that a watcher of it saw, for whoever opens
// it later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kai::wire {

struct ToldEvent {
  std::uint64_t seq = 0;
  std::string text;  // as encode_event() writes it, with its place
};

struct ToldAgain {
  std::vector<ToldEvent> events;
  bool over = true;  // false: it is being answered now, and no more is known of it yet
};

// From a document that encode_outcome() made, also an older kai: asked, planned, each member's
// queueing, loading, reading, its whole text at once when its first word came, its end, and what
// was decided; in the order of their times. Members' times count from their own beginning: those of
// a fallback, whose beginning is not kept, are told as if they had begun with the question. The
// numbers begin at the microsecond of asking, so that the same document gives the same ones.
// Errors: invalid_request (it is no such document).
Result<ToldAgain> tell_again(std::string_view document);

}  // namespace kai::wire
