// runtime: llama.cpp as a whole: its backends, its devices, its last words. One per process.
#pragma once

#include <ggml-backend.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/worker_protocol.h"

namespace kai {

// A device and llama.cpp's handle for it.
struct RuntimeDevice {
  wire::DeviceFacts facts;
  ggml_backend_dev_t handle = nullptr;
};

// Where llama.cpp gives up (a GPU's driver too old for it, memory that a backend cannot get), it
// ends the process by SIGABRT. This gets why, as a sentence, right before; from any thread.
using LastWords = void (*)(const std::string& why);

// Loads the CPU variant and every GPU backend that lie beside libllama, silences llama.cpp's log
// and keeps its errors. Call once, before anything else of llama.cpp. Last words go to standard
// error by default, as its last line.
void start_runtime(LastWords last_words = nullptr);

// The CPU first, then GPUs in llama.cpp's order.
std::vector<RuntimeDevice> runtime_devices();

// Errors: not_found, naming the devices there are.
Result<RuntimeDevice> runtime_device(const std::string& id);

// What llama.cpp complained of since the last call, one line; empty if nothing.
std::string take_complaint();

// The backends that were loaded, whether or not they find a device: "CPU", "CUDA", "Vulkan".
std::vector<std::string> runtime_backends();

// Version of the loaded library, to be compared with the pin.
std::string runtime_version();

}  // namespace kai
