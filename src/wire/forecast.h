// forecast: the documents of `kai plan --json` and `kai bench models --json`, described in
// docs/cli.md. A field is added, never renamed.
#pragma once

#include <span>
#include <string>

#include "domain/forecast.h"
#include "domain/measurement.h"

namespace kai::wire {

// One line of JSON.
std::string encode_forecast(const Forecast& forecast);

// One line of JSON. `interrupted`: not all models were measured.
struct MeasurementDocument {
  std::span<const Measurement> measurements;
  bool interrupted = false;
};
std::string encode_measurements(const MeasurementDocument& document);

}  // namespace kai::wire
