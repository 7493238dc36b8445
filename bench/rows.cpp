#include "bench/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>

#include "base/ensure.h"
namespace kai::bench {

double median(std::vector<double> values) {
  ensure(!values.empty(), "a median of nothing");
  std::ranges::sort(values);
  return values[values.size() / 2];
}

double time_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double processor_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

void print(const std::vector<Row>& rows) {
  fmt::print("{:<58} {:>12} {:<10} {:>7}  {:<9} {}\n", "what", "value", "unit", "ratio", "reach",
             "compared with");
  for (const auto& row : rows) {
    const std::string ratio = row.ratio > 0 ? fmt::format("{:.2f}", row.ratio) : "";
    const std::string reach = row.reach.empty() ? "" : row.reach + (row.met ? " ok" : " MISSED");
    fmt::print("{:<58} {:>12.4g} {:<10} {:>7}  {:<16} {}\n", row.what, row.value, row.unit, ratio,
               reach, row.compared_with);
  }
}

Result<> write_json(const std::vector<Row>& rows, const std::string& path) {
  std::ofstream file(path);
  file << wire::encode(rows) << "\n";
  if (!file.flush()) return fail(ErrorCode::storage, path + " cannot be written");
  return {};
}

}  // namespace kai::bench
