// A bare loop over llama.cpp as a program without kai would write it: what the worker is compared
// with, in words and in speed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/model.h"
#include "domain/query.h"

namespace kai {

struct BareText {
  std::string text;  // without leading blanks, as the worker gives it
  int prompt_tokens = 0;
  int answer_tokens = 0;
  Duration load{};
  Duration prefill{};
  Duration decode{};
};

// Greedy, one sequence, the whole prompt in one decode. start_runtime() must have been called.
// Ends at the end of the text or after `tokens_max`; `past_end`: goes on to tokens_max whatever
// the model says, for benchmarks. `loaded` is called between loading and reading.
struct BareOptions {
  int tokens_max = 64;
  int threads = 1;
  bool past_end = false;
  std::function<void()> loaded = [] {};
};
BareText bare_loop(const std::string& path, const std::vector<Message>& messages,
                   const ChatTemplate& chat, const BareOptions& options);

}  // namespace kai
