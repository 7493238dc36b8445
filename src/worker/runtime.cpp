#include "worker/runtime.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <llama.h>

#include <cstdio>
#include <filesystem>
#include <mutex>

namespace kai {

namespace {

// llama.cpp logs from its own threads too.
std::mutex complaint_mutex;
std::string complaint;

void keep_errors(ggml_log_level level, const char* text, void*) {
  if (level != GGML_LOG_LEVEL_ERROR) return;
  std::string line(text);
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  // The first complaint names the cause; those that follow only say what failed because of it.
  const std::scoped_lock lock(complaint_mutex);
  if (complaint.empty()) complaint = line.substr(0, 500);
}

LastWords last_words = nullptr;

// `message` is "/where/it/was/built/ggml-cuda.cu:108: CUDA error"; the complaint before says which.
void on_abort(const char* message) {
  std::string place(message);
  const auto folder = place.rfind('/', place.find(':'));
  if (folder != std::string::npos) place.erase(0, folder + 1);
  const std::string cause = take_complaint();
  last_words("llama.cpp gave up: " + (cause.empty() ? place : cause + " (" + place + ")"));
}

void tell_standard_error(const std::string& why) {
  fmt::print(stderr, "kai-worker: {}\n", why);
}

}  // namespace

void start_runtime(LastWords words) {
  last_words = words != nullptr ? words : tell_standard_error;
  ggml_set_abort_callback(on_abort);
  llama_log_set(keep_errors, nullptr);
  Dl_info place{};
  if (dladdr(reinterpret_cast<const void*>(&llama_backend_init), &place) != 0) {
    const auto folder = std::filesystem::path(place.dli_fname).parent_path();
    ggml_backend_load_all_from_path(folder.c_str());
  }
  llama_backend_init();
}

std::vector<RuntimeDevice> runtime_devices() {
  std::vector<RuntimeDevice> devices;
  int gpus = 0;
  for (const bool want_cpu : {true, false}) {
    for (std::size_t index = 0; index < ggml_backend_dev_count(); ++index) {
      ggml_backend_dev_t handle = ggml_backend_dev_get(index);
      const auto type = ggml_backend_dev_type(handle);
      const bool cpu = type == GGML_BACKEND_DEVICE_TYPE_CPU;
      const bool gpu =
          type == GGML_BACKEND_DEVICE_TYPE_GPU || type == GGML_BACKEND_DEVICE_TYPE_IGPU;
      if (cpu != want_cpu || (!cpu && !gpu)) continue;
      ggml_backend_dev_props facts{};
      ggml_backend_dev_get_props(handle, &facts);
      devices.push_back(
          {{cpu ? "cpu" : fmt::format("gpu{}", gpus++), cpu ? DeviceKind::cpu : DeviceKind::gpu,
            facts.description, Bytes(static_cast<std::int64_t>(facts.memory_total)),
            Bytes(static_cast<std::int64_t>(facts.memory_free)),
            facts.device_id != nullptr ? facts.device_id : "",
            ggml_backend_reg_name(ggml_backend_dev_backend_reg(handle))},
           handle});
    }
  }
  return devices;
}

Result<RuntimeDevice> runtime_device(const std::string& id) {
  std::string known;
  for (auto& device : runtime_devices()) {
    if (device.facts.id == id) return device;
    known += (known.empty() ? "" : ", ") + device.facts.id;
  }
  return fail(ErrorCode::not_found,
              fmt::format("no device \"{}\": the llama runtime finds {}", id, known));
}

std::string take_complaint() {
  const std::scoped_lock lock(complaint_mutex);
  return std::exchange(complaint, {});
}

std::vector<std::string> runtime_backends() {
  std::vector<std::string> names;
  for (std::size_t index = 0; index < ggml_backend_reg_count(); ++index) {
    names.emplace_back(ggml_backend_reg_name(ggml_backend_reg_get(index)));
  }
  return names;
}

std::string runtime_version() {
  return llama_version();
}

}  // namespace kai
