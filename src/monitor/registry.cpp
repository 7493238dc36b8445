#include "monitor/registry.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/ensure.h"

namespace kai {

namespace {

std::string number(double value) {
  return fmt::format("{}", value);
}

// {a="1",b="2"}, with one more behind where `name` is not empty; nothing without labels.
std::string label_text(const MetricFamily& family, const Registry::Labels& labels,
                       std::string_view name = {}, std::string_view value = {}) {
  std::string text;
  const auto put = [&](std::string_view key, std::string_view said) {
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "{" : ",", key, label_escaped(said));
  };
  for (std::size_t i = 0; i < labels.size(); ++i) put(family.labels[i], labels[i]);
  if (!name.empty()) put(name, value);
  return text.empty() ? text : text + "}";
}

}  // namespace

std::string label_escaped(std::string_view value) {
  std::string valid;
  utf8::replace_invalid(value.begin(), value.end(), std::back_inserter(valid));
  std::string text;
  for (const char letter : valid) {
    if (letter == '\n') {
      text += "\\n";
    } else {
      if (letter == '\\' || letter == '"') text += '\\';
      text += letter;
    }
  }
  return text;
}

Registry::Series* Registry::series(Metric metric, Labels labels) {
  const MetricFamily& known = family(metric);
  ensure(labels.size() == known.labels.size(), "a metric has as many label values as labels");
  for (auto& label : labels) {
    if (label.size() > label_bytes_max) label.resize(label_bytes_max);
  }
  auto& all = families_[metric];
  if (!all.contains(labels) && all.size() >= series_max) {
    std::ranges::fill(labels, "other");
  }
  Series& found = all[std::move(labels)];
  if (known.kind == MetricKind::histogram) found.buckets.resize(known.bounds.size() + 1);
  return &found;
}

void Registry::add(Metric metric, Labels labels, double more) {
  if (std::isfinite(more) && more >= 0) series(metric, std::move(labels))->value += more;
}

void Registry::set(Metric metric, Labels labels, double value) {
  if (std::isfinite(value)) series(metric, std::move(labels))->value = value;
}

void Registry::observe(Metric metric, Labels labels, double value) {
  if (!std::isfinite(value)) return;
  const auto bounds = family(metric).bounds;
  Series& all = *series(metric, std::move(labels));
  all.value += value;
  ++all.count;
  // The first bound that the value does not exceed.
  ++all.buckets[static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin())];
}

void Registry::clear(Metric metric) {
  families_.erase(metric);
}

double Registry::value(Metric metric, const Labels& labels) const {
  for (const auto& [found, value] : values(metric)) {
    if (found == labels) return value;
  }
  return 0;
}

std::vector<std::pair<Registry::Labels, double>> Registry::values(Metric metric) const {
  std::vector<std::pair<Labels, double>> list;
  const auto all = families_.find(metric);
  if (all == families_.end()) return list;
  const bool counts = family(metric).kind == MetricKind::histogram;
  for (const auto& [labels, series] : all->second) {
    list.emplace_back(labels, counts ? static_cast<double>(series.count) : series.value);
  }
  return list;
}

std::string Registry::text() const {
  std::string text;
  const auto put = [&text](std::string_view name, std::string_view ending, std::string_view labels,
                           std::string_view value) {
    text += fmt::format("{}{}{} {}\n", name, ending, labels, value);
  };
  for (const auto& [metric, all] : families_) {
    const MetricFamily& known = family(metric);
    text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", known.name, known.help, known.name,
                        to_string(known.kind));
    for (const auto& [labels, series] : all) {
      if (known.kind != MetricKind::histogram) {
        put(known.name, "", label_text(known, labels), number(series.value));
        continue;
      }
      std::uint64_t so_far = 0;
      for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        so_far += series.buckets[i];
        const auto bound = i < known.bounds.size() ? number(known.bounds[i]) : "+Inf";
        put(known.name, "_bucket", label_text(known, labels, "le", bound), fmt::to_string(so_far));
      }
      put(known.name, "_sum", label_text(known, labels), number(series.value));
      put(known.name, "_count", label_text(known, labels), fmt::to_string(series.count));
    }
  }
  return text;
}

}  // namespace kai
