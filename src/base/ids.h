// Names of things, one type each, so that a model's name is never taken for a device's.
#pragma once

#include <compare>
#include <functional>
#include <string>

namespace kai {

template <class Tag>
struct Id {
  std::string text;

  Id() = default;
  explicit Id(std::string value) : text(std::move(value)) {}
  auto operator<=>(const Id&) const = default;
};

using ModelId = Id<struct ModelTag>;    // "smollm2:135m": one model file, as users name it
using MemberId = Id<struct MemberTag>;  // "smollm2:135m#2": one voice in an ensemble
using DeviceId = Id<struct DeviceTag>;  // "cpu", "gpu0"
using QueryId = Id<struct QueryTag>;    // "q_" and a ULID: sorts by time of asking

}  // namespace kai

template <class Tag>
struct std::hash<kai::Id<Tag>> {
  std::size_t operator()(const kai::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.text);
  }
};
