#include "cli/server_monitor.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <utility>

#include "base/telling_faults.h"
#include "fleet/process_reading.h"
#include "monitor/feed.h"

namespace kai {

namespace {

using namespace std::chrono_literals;

constexpr Duration every = 1s;
constexpr Duration looks_every = 5s;        // at the alerts
constexpr Duration usual_span = 15min;      // of a history that names no beginning
constexpr std::size_t cells_max = 200'000;  // of one reply, some 20 ms of kai's thread

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

GpuWatchOptions gpu_options(const std::string& worker) {
  GpuWatchOptions options;
  options.worker = worker;
  options.every = every;
  return options;
}

}  // namespace

ServerMonitor::ServerMonitor(Executor executor, Clock& clock, const Setup& setup, Now now)
    : clock_(clock),
      on_notice_(setup.on_notice),
      now_(std::move(now)),
      monitor_(setup.version, clock.wall()),
      webhook_(clock, setup.webhook),
      otlp_(clock, setup.otlp, setup.version),
      sensors_(clock),
      gpus_(executor, clock, gpu_options(setup.worker)),
      kept_here_(setup.folder + "/metrics.lock"),
      tasks_(executor) {}

void ServerMonitor::begin(Store& store) {
  store_ = &store;
  // Without what was kept the history begins anew; the store itself says what is wrong with it.
  history_.restore(store.rollups().value_or(std::vector<Rollup>()),
                   store.annotations().value_or(std::vector<Annotation>()));
  ::malloc_trim(0);  // 30 days of roll-ups pass through some 70 MB, which would stay otherwise
  annotate({clock_.wall(), "start", "kai was started"});
  keeps();
  const auto start = [this](Task<bool> task, std::string lost) {
    tasks_.start(telling_faults(std::move(task), std::move(lost), on_notice_));
  };
  start(read_on(), "nothing is measured");
  start(sensors_.run(), "heat and power are not measured");
  start(gpus_.run(), "GPUs are not measured");
  start(webhook_.run(), "the webhook is told nothing");
  start(otlp_.run(), "the collector is told nothing");
}

Task<void> ServerMonitor::stop() {
  co_await tasks_.join();
  store_ = nullptr;
}

Task<bool> ServerMonitor::read_on() {
  Time next = clock_.now();
  while (!co_await cancelled()) {
    read_machine();
    if (clock_.now() - looked_at_ >= looks_every) look_at_alerts();
    next = std::max(next + every, clock_.now());
    co_await clock_.sleep_until(next);
  }
  co_return true;
}

// Of one stretch of time one server's measurements are kept: two would overwrite each other's.
bool ServerMonitor::keeps() {
  const bool here = kept_here_.hold();
  if (std::exchange(kept_elsewhere_, !here) == here) {
    on_notice_(here ? "this kai server keeps the history of measurements from now on"
                    : "another kai server on this data folder keeps the history of measurements; "
                      "this one keeps none until that one ends");
  }
  return here;
}

void ServerMonitor::read_machine() {
  const auto rollups = history_.tick(clock_.wall());
  if (!rollups.empty() && keeps()) {
    for (const auto& rollup : rollups) store_->put_rollup(rollup);
  }
  const Time now = clock_.now();
  HardwareReading reading{host_.read(), gpus_.readings()};
  const SensorReading sensors = sensors_.reading();
  reading.host.power = sensors.power;
  reading.host.temperature = sensors.temperature;
  put(history_, reading, reading_, now - read_at_);
  put(history_, now_());
  monitor_.take(reading);
  reading_ = std::move(reading);
  read_at_ = now;
}

void ServerMonitor::look_at_alerts() {
  looked_at_ = clock_.now();
  const Monitor::Standing standing = now_();
  const Signals::Present present{*reading_, standing, store_->fault().empty()};
  const auto measured = signals_.measure(present, looked_at_);
  put(history_, measured);
  auto news = board_.look(moment(), measured);
  for (const auto& alert : news.changed) {
    const std::string about = alert.subject.empty() ? "" : " of " + alert.subject;
    annotate({clock_.wall(), "alert",
              fmt::format("{}{} {}", alert.name, about, alert.ended ? "is over" : "fires")});
  }
  for (auto& alert : news.to_tell) webhook_.tell(std::move(alert));
}

void ServerMonitor::take(const Outcome& outcome) {
  monitor_.take(outcome);
  signals_.take(outcome, clock_.now());
  otlp_.tell(outcome);
  put(history_, outcome);
  for (auto& note : annotations_of(outcome, clock_.wall())) annotate(std::move(note));
}

void ServerMonitor::take(Feedback::Kind said) {
  put(history_, said);
}

void ServerMonitor::annotate(Annotation annotation) {
  if (store_ != nullptr) store_->put_annotation(annotation);
  history_.annotate(std::move(annotation));
}

MonitorBackend ServerMonitor::backend() {
  return {.metrics = [this] { return metrics(); },
          .history = [this](const HistoryWanted& wanted) { return history(wanted); },
          .alerts = [this] { return board_.list(clock_.wall()); },
          .silence = [this](const std::string& alert,
                            Duration length) { return silence(alert, length); }};
}

std::string ServerMonitor::metrics() {
  monitor_.take(now_());
  Registry& registry = monitor_.registry();
  note_process(registry);
  for (const auto& rule : alert_rules()) {
    registry.set(Metric::alert_firing, {std::string(rule.name), std::string(rule.severity)},
                 board_.firing(rule.kind));
  }
  const Webhook::Counts& posts = webhook_.counts();
  registry.set(Metric::webhook_posts, {"sent"}, static_cast<double>(posts.sent));
  registry.set(Metric::webhook_posts, {"failed"}, static_cast<double>(posts.failed));
  registry.set(Metric::webhook_posts, {"dropped"}, static_cast<double>(posts.dropped));
  const Otlp::Counts& told = otlp_.counts();
  registry.set(Metric::otlp_questions, {"sent"}, static_cast<double>(told.sent));
  registry.set(Metric::otlp_questions, {"failed"}, static_cast<double>(told.failed));
  registry.set(Metric::otlp_questions, {"dropped"}, static_cast<double>(told.dropped));
  return monitor_.registry().text();
}

Result<HistoryColumns> ServerMonitor::history(const HistoryWanted& wanted) const {
  const WallTime now = clock_.wall();
  const auto at = [now](Duration time) { return time < Duration{} ? now + time : WallTime(time); };
  const History::Wanted asked{wanted.series, at(wanted.from.value_or(-usual_span)),
                              wanted.to ? at(*wanted.to) : now, wanted.points};
  auto columns = history_.columns(asked);
  if (columns.times.size() * (columns.columns.size() + 1) <= cells_max) return columns;
  return fail(ErrorCode::invalid_request,
              "that is too much for one reply; name fewer series, a shorter time, or `points`");
}

Result<> ServerMonitor::silence(const std::string& alert, Duration length) {
  if (board_.silence(alert, length, moment())) return {};
  return fail(ErrorCode::invalid_request,
              "there is no such alert; GET /api/v1/alerts lists the rules");
}

}  // namespace kai
