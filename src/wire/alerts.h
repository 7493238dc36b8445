// alerts: what is told of alerts, and what may be asked.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/alert.h"

namespace kai::wire {

// {"alerts": […], "past": […], "rules": […]}, times in RFC 3339. Errors: invalid_request.
std::string encode(const AlertList& list);
Result<AlertList> decode_alerts(std::string_view json);

// {"alert": "ModelDown", "duration_s": 3600}; 0: it ends. Errors: invalid_request.
struct Silence {
  std::string alert;
  Duration length{};  // 0..30 days
};
std::string encode(const Silence& silence);
Result<Silence> decode_silence(std::string_view json);

// One alert as Prometheus' Alertmanager tells it to a webhook, version 4. A past one is resolved.
std::string encode_webhook(const Alert& alert, WallTime now);

}  // namespace kai::wire
