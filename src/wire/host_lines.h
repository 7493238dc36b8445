// host_lines: the lines of one answer's stream, read with what the line before told. Private to
// the hosts' engine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/host_api.h"

namespace kai::wire {

// Most lines of OpenAI's protocol differ from the one before in one string alone, the words: of
// those the string is taken, and the rest, which says what it said, is not read again. That is a
// sixth of the work, and it is done with every token.
class HostLines {
 public:
  explicit HostLines(HostKind kind) : kind_(kind) {}

  // As decode_line(), for the same stream's lines in their order.
  Result<std::optional<HostPart>> decode(std::string_view line);

 private:
  void remember(std::string_view line, const HostPart& part);

  HostKind kind_;
  std::string before_, behind_;  // the words of a line that says nothing else; empty: none was seen
};

}  // namespace kai::wire
