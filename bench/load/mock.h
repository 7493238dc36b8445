// mock: an engine that costs nothing, so that what is left to measure is what stands before it.
#pragma once

#include <cstdint>

namespace kai::bench {

// How it answers a chat completion: `tokens` words, the first after `first_ms`, the others
// `token_ms` after each other.
struct Pace {
  int first_ms = 0;
  int token_ms = 0;
  int tokens = 1;
};

// Serves OpenAI's chat completions, whole and streamed, for models m1 to m5, and GET /open: how
// many answers are under way. Says its port on standard output; runs until standard input ends.
// The exit status.
int run_mock(Pace pace);

// A TCP relay to a port of this machine, the least that can stand between a client and an engine.
// Says its port; runs until standard input ends.
int run_relay(std::uint16_t to);

}  // namespace kai::bench
