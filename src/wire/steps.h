// steps: a question's steps in short words, for people who wait for it in another program's chat.
// Pure.
#pragma once

#include <set>
#include <string>

#include "domain/event.h"

namespace kai::wire {

// "3 of 4 have answered, 2 of 3 voices agree"
std::string agreement_words(const event::Agreement& agreement);

class Steps {
 public:
  // One line of UTF-8 without its end and without control characters, at most 240 bytes. Empty: the
  // event is no step, as a further word, or was told before, as that a model loads.
  std::string say(const Event& event);

 private:
  std::string told(const Event& event);

  std::set<MemberId> loading_, writing_;
  std::string waiting_;  // why, as it was told last
};

}  // namespace kai::wire
