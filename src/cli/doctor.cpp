// doctor: what kai needs, whether it is there, and how to repair what is not.
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <sstream>

#include "base/process.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/doctor_gpu.h"
#include "cli/doctor_timeouts.h"
#include "cli/exit_code.h"
#include "cli/findings.h"
#include "cli/session.h"
#include "config/units.h"
#include "fleet/devices.h"
#include "fleet/host.h"
#include "fleet/nvidia.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr int text_columns_max = 400;
constexpr int mark_columns = 2;
constexpr Bytes space_wanted = 100_MiB;
constexpr Duration worker_time = std::chrono::seconds(20);

// Goes through everything once; remembers whether a question could be answered.
class Doctor {
 public:
  Doctor(const Config& config, Terminal& terminal) : config_(config), terminal_(terminal) {}
  int run();

 private:
  void say(const Finding& finding);
  void say(Mark mark, std::string_view text) { say({mark, std::string(text), {}}); }
  void must(std::string_view text) {
    able_ = false;
    say(Mark::bad, text);
  }
  void check_files();
  void check_store(const Store& store);
  void check_worker();
  void check_gpus();
  void check_timeouts(Store& store);
  void check_devices(Store& store);
  void check_speed(Device& device, Store& store);
  std::optional<std::string> holder_of(const Device& device) const;
  void check_models(Store& store);
  void check_locks();
  void check_code();

  const Config& config_;
  Terminal& terminal_;
  std::vector<std::string> backends_;  // of llama.cpp, that kai-worker carries
  Fleet fleet_;
  bool able_ = true;
};

// Words are broken at the terminal's edge; what is to be typed or copied is left in one piece.
void Doctor::say(const Finding& finding) {
  const bool terminal = terminal_.options().out_is_terminal;
  const std::string sign = finding.mark == Mark::good  ? "✓ "
                           : finding.mark == Mark::bad ? "✗ "
                                                       : "! ";
  const Style style = finding.mark == Mark::good  ? Style::good
                      : finding.mark == Mark::bad ? Style::bad
                                                  : Style::plain;
  const std::string text = one_line(finding.text, text_columns_max);
  const int columns = terminal ? terminal_.columns() - mark_columns : text_columns_max;
  bool first = true;
  for (const auto& line : wrapped(text, columns)) {
    const Line painted{{first ? sign : "  ", style}, {line}};
    terminal_.out(paint(painted, terminal_.options().color && terminal));
    first = false;
  }
  for (const auto& remedy : finding.remedies) {
    terminal_.out("    " + one_line(remedy, text_columns_max));
  }
}

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
    // The version, then a backend a line.
    std::istringstream lines(runtime->text);
    std::string version;
    std::getline(lines, version);
    for (std::string backend; std::getline(lines, backend);) backends_.push_back(backend);
    return say(Mark::good,
               fmt::format("worker: {}, llama.cpp {} with {}", worker, version,
                           backends_.empty() ? "no backend"
                                             : fmt::format("{}", fmt::join(backends_, " and "))));
  }
  must(fmt::format("worker: {} does not run: {}; build it with `make build`, or set KAI_WORKER",
                   worker,
                   runtime ? fmt::format("status {}", runtime->status) : runtime.error().message));
}

// Who uses the device now; empty words: it does not say.
std::optional<std::string> Doctor::holder_of(const Device& device) const {
  const auto path = fmt::format("{}/{}.lock", config_.runtime_folder, device.id.text);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return std::nullopt;
  std::optional<std::string> holder;
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> process{};
    const bool known = ::pread(file, process.data(), process.size() - 1, 0) > 0;
    holder = known ? fmt::format(" (process {})", process.data()) : "";
  }
  ::close(file);
  return holder;
}

// Kept, so that models that nobody measured are planned with it.
void Doctor::check_speed(Device& device, Store& store) {
  const std::string name = "speed of " + device.id.text;
  if (const auto holder = holder_of(device)) {
    return say(Mark::note,
               fmt::format("{}: not measured, another kai{} is using it", name, *holder));
  }
  const auto speed = measure_device(config_.fleet, device);
  if (!speed) return say(Mark::note, fmt::format("{}: {}", name, speed.error().message));
  device.speed = *speed;
  store.put_speed(device);
  const auto gb = [](double rate) { return rate / 1e9; };
  const double shared = std::min(speed->lane_read, speed->all_read / std::max(1, device.running));
  say(Mark::good,
      fmt::format("{}: a lane reads {:.3g} GB/s of weights{}, and computes {:.3g} GFLOP/s; a "
                  "model of 4 GB would write some {:.1f} tokens/s",
                  name, gb(speed->lane_read),
                  speed->all_read > speed->lane_read
                      ? fmt::format(", all together {:.3g}", gb(speed->all_read))
                      : "",
                  gb(speed->lane_flops), gb(shared) / 4));
}

void Doctor::check_devices(Store& store) {
  auto devices = find_devices(config_.fleet);
  if (!devices) return must("devices: " + devices.error().message);
  fleet_.devices = *std::move(devices);
  for (auto& device : fleet_.devices) {
    say(Mark::good, fmt::format("device {}: {}, {} for models, {} lane{} of {} thread{}",
                                device.id.text, device.name, short_bytes(device.capacity),
                                device.lanes, device.lanes == 1 ? "" : "s", device.threads_per_lane,
                                device.threads_per_lane == 1 ? "" : "s"));
    check_speed(device, store);
  }
}

void Doctor::check_gpus() {
  auto found = list_devices(config_.fleet);
  if (!found) return;  // told with the devices
  GpuView view;
  view.found = *std::move(found);
  view.chosen = fleet_.devices;
  view.backends = backends_;
  view.nvidia = ask_nvidia(config_.fleet);
  view.cards = graphics_cards();
  view.render = render_node();
  view.distribution = distribution();
  for (const auto& finding : gpu_findings(view)) say(finding);
}

void Doctor::check_timeouts(Store& store) {
  if (fleet_.devices.empty()) return;  // nothing was measured on what is not there
  const auto cards = known_cards(fleet_, store);
  const auto findings = timeout_findings(fleet_, cards, config_.coordinator.planner);
  for (const auto& finding : findings) say(finding);
}

void Doctor::check_models(Store& store) {
  const auto found = find_models(config_.fleet, store, inspect_teller(terminal_));
  terminal_.clear_live();
  fleet_.models = found.models;
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
  for (const auto& device : fleet_.devices) {
    if (const auto holder = holder_of(device)) {
      say(Mark::note, fmt::format("device {} is in use by another kai{}", device.id.text, *holder));
    }
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
  check_devices(*store);
  check_gpus();
  check_models(*store);
  check_timeouts(*store);
  check_locks();
  check_code();
  return able_ ? exit_status::ok : exit_status::no_model;
}

}  // namespace

int run_doctor(const Config& config, Terminal& terminal) {
  return Doctor(config, terminal).run();
}

}  // namespace kai
