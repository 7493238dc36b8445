// kai-worker: holds models for kai. Wiring only.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>

#include "wire/documents.h"
#include "wire/inspection.h"
#include "wire/machine.h"
#include "wire/worker_protocol.h"
#include "worker/inspect.h"
#include "worker/nvidia.h"
#include "worker/runtime.h"
#include "worker/speed.h"
#include "worker/worker.h"

namespace {

// Whoever asked reads the document that it waits for.
void print_last_words(const std::string& why) {
  fmt::print("{}\n", kai::wire::encode_error({kai::ErrorCode::internal, why}));
  std::fflush(stdout);
}

int print_devices() {
  kai::start_runtime(print_last_words);
  std::vector<kai::wire::DeviceFacts> devices;
  for (const auto& device : kai::runtime_devices()) devices.push_back(device.facts);
  fmt::print("{}\n", kai::wire::encode(devices));
  return 0;
}

int print_speed(const std::string& id, const kai::SpeedOptions& options) {
  kai::start_runtime(print_last_words);
  const auto device = kai::runtime_device(id);
  const auto speed = device ? kai::measure_speed(*device, options)
                            : kai::Result<kai::DeviceSpeed>(std::unexpected(device.error()));
  fmt::print("{}\n", speed ? kai::wire::encode(*speed) : kai::wire::encode_error(speed.error()));
  return speed ? 0 : 1;
}

int print_facts(const std::string& path) {
  kai::start_runtime(print_last_words);
  const auto facts = kai::inspect(path);
  fmt::print("{}\n",
             facts ? kai::wire::encode_facts(*facts) : kai::wire::encode_error(facts.error()));
  return facts ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("kai-worker: holds models for kai on one device. kai starts it by itself.");
  app.set_version_flag("--version", "kai-worker " KAI_VERSION);
  app.require_subcommand(1);

  kai::WorkerOptions options;
  auto* serve = app.add_subcommand("serve", "serve models on a Unix socket until stdin ends");
  serve->add_option("--socket", options.socket, "path of the socket")->required();
  serve->add_option("--device", options.device, "cpu, gpu0, … as `devices` lists them");
  serve->add_option("--threads", options.threads, "threads of every decode")
      ->check(CLI::Range(1, 1024));
  std::string path;
  auto* inspect = app.add_subcommand("inspect", "print a GGUF file's facts as JSON");
  inspect->add_option("FILE", path)->required();
  auto* devices = app.add_subcommand("devices", "print the devices llama.cpp finds as JSON");
  kai::SpeedOptions speeds;
  auto* speed = app.add_subcommand("speed", "measure how fast a device multiplies, as JSON");
  speed->add_option("--device", options.device, "cpu, gpu0, … as `devices` lists them");
  speed->add_option("--threads", speeds.lane_threads, "threads of one lane")
      ->check(CLI::Range(1, 1024));
  speed->add_option("--all", speeds.all_threads, "threads of all lanes")
      ->check(CLI::Range(1, 1024));
  speed->add_option("--bytes", speeds.weights.count, "of weights to measure with");
  auto* nvidia = app.add_subcommand("nvidia", "print what NVIDIA's own library says, as JSON");
  auto* runtime = app.add_subcommand("runtime", "print llama.cpp's version, then its backends");

  CLI11_PARSE(app, argc, argv);
  if (inspect->parsed()) return print_facts(path);
  if (devices->parsed()) return print_devices();
  if (speed->parsed()) return print_speed(options.device, speeds);
  if (nvidia->parsed()) {
    fmt::print("{}\n", kai::wire::encode(kai::read_nvidia()));
    return 0;
  }
  if (runtime->parsed()) {
    kai::start_runtime();
    fmt::print("{}\n", kai::runtime_version());
    for (const auto& backend : kai::runtime_backends()) fmt::print("{}\n", backend);
    return 0;
  }
  const auto served = kai::serve_worker(options);
  fmt::print(stderr, "kai-worker: {}\n", served ? "stopped" : served.error().message);
  return 1;
}
