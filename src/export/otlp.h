// Otlp: tells a collector of OpenTelemetry what became of questions, as traces and metrics over
// HTTP with JSON. Off unless an address is configured. Never tells what was asked or answered.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/outcome.h"
#include "http/http.h"
#include "wire/otlp.h"

namespace kai {

struct OtlpOptions {
  std::string url;                           // "http://127.0.0.1:4318"; empty: off
  Duration every = std::chrono::seconds(5);  // between two messages of traces, where there are any
  Duration metrics_every = std::chrono::seconds(30);
  Duration patience = std::chrono::seconds(5);  // for one message, 1..60 s
  Duration pause = std::chrono::seconds(1);     // after a failure; doubles up to pause_max
  Duration pause_max = std::chrono::minutes(1);
  std::size_t waiting_max = 512;  // questions; beyond: the oldest are dropped and counted
  std::size_t batch_max = 64;     // questions in one message
  std::size_t series_max = 1024;  // of one metric; further ones are not told
  wire::otlp::Servers servers{};  // the engines of others that are configured
};

// Where it sends, by a URL as webhook_target() takes it, without a path. Errors: invalid_config.
Result<http::Address> otlp_target(const std::string& url);

class Otlp {
 public:
  // `options.url` must be empty or have a target; `clock` must outlive this. version: of kai.
  Otlp(Clock& clock, OtlpOptions options, std::string version);

  // Returns at once.
  void tell(const Outcome& outcome);
  // Until it is cancelled: sends what there is. What a collector cannot take now (no answer, 429,
  // 502, 503, 504) is tried again after a pause that grows; what it refuses is not.
  Task<bool> run();

  struct Counts {
    std::int64_t sent = 0, failed = 0, dropped = 0;  // questions
  };
  const Counts& counts() const { return counts_; }

 private:
  enum class Said : std::uint8_t { taken, refused, later };
  struct Series {
    std::string_view name;
    std::string_view unit;
    std::span<const double> bounds;
    std::map<wire::otlp::Histogram::Attributes, wire::otlp::Histogram::Series> by_attributes;
  };
  void observe(std::size_t metric, wire::otlp::Histogram::Attributes attributes, double value);
  void take(const Answer& answer);
  Task<Said> post(std::string path, std::string body);
  Task<Said> send_traces();
  Task<Said> send_metrics();

  Clock& clock_;
  OtlpOptions options_;
  std::string version_;
  WallTime since_;
  std::deque<std::string> waiting_;  // spans, a question each
  std::vector<Series> metrics_;
  Counts counts_;
};

}  // namespace kai
