// metrics_documents: what was measured over time, as it is stored and as it is told.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/metrics_history.h"

namespace kai::wire {

// The values of one stretch of time, by series. Errors: invalid_request.
std::string encode_values(const std::vector<std::pair<std::string, double>>& values);
Result<std::vector<std::pair<std::string, double>>> decode_values(std::string_view json);

// {"step_s", "series": [{"name", "label", "unit"}], "data": [[times], [values], …], "annotations":
// [{"at", "kind", "text"}]}: data is in columns, as uPlot takes it; times are seconds since 1970,
// and null stands where nothing was measured. Errors: invalid_request.
std::string encode(const HistoryColumns& columns);
Result<HistoryColumns> decode_history_columns(std::string_view json);

}  // namespace kai::wire
