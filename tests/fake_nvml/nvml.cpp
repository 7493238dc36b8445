// A libnvidia-ml.so.1 for tests: it behaves as FAKE_NVML says, and describes one card.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

constexpr int driver_not_loaded = 9;
constexpr int version_mismatch = 18;
constexpr int gpu_is_lost = 15;

bool is(std::string_view behaviour) {
  const char* asked = std::getenv("FAKE_NVML");
  return asked != nullptr && asked == behaviour;
}

struct Memory {
  unsigned long long total, free, used;
};
struct Utilization {
  unsigned gpu, memory;
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

}  // namespace

extern "C" {

#ifndef FAKE_NVML_OLD
int nvmlInit_v2() {
  if (is("hanging")) {
    for (;;) pause();
  }
  if (is("crashing")) std::abort();
  if (is("mismatch")) return version_mismatch;
  return is("unloaded") ? driver_not_loaded : 0;
}
#endif

int nvmlShutdown() {
  return 0;
}

const char* nvmlErrorString(int code) {
  if (code == version_mismatch) return "Driver/library version mismatch";
  return code == driver_not_loaded ? "Driver Not Loaded" : "GPU is lost";
}

int nvmlSystemGetDriverVersion(char* version, unsigned size) {
  std::strncpy(version, "580.65.06", size);
  return 0;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 1;
  return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned, void** handle) {
  *handle = handle;
  return 0;
}

int nvmlDeviceGetName(void*, char* name, unsigned size) {
  std::strncpy(name, "NVIDIA GeForce RTX 4070", size);
  return 0;
}

int nvmlDeviceGetMemoryInfo(void*, Memory* memory) {
  if (is("lost")) return gpu_is_lost;
  *memory = {8'000'000'000, 5'000'000'000, 3'000'000'000};
  if (is("lying")) memory->free = 90'000'000'000;
  // What is free now, where a test changes it.
  if (const char* path = std::getenv("FAKE_NVML_FREE")) {
    if (std::FILE* file = std::fopen(path, "r")) {
      if (std::fscanf(file, "%llu", &memory->free) == 1)
        memory->used = memory->total - memory->free;
      std::fclose(file);
    }
  }
  return 0;
}

int nvmlDeviceGetPciInfo_v3(void*, Pci* pci) {
  std::strncpy(pci->bus_id, "00000000:0A:00.0", sizeof pci->bus_id);
  return 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, ProcessUse*) {
  *count = 2;
  return 0;
}

int nvmlDeviceGetUtilizationRates(void*, Utilization* busy) {
  if (is("lost")) return gpu_is_lost;
  *busy = {37, 20};
  if (is("lying")) busy->gpu = 4'000'000'000;
  return 0;
}

int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  if (is("lost")) return gpu_is_lost;
  *milliwatts = 123'456;
  return 0;
}

int nvmlDeviceGetTemperature(void*, int, unsigned* degrees) {
  if (is("lost")) return gpu_is_lost;
  *degrees = 61;
  return 0;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* bits) {
  if (is("lost")) return gpu_is_lost;
  *bits = 0x1 | 0x4 | 0x40;  // idle too, which slows nobody down
  return 0;
}
}
