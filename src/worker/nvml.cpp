#include "worker/nvml.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace kai::nvml {

std::string Library::words(Code code) const {
  if (code == absent) return "it is too old: it lacks a function that drivers have had since 2016";
  const auto function =
      reinterpret_cast<const char* (*)(Code)>(dlsym(library_.get(), "nvmlErrorString"));
  const char* said = function == nullptr ? nullptr : function(code);
  return said == nullptr ? fmt::format("error {}", code) : std::string(said).substr(0, 200);
}

std::string name_of(const Library& library, Handle card) {
  std::array<char, 96> name{};
  if (library.call("nvmlDeviceGetName", card, name.data(), unsigned{name.size()}) != success) {
    return {};
  }
  return {name.data(), strnlen(name.data(), name.size())};
}

}  // namespace kai::nvml
