// Registry: the values of kai's metrics, and their text for Prometheus (exposition format 0.0.4).
// Pure; bounded: a family keeps at most `series_max` sets of labels, and what comes beyond is
// counted under "other".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "monitor/families.h"

namespace kai {

class Registry {
 public:
  using Labels = std::vector<std::string>;  // values, as many as the family has labels
  static constexpr std::size_t series_max = 256;
  static constexpr std::size_t label_bytes_max = 120;  // of a value; longer ones are cut

  // Of a counter: `more` >= 0; what is not finite is ignored.
  void add(Metric metric, Labels labels, double more = 1);
  // Of a counter that is counted elsewhere, or a gauge. What is not finite is ignored.
  void set(Metric metric, Labels labels, double value);
  // Of a histogram; what is not finite is ignored.
  void observe(Metric metric, Labels labels, double value);
  // Forgets all series of a gauge: what is not set anew is absent.
  void clear(Metric metric);

  // The value of a counter or gauge, or a histogram's count; 0: there is none.
  double value(Metric metric, const Labels& labels) const;
  // All sets of labels with their values, as value() gives them.
  std::vector<std::pair<Labels, double>> values(Metric metric) const;

  // Families without series are left out; series sorted by their labels.
  std::string text() const;

 private:
  struct Series {
    double value = 0;  // a histogram's sum
    std::uint64_t count = 0;
    std::vector<std::uint64_t> buckets;  // of a histogram, each its own; the last is +Inf
  };
  Series* series(Metric metric, Labels labels);

  std::map<Metric, std::map<Labels, Series>> families_;
};

// Valid UTF-8 with backslash, quote and line feed escaped, as a label's value stands in quotes.
std::string label_escaped(std::string_view value);

}  // namespace kai
