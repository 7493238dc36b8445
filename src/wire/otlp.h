// otlp: what the OpenTelemetry protocol is told of questions, as its JSON (opentelemetry.io, "OTLP
// specification", 1.x), in the words of the semantic conventions for generative AI. Pure. Neither
// questions nor answers are in it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "domain/outcome.h"

namespace kai::wire::otlp {

// Where an engine of others is.
struct Server {
  std::string address;  // a number or a name
  int port = 0;
};
using Servers = std::map<std::string, Server>;  // by the engine's name

// One question as spans, for encode_traces(): "invoke_workflow kai", and below it a "chat MODEL"
// for each answer, with where its engine is if `servers` knows. When an answer began is not kept:
// its span begins with the question's, and ends with it at the latest.
std::string encode_spans(const Outcome& outcome, const Servers& servers);

// The body of POST /v1/traces. version: of kai.
std::string encode_traces(std::span<const std::string> spans, std::string_view version);

// One distribution, as it has grown since `since`.
struct Histogram {
  using Attributes = std::vector<std::pair<std::string, std::string>>;
  struct Series {
    Attributes attributes;
    std::vector<std::uint64_t> counts;  // one more than there are bounds
    double sum = 0;
  };
  std::string_view name;
  std::string_view unit;
  std::span<const double> bounds;  // rising
  std::vector<Series> series;
};
// The body of POST /v1/metrics.
struct Stretch {
  WallTime since{};
  WallTime now{};
};
std::string encode_metrics(std::span<const Histogram> histograms, std::string_view version,
                           const Stretch& stretch);

// Who answers for a model, as gen_ai.provider.name has it: own_provider, or an engine's name.
inline constexpr std::string_view own_provider = "llama.cpp";
std::string provider_of(const DeviceId& device);

}  // namespace kai::wire::otlp
