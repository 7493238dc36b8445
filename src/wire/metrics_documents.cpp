#include "wire/metrics_documents.h"

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr double value_max = 1e300;
constexpr Range step_range{1, 86'400};
constexpr double time_max = 9.2e9;  // what WallTime holds

json::value value_or_null(std::optional<double> value) {
  if (!value) return nullptr;
  return *value;
}

std::int64_t whole_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

double seconds_since_1970(WallTime time) {
  return seconds(time.time_since_epoch());
}

WallTime from_seconds_since_1970(double count) {
  return WallTime(from_seconds(count));
}

Annotation annotation_of(Fields fields) {
  return {from_seconds_since_1970(fields.number("at", -time_max, time_max)), fields.text("kind"),
          fields.text("text")};
}

// What is no number counts as null.
std::vector<std::optional<double>> numbers_or_nulls(const json::value& list) {
  std::vector<std::optional<double>> numbers;
  if (!list.is_array()) return numbers;
  for (const auto& value : list.get_array()) {
    boost::system::error_code error;
    const double number = value.to_number<double>(error);
    numbers.push_back(error ? std::nullopt : std::optional(number));
  }
  return numbers;
}

std::unexpected<Error> not_columns() {
  return fail(ErrorCode::invalid_request,
              "field \"data\" must have the times and a list as long for each series");
}

}  // namespace

std::string encode_values(const std::vector<std::pair<std::string, double>>& values) {
  json::object document;
  for (const auto& [name, value] : values) document[valid_utf8(name)] = value;
  return to_line(document);
}

Result<std::vector<std::pair<std::string, double>>> decode_values(std::string_view text) {
  return decode(text, [](Fields& fields) {
    std::vector<std::pair<std::string, double>> values;
    for (const auto& name : fields.names()) {
      if (fields.has(name)) values.emplace_back(name, fields.number(name, -value_max, value_max));
    }
    return values;
  });
}

std::string encode(const HistoryColumns& columns) {
  json::array series;
  json::array data;
  json::array times;
  for (const auto time : columns.times) times.push_back(whole_seconds(time.time_since_epoch()));
  data.push_back(std::move(times));
  for (const auto& column : columns.columns) {
    series.push_back(
        json::object{{"name", column.name}, {"label", column.label}, {"unit", column.unit}});
    json::array values;
    for (const auto& value : column.values) values.push_back(value_or_null(value));
    data.push_back(std::move(values));
  }
  json::array annotations;
  for (const auto& note : columns.annotations) {
    annotations.push_back(json::object{
        {"at", seconds_since_1970(note.at)}, {"kind", note.kind}, {"text", note.text}});
  }
  return to_line(json::object{{"step_s", whole_seconds(columns.step)},
                              {"series", std::move(series)},
                              {"data", std::move(data)},
                              {"annotations", std::move(annotations)}});
}

Result<HistoryColumns> decode_history_columns(std::string_view text) {
  auto value = parse(text);
  if (!value) return std::unexpected(value.error());
  if (!value->is_object()) return fail(ErrorCode::invalid_request, "expected a JSON object");
  std::optional<Error> error;
  Fields fields(value->get_object(), "", error);
  HistoryColumns read;
  read.step = std::chrono::seconds(fields.integer("step_s", step_range));
  for (auto& series : fields.objects("series")) {
    read.columns.push_back({series.text("name"), series.text("label"), series.text("unit"), {}});
  }
  for (auto& note : fields.objects("annotations")) read.annotations.push_back(annotation_of(note));
  if (!fields.is_list("data")) fields.reject("data", "must be a list");
  if (error) return std::unexpected(*std::move(error));
  const json::array& data = value->get_object().at("data").get_array();
  if (data.size() != read.columns.size() + 1) return not_columns();
  for (const auto& time : numbers_or_nulls(data[0])) {
    read.times.push_back(from_seconds_since_1970(time.value_or(0)));
  }
  for (std::size_t i = 0; i < read.columns.size(); ++i) {
    read.columns[i].values = numbers_or_nulls(data[i + 1]);
    if (read.columns[i].values.size() != read.times.size()) return not_columns();
  }
  return read;
}

}  // namespace kai::wire
