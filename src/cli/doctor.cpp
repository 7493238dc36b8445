// doctor: what kai needs, whether it is there, and how to repair what is not.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/process.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "config/units.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr int text_columns_max = 400;
constexpr Bytes space_wanted = 100_MiB;
constexpr Duration worker_time = std::chrono::seconds(20);

enum class Mark : std::uint8_t { good, bad, note };

// Goes through everything once; remembers whether a question could be answered.
class Doctor {
 public:
  Doctor(const Config& config, Terminal& terminal) : config_(config), terminal_(terminal) {}
  int run();

 private:
  void say(Mark mark, std::string_view text) {
    const Line line{{mark == Mark::good  ? "✓ "
                     : mark == Mark::bad ? "✗ "
                                         : "! ",
                     mark == Mark::good  ? Style::good
                     : mark == Mark::bad ? Style::bad
                                         : Style::plain},
                    {one_line(text, text_columns_max)}};
    terminal_.out(paint(line, terminal_.options().color && terminal_.options().out_is_terminal));
  }
  void must(std::string_view text) {
    able_ = false;
    say(Mark::bad, text);
  }
  void check_files();
  void check_store(const Store& store);
  void check_worker();
  void check_devices();
  void check_models(Store& store);
  void check_locks();
  void check_code();

  const Config& config_;
  Terminal& terminal_;
  std::vector<Device> devices_;
  bool able_ = true;
};

void Doctor::check_files() {
  if (config_.files.empty()) say(Mark::good, "config: no file, the defaults apply");
  for (const auto& file : config_.files) say(Mark::good, "config: " + file);
}

void Doctor::check_store(const Store& store) {
  std::error_code error;
  const auto space = fs::space(config_.store.folder, error);
  const std::string place = "data folder: " + config_.store.folder;
  if (error) {
    say(Mark::note, fmt::format("{}: {}; kai answers without history", place, error.message()));
  } else if (Bytes(static_cast<std::int64_t>(space.available)) < space_wanted) {
    say(Mark::note, fmt::format("{}: only {} left; make room", place,
                                short_bytes(Bytes(static_cast<std::int64_t>(space.available)))));
  } else {
    say(Mark::good, fmt::format("{}, {} free", place,
                                short_bytes(Bytes(static_cast<std::int64_t>(space.available)))));
  }
  if (!store.fault().empty()) say(Mark::note, "history: " + store.fault());
  if (!store.notice().empty()) say(Mark::note, "history: " + store.notice());
  if (!store.fault().empty()) return;
  say(Mark::good, "history: kept in " + config_.store.folder + "/kai.db");
}

void Doctor::check_worker() {
  const std::string& worker = config_.fleet.worker;
  const auto runtime = run_process({worker, "runtime"}, worker_time);
  if (runtime && runtime->status == 0) {
    return say(Mark::good, fmt::format("worker: {}, {}", worker, runtime->text));
  }
  must(fmt::format("worker: {} does not run: {}; build it with `make build`, or set KAI_WORKER",
                   worker,
                   runtime ? fmt::format("status {}", runtime->status) : runtime.error().message));
}

void Doctor::check_devices() {
  auto devices = find_devices(config_.fleet);
  if (!devices) return must("devices: " + devices.error().message);
  devices_ = *std::move(devices);
  bool gpu = false;
  for (const auto& device : devices_) {
    gpu = gpu || device.kind == DeviceKind::gpu;
    say(Mark::good, fmt::format("device {}: {}, {} for models, {} lane{} of {} thread{}",
                                device.id.text, device.name, short_bytes(device.capacity),
                                device.lanes, device.lanes == 1 ? "" : "s", device.threads_per_lane,
                                device.threads_per_lane == 1 ? "" : "s"));
  }
  if (gpu) return;
  std::error_code ignored;
  say(Mark::note, config_.fleet.devices != "auto" ? "backend: CPU, since `devices` names no GPU"
                  : fs::exists("/proc/driver/nvidia/version", ignored)
                      ? "backend: CPU, although there is an NVIDIA driver; run `make setup` with "
                        "KAI_BACKEND=cuda"
                      : "backend: CPU, since llama.cpp sees no GPU here");
}

void Doctor::check_models(Store& store) {
  const auto found = find_models(config_.fleet, store, inspect_teller(terminal_));
  terminal_.clear_live();
  const auto usable = std::ranges::count_if(found.models, &std::string::empty, &Model::refused);
  const auto in = [&](const std::string& folder) {
    return std::ranges::count_if(
        found.models, [&](const Model& model) { return model.path.starts_with(folder + '/'); });
  };
  for (const auto& folder : config_.fleet.folders) {
    say(in(folder) > 0 ? Mark::good : Mark::note,
        fmt::format("models: {} in {}", in(folder), folder));
  }
  if (!config_.fleet.ollama_store.empty()) {
    say(Mark::good, fmt::format("models: {} in Ollama's store {}", in(config_.fleet.ollama_store),
                                config_.fleet.ollama_store));
  }
  for (const auto& note : found.notes) say(Mark::note, "models: " + note);
  for (const auto& model : found.models) {
    if (!model.refused.empty()) say(Mark::note, model.id.text + ": " + model.refused);
  }
  if (usable > 0) return say(Mark::good, fmt::format("models: {} usable", usable));
  must(
      fmt::format("models: none usable; put GGUF files into {}, or run `make ask` in kai's "
                  "sources",
                  config_.fleet.folders.empty() ? "a folder named by KAI_MODELS"
                                                : config_.fleet.folders.front()));
}

void Doctor::check_locks() {
  auto folder = RuntimeFolder::open(config_.runtime_folder);
  if (!folder) return must("runtime folder: " + folder.error().message);
  say(Mark::good, "runtime folder: " + config_.runtime_folder);
  for (const auto& device : devices_) {
    const auto path = fmt::format("{}/{}.lock", config_.runtime_folder, device.id.text);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) continue;
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      std::array<char, 32> holder{};
      const bool known = ::pread(file, holder.data(), holder.size() - 1, 0) > 0;
      say(Mark::note, fmt::format("device {} is in use by another kai{}", device.id.text,
                                  known ? fmt::format(" (process {})", holder.data()) : ""));
    }
    ::close(file);
  }
}

void Doctor::check_code() {
  const auto usable = check_sandbox(config_.sandbox);
  const std::string_view on = config_.sandbox.run_code ? "on" : "off; --run-code switches it on";
  if (usable)
    return say(Mark::good, fmt::format("sandbox: bubblewrap works; running code is {}", on));
  say(Mark::note, "sandbox: " + usable.error().message);
}

int Doctor::run() {
  check_files();
  const auto store = open_store(config_.store);
  check_store(*store);
  check_worker();
  check_devices();
  check_models(*store);
  check_locks();
  check_code();
  return able_ ? exit_status::ok : exit_status::no_model;
}

}  // namespace

int run_doctor(const Config& config, Terminal& terminal) {
  return Doctor(config, terminal).run();
}

}  // namespace kai
