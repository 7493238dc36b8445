#include "cli/server_monitor.h"

#include "fleet/process_reading.h"

namespace kai {

namespace {

void note_process(Registry& registry) {
  const ProcessReading process = read_process();
  const auto set = [&](Metric metric, std::optional<std::int64_t> value) {
    if (value) registry.set(metric, {}, static_cast<double>(*value));
  };
  const auto count = [](Bytes bytes) { return bytes.count; };
  registry.set(Metric::process_cpu, {}, process.cpu_seconds);
  set(Metric::process_resident, process.resident.transform(count));
  set(Metric::process_virtual, process.addresses.transform(count));
  set(Metric::process_open_files, process.files_open);
  set(Metric::process_max_files, process.files_max);
}

}  // namespace

ServerMonitor::ServerMonitor(const Clock& clock, const std::string& version, Now now)
    : monitor_(version, clock.wall()), now_(std::move(now)) {}

MonitorBackend ServerMonitor::backend() {
  return {.metrics = [this] { return metrics(); }};
}

std::string ServerMonitor::metrics() {
  monitor_.take(now_());
  note_process(monitor_.registry());
  return monitor_.registry().text();
}

}  // namespace kai
