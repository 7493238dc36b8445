// Webhook: tells alerts to one address of the configuration, as Prometheus' Alertmanager does
// (version 4 of its message), so that what listens to that one listens to kai too.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/alert.h"
#include "http/http.h"

namespace kai {

struct WebhookOptions {
  std::string url;  // "http://127.0.0.1:9095/kai"; empty: nobody is told
  int tries = 3;    // of one message, 1..10
  Duration patience = std::chrono::seconds(5);  // for one try, 1..60 s
  Duration pause = std::chrono::seconds(2);     // before the second try; doubles
  int waiting_max = 64;                         // messages; beyond: dropped and counted
};

// Where messages go, by a URL. Errors: invalid_config: it is no http:// URL of a number, localhost
// among them: names are not looked up, and there is no TLS.
struct WebhookTarget {
  http::Address address;
  std::string path;  // "/kai?x=y"
};
Result<WebhookTarget> webhook_target(const std::string& url);

class Webhook {
 public:
  // `options.url` must be empty or have a target. `clock` must outlive this.
  Webhook(Clock& clock, WebhookOptions options);

  // An alert that has begun to fire or has ended is to be told; returns at once.
  void tell(Alert alert);
  // Until it is cancelled: tells what is to be told, one after the other. No redirect is followed;
  // what is refused (4xx but 408 and 429) is not tried again.
  Task<bool> run();

  struct Counts {
    std::int64_t sent = 0, failed = 0, dropped = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  Task<void> deliver(Alert alert);

  Clock& clock_;
  WebhookOptions options_;
  std::deque<Alert> waiting_;
  Wait stirred_;
  Counts counts_;
};

}  // namespace kai
