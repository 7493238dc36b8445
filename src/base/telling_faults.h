// telling_faults: a task that nobody waits for says what it throws, instead of ending in silence.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "base/task.h"

namespace kai {

using OnFault = std::function<void(std::string)>;

// A sentence for people. `lost`: what they miss from now on, without a full stop; may be empty.
inline std::string fault_words(const std::exception& fault, const std::string& lost = {}) {
  std::string words = "a fault of kai's own, please report it: " + std::string(fault.what());
  return lost.empty() ? words : words + "; " + lost + " until it is started again";
}

// `task` to its end; false, once on_fault was told, where it throws.
inline Task<bool> telling_faults(Task<bool> task, std::string lost, OnFault on_fault) {
  std::string words;
  try {
    co_return co_await std::move(task);
  } catch (const std::exception& fault) {
    words = fault_words(fault, lost);
  }
  if (on_fault) on_fault(std::move(words));
  co_return false;
}

// Runs `step`; what it throws is told.
template <class Step>
void tell_faults(Step step, const OnFault& on_fault) {
  try {
    step();
  } catch (const std::exception& fault) {
    on_fault(fault_words(fault));
  }
}

}  // namespace kai
