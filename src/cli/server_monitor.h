// ServerMonitor: what a server knows of its questions, its models and its machine, kept up to date
// while it runs.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "api/monitor_backend.h"
#include "base/clock.h"
#include "base/task_group.h"
#include "cli/folder_lock.h"
#include "domain/outcome.h"
#include "export/otlp.h"
#include "export/webhook.h"
#include "fleet/gpu_watch.h"
#include "fleet/host_reading.h"
#include "fleet/sensors.h"
#include "monitor/history.h"
#include "monitor/monitor.h"
#include "monitor/signals.h"
#include "store/store.h"

namespace kai {

class ServerMonitor {
 public:
  // What the server is doing now.
  using Now = std::function<Monitor::Standing()>;
  struct Setup {
    std::string version;  // of kai
    std::string worker;   // path of kai-worker
    WebhookOptions webhook;
    OtlpOptions otlp;
    std::string folder;                                 // of the store
    std::function<void(const std::string&)> on_notice;  // gets sentences for people
  };

  // `clock` must outlive this.
  ServerMonitor(Executor executor, Clock& clock, const Setup& setup, Now now);

  // From now on the machine is read once a second, and what is measured is kept in `store`, which
  // must live until stop(); by the first of several servers on one data folder alone. To be called
  // once.
  void begin(Store& store);
  // Once; nothing is read or kept any more.
  Task<void> stop();

  void take(const Outcome& outcome);
  void take(Feedback::Kind said);  // of some answer
  // For Api::watch(); this must outlive it.
  MonitorBackend backend();

 private:
  Task<bool> read_on();
  void read_machine();
  bool keeps();
  void look_at_alerts();
  AlertBoard::Now moment() const { return {clock_.now(), clock_.wall()}; }
  void annotate(Annotation annotation);
  std::string metrics();
  Result<HistoryColumns> history(const HistoryWanted& wanted) const;
  Result<> silence(const std::string& alert, Duration length);

  Clock& clock_;
  std::function<void(const std::string&)> on_notice_;
  Now now_;
  Monitor monitor_;
  History history_;
  Signals signals_;
  AlertBoard board_;
  Webhook webhook_;
  Otlp otlp_;
  HostReader host_;
  SensorWatch sensors_;
  GpuWatch gpus_;
  Store* store_ = nullptr;  // null: nothing is kept
  FolderLock kept_here_;
  bool kept_elsewhere_ = false;  // as told last
  std::optional<HardwareReading> reading_;
  Time read_at_{};
  Time looked_at_{};
  TaskGroup<bool> tasks_;
};

}  // namespace kai
