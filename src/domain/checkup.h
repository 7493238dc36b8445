// Checkup: what `kai doctor` found: of what an answer needs, what is there, what is not, and what
// can be done about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantities.h"
#include "domain/model.h"
#include "domain/tier_time.h"

namespace kai {

enum class Mark : std::uint8_t { good, bad, note };
// "good", "bad", "note".
std::string_view to_string(Mark mark);

enum class About : std::uint8_t {
  config,
  store,
  worker,
  devices,
  gpus,
  models,
  engines,
  timeouts,
  locks,
  sandbox
};
std::string_view to_string(About about);

struct Finding {
  Mark mark = Mark::good;
  std::string text;                     // one sentence, without an end
  std::vector<std::string> remedies{};  // lines to be typed or copied, in their order
  About about = About::config;
};

// A GPU as NVIDIA's library (NVML) sees it.
struct DriverView {
  Bytes total{};
  Bytes free{};
  bool sound = true;  // it can be true: 0 <= free <= total; else it is not believed
  int processes = 0;  // that compute on it
};

// What NVIDIA's library says, whoever uses its cards.
struct CheckedNvidia {
  std::string missing;  // not empty: there is no such library, in the loader's words
  std::string fault;    // not empty: it is there and does not work, and why
  std::string driver;   // its version; empty: it does not say
  struct Card {
    std::string name;
    std::string bus;  // empty: it does not say
    DriverView view;
  };
  std::vector<Card> cards{};
};

// A graphics card on the PCI bus, whether or not anything can use it.
struct CheckedCard {
  std::string maker;  // "nvidia", "amd", "intel"
  std::string bus;
  std::string driver;  // of the kernel; empty: none
};

// A GPU that llama.cpp found.
struct CheckedGpu {
  std::string id;
  std::string name;
  std::string backend;  // of llama.cpp: "CUDA", "Vulkan"
  std::string bus;      // "0000:01:00.0"; empty: not known
  Bytes total{};
  Bytes free{};                        // as the backend says
  std::optional<DriverView> driver{};  // nothing: NVIDIA's library does not know it
  Bytes believed{};                    // free, the smaller of the two
  Bytes taken{};                       // by others
  bool used = false;                   // kai asks models on it
};

struct CheckedDevice {
  Device device;
  bool in_use = false;         // by another kai
  std::optional<int> process;  // that uses it; nothing: it does not say
};

struct CheckedFolder {
  std::string path;
  int models = 0;  // found in it, usable or not
};

struct Checkup {
  bool able = true;  // a question could be answered
  std::vector<Finding> findings;
  std::vector<std::string> config_files;
  std::string data_folder;
  std::optional<Bytes> data_free;  // nothing: not known
  bool history = false;            // is kept
  std::string worker;              // path of kai-worker
  std::string llama_version;       // empty: it does not run
  std::vector<std::string> backends;
  std::vector<CheckedDevice> devices;  // that kai may use
  std::vector<CheckedGpu> gpus;
  CheckedNvidia nvidia;  // everything empty: it was not asked
  std::vector<CheckedCard> cards;
  std::vector<CheckedFolder> folders;  // of models
  std::vector<Model> models;           // refused ones, too
  std::vector<TierTime> timeouts;      // none where not every usable model was measured
  std::string runtime_folder;
  bool sandbox = false;   // code can be run here
  bool run_code = false;  // and may be
};

}  // namespace kai
