// doctor: what kai needs, whether it is there, and how to repair what is not.
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "base/process.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/doctor_gpu.h"
#include "cli/doctor_timeouts.h"
#include "cli/exit_code.h"
#include "cli/hosts.h"
#include "cli/session.h"
#include "config/units.h"
#include "domain/checkup.h"
#include "fleet/devices.h"
#include "fleet/host.h"
#include "fleet/nvidia.h"
#include "wire/checkup.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr int text_columns_max = 400;
constexpr int mark_columns = 2;
constexpr Bytes space_wanted = 100_MiB;
constexpr Duration worker_time = std::chrono::seconds(20);

// "34.8 GB/s", "1.24 TB/s".
std::string per_second(double rate, std::string_view unit) {
  constexpr double tera = 1e12, giga = 1e9;
  return rate < tera ? fmt::format("{:.3g} G{}/s", rate / giga, unit)
                     : fmt::format("{:.3g} T{}/s", rate / tera, unit);
}

// Another kai that uses a device.
struct Holder {
  std::optional<int> process{};  // nothing: it does not say
  std::string words() const {    // after "another kai"
    return process ? fmt::format(" (process {})", *process) : "";
  }
};

// Goes through everything once, and tells it as it goes unless all of it is wanted at the end.
class Doctor {
 public:
  Doctor(const Config& config, Terminal& terminal, bool json)
      : config_(config), terminal_(terminal), json_(json) {}
  int run();

 private:
  void say(Finding finding);
  void show(const Finding& finding);
  void say(Mark mark, std::string_view text) { say(Finding{.mark = mark, .text{text}}); }
  void must(std::string_view text) {
    checkup_.able = false;
    say(Mark::bad, text);
  }
  void check_files();
  void check_store(const Store& store);
  void check_worker();
  void check_gpus();
  void check_timeouts(Store& store);
  void check_devices(Store& store);
  void check_speed(CheckedDevice& checked, Store& store);
  std::optional<Holder> holder_of(const Device& device) const;
  void check_engines();
  void check_models(Store& store);
  void check_locks();
  void check_code();

  const Config& config_;
  Terminal& terminal_;
  const bool json_;
  About about_ = About::config;  // what is looked at now
  Fleet fleet_;
  std::vector<Model> host_models_;  // that could be asked now
  Checkup checkup_;
};

// Words are broken at the terminal's edge; what is to be typed or copied is left in one piece.
void Doctor::show(const Finding& finding) {
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

void Doctor::say(Finding finding) {
  finding.about = about_;
  if (!json_) show(finding);
  checkup_.findings.push_back(std::move(finding));
}

void Doctor::check_files() {
  about_ = About::config;
  checkup_.config_files = config_.files;
  if (config_.files.empty()) say(Mark::good, "config: no file, the defaults apply");
  for (const auto& file : config_.files) say(Mark::good, "config: " + file);
}

void Doctor::check_store(const Store& store) {
  about_ = About::store;
  std::error_code error;
  const auto space = fs::space(config_.store.folder, error);
  checkup_.data_folder = config_.store.folder;
  checkup_.history = store.fault().empty();
  if (!error) checkup_.data_free = Bytes(static_cast<std::int64_t>(space.available));
  const std::string place = "data folder: " + config_.store.folder;
  if (error) {
    say(Mark::note, fmt::format("{}: {}; kai answers without history", place, error.message()));
  } else if (*checkup_.data_free < space_wanted) {
    say(Mark::note,
        fmt::format("{}: only {} left; make room", place, short_bytes(*checkup_.data_free)));
  } else {
    say(Mark::good, fmt::format("{}, {} free", place, short_bytes(*checkup_.data_free)));
  }
  if (!store.fault().empty()) say(Mark::note, "history: " + store.fault());
  if (!store.notice().empty()) say(Mark::note, "history: " + store.notice());
  if (!store.fault().empty()) return;
  say(Mark::good, "history: kept in " + config_.store.folder + "/kai.db");
}

void Doctor::check_worker() {
  about_ = About::worker;
  const std::string& worker = config_.fleet.worker;
  checkup_.worker = worker;
  const auto runtime = run_process({worker, "runtime"}, worker_time);
  if (runtime && runtime->status == 0) {
    // The version, then a backend a line.
    std::istringstream lines(runtime->text);
    auto& backends = checkup_.backends;
    std::getline(lines, checkup_.llama_version);
    for (std::string backend; std::getline(lines, backend);) backends.push_back(backend);
    return say(Mark::good,
               fmt::format("worker: {}, llama.cpp {} with {}", worker, checkup_.llama_version,
                           backends.empty() ? "no backend"
                                            : fmt::format("{}", fmt::join(backends, " and "))));
  }
  must(fmt::format("worker: {} does not run: {}; build it with `make build`, or set KAI_WORKER",
                   worker,
                   runtime ? fmt::format("status {}", runtime->status) : runtime.error().message));
}

std::optional<Holder> Doctor::holder_of(const Device& device) const {
  const auto path = fmt::format("{}/{}.lock", config_.runtime_folder, device.id.text);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return std::nullopt;
  std::optional<Holder> holder;
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    holder.emplace();
    std::array<char, 32> text{};
    const auto size = ::pread(file, text.data(), text.size(), 0);
    int process = 0;
    const auto read =
        std::from_chars(text.data(), text.data() + std::max<ssize_t>(size, 0), process);
    if (read.ec == std::errc()) holder->process = process;
  }
  ::close(file);
  return holder;
}

// Kept, so that models that nobody measured are planned with it.
void Doctor::check_speed(CheckedDevice& checked, Store& store) {
  Device& device = checked.device;
  const std::string name = "speed of " + device.id.text;
  if (const auto holder = holder_of(device)) {
    return say(Mark::note,
               fmt::format("{}: not measured, another kai{} is using it", name, holder->words()));
  }
  const auto speed = measure_device(config_.fleet, device);
  if (!speed) return say(Mark::note, fmt::format("{}: {}", name, speed.error().message));
  device.speed = *speed;
  store.put_speed(device);
  const double shared = std::min(speed->lane_read, speed->all_read / std::max(1, device.running));
  constexpr double model_bytes = 4e9;
  say(Mark::good,
      fmt::format("{}: a lane reads {} of weights{}, and computes {}; a model of 4 GB would write "
                  "some {:.1f} tokens/s",
                  name, per_second(speed->lane_read, "B"),
                  speed->all_read > speed->lane_read
                      ? ", all together " + per_second(speed->all_read, "B")
                      : "",
                  per_second(speed->lane_flops, "FLOP"), shared / model_bytes));
}

void Doctor::check_devices(Store& store) {
  about_ = About::devices;
  auto devices = find_devices(config_.fleet);
  if (!devices) return must("devices: " + devices.error().message);
  for (auto& found : *devices) {
    CheckedDevice& checked =
        checkup_.devices.emplace_back(CheckedDevice{.device = std::move(found)});
    const Device& device = checked.device;
    const std::string threads = device.kind != DeviceKind::cpu
                                    ? ""
                                    : fmt::format(" on {} thread{}{}", device.threads_per_lane,
                                                  device.threads_per_lane == 1 ? "" : "s",
                                                  device.running == 1 ? "" : " each");
    say(Mark::good,
        fmt::format("device {}: {}, {} for models, answers with {} at a time{}", device.id.text,
                    device.name, short_bytes(device.capacity),
                    device.running == 1 ? "one" : std::to_string(device.running), threads));
    check_speed(checked, store);
    fleet_.devices.push_back(checked.device);
  }
}

void Doctor::check_gpus() {
  about_ = About::gpus;
  auto found = list_devices(config_.fleet);
  if (!found) return;  // told with the devices
  GpuView view;
  view.found = *std::move(found);
  view.chosen = fleet_.devices;
  view.backends = checkup_.backends;
  view.nvidia = ask_nvidia(config_.fleet);
  view.cards = graphics_cards();
  view.render = render_node();
  view.distribution = distribution();
  checkup_.gpus = gpus_of(view);
  checkup_.nvidia = nvidia_of(view);
  checkup_.cards = cards_of(view);
  for (auto& finding : gpu_findings(view)) say(std::move(finding));
}

void Doctor::check_timeouts(Store& store) {
  about_ = About::timeouts;
  if (fleet_.devices.empty()) return;  // nothing was measured on what is not there
  const auto cards = known_cards(fleet_, store);
  auto check = kai::check_timeouts(fleet_, cards, config_.coordinator.planner);
  checkup_.timeouts = std::move(check.times);
  for (auto& finding : check.findings) say(std::move(finding));
}

void Doctor::check_engines() {
  about_ = About::engines;
  const auto hosts = look_at_hosts(config_);
  if (!hosts) return must("engines: " + hosts.error().message);
  for (const auto& host : *hosts) {
    if (!host.view.out.empty()) {
      say(Mark::note, "engine " + host.view.out);
      continue;
    }
    const auto before = host_models_.size();
    add_host_models(host_models_, config_.fleet, host.options.name, host.view);
    std::erase_if(host_models_, [](const Model& model) { return !model.refused.empty(); });
    const auto usable = host_models_.size() - before;
    say(Mark::good,
        fmt::format("engine {}: {}, {} usable model{}, answers {} at a time", host.options.name,
                    device_of(host.options).name, usable, usable == 1 ? "" : "s",
                    host.options.at_once == 1 ? "one question"
                                              : fmt::format("{} questions", host.options.at_once)));
  }
}

void Doctor::check_models(Store& store) {
  about_ = About::models;
  const auto found = find_models(config_.fleet, store, inspect_teller(terminal_));
  terminal_.clear_live();
  fleet_.models = checkup_.models = found.models;
  const auto usable = std::ranges::count_if(found.models, &std::string::empty, &Model::refused) +
                      std::ssize(host_models_);
  const auto count_in = [&](const std::string& folder) {
    const auto models = std::ranges::count_if(
        found.models, [&](const Model& model) { return model.path.starts_with(folder + '/'); });
    checkup_.folders.push_back({.path = folder, .models = static_cast<int>(models)});
    return models;
  };
  for (const auto& folder : config_.fleet.folders) {
    const auto models = count_in(folder);
    say(models > 0 ? Mark::good : Mark::note, fmt::format("models: {} in {}", models, folder));
  }
  if (const auto& folder = config_.fleet.ollama_store; !folder.empty()) {
    say(Mark::good, fmt::format("models: {} in Ollama's store {}", count_in(folder), folder));
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
  about_ = About::locks;
  checkup_.runtime_folder = config_.runtime_folder;
  auto folder = RuntimeFolder::open(config_.runtime_folder);
  if (!folder) return must("runtime folder: " + folder.error().message);
  say(Mark::good, "runtime folder: " + config_.runtime_folder);
  for (auto& [device, in_use, process] : checkup_.devices) {
    const auto holder = holder_of(device);
    if (!holder) continue;
    in_use = true;
    process = holder->process;
    say(Mark::note,
        fmt::format("device {} is in use by another kai{}", device.id.text, holder->words()));
  }
}

void Doctor::check_code() {
  about_ = About::sandbox;
  const auto usable = check_sandbox(config_.sandbox);
  checkup_.sandbox = usable.has_value();
  checkup_.run_code = config_.sandbox.run_code;
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
  check_engines();
  check_models(*store);
  check_timeouts(*store);
  check_locks();
  check_code();
  if (json_) terminal_.out(wire::encode_checkup(checkup_));
  if (!terminal_.out_fault().empty()) {
    terminal_.err("kai: what was found could not be written: " + terminal_.out_fault());
    return exit_status::failed;
  }
  return checkup_.able ? exit_status::ok : exit_status::no_model;
}

}  // namespace

int run_doctor(const Invocation& invocation, const Config& config, Terminal& terminal) {
  return Doctor(config, terminal, invocation.json).run();
}

}  // namespace kai
