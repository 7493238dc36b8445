// Nvml: NVIDIA's library as the driver brings it, loaded at run time. Private to worker.
#pragma once

#include <dlfcn.h>

#include <memory>
#include <string>

namespace kai::nvml {

// As nvml.h declares them, which a driver keeps for good.
using Code = int;
inline constexpr Code success = 0;
inline constexpr Code absent = -1;  // ours: the library has no such function
using Handle = void*;
struct Memory {
  unsigned long long total, free, used;
};
struct Utilization {
  unsigned gpu, memory;  // percent
};
struct Pci {
  char bus_legacy[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};
struct ProcessUse {
  unsigned pid;
  unsigned long long bytes;
  unsigned instance, compute_instance;
};

inline constexpr unsigned cards_max = 64;

struct CloseLibrary {
  void operator()(void* library) const { dlclose(library); }
};

// One loaded library.
class Library {
 public:
  explicit Library(void* library) : library_(library) {}

  template <class... Arguments>
  Code call(const char* name, Arguments... arguments) const {
    const auto function = reinterpret_cast<Code (*)(Arguments...)>(dlsym(library_.get(), name));
    return function == nullptr ? absent : function(arguments...);
  }
  std::string words(Code code) const;  // for people

 private:
  std::unique_ptr<void, CloseLibrary> library_;
};

// A card's name; empty: it does not say.
std::string name_of(const Library& library, Handle card);

}  // namespace kai::nvml
