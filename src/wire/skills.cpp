#include "wire/skills.h"

#include <algorithm>

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr Range count{0, 100'000'000};
constexpr double say_max = 1e9;
constexpr double theta_max = 1e9;

json::array encoded(const Logistic& curve) {
  return json::array(curve.theta.begin(), curve.theta.end());
}

Logistic curve_in(Fields& fields, std::string_view name) {
  Logistic curve;
  const auto numbers = fields.numbers(name, -theta_max, theta_max);
  if (numbers.size() != curve.theta.size()) {
    fields.reject(name, "has another length than this kai's");
    return curve;
  }
  std::ranges::copy(numbers, curve.theta.begin());
  return curve;
}

json::object encoded(const AnswerLength& length) {
  return {{"log_mean", length.log_mean}, {"log_sd", length.log_sd}, {"answers", length.answers}};
}

AnswerLength length_in(Fields fields) {
  constexpr double log_max = 20;
  return {fields.number("log_mean", 0, log_max), fields.number("log_sd", 0, log_max),
          fields.small("answers", count)};
}

json::array encoded(const std::vector<ModelSkill>& models) {
  json::array list;
  for (const auto& model : models) {
    list.push_back(json::object{{"model_digest", model.key},
                                {"chance", model.chance},
                                {"say", model.say},
                                {"labels", model.labels},
                                {"order", model.order},
                                {"length", encoded(model.length)}});
  }
  return list;
}

json::array encoded(const std::vector<Reliability>& table) {
  json::array list;
  for (const auto& row : table) {
    list.push_back(
        json::object{{"said", row.said}, {"right", row.right}, {"answers", row.answers}});
  }
  return list;
}

}  // namespace

std::string encode_skills(const SkillSheet& sheet) {
  const Learned& learned = sheet.learned;
  return to_line(json::object{
      {"schema", "kai.skills.v1"},
      {"shape", to_string(sheet.shape)},
      {"lessons", sheet.lessons},
      {"labels", sheet.labels},
      {"full", sheet.full},
      {"newest", sheet.newest.text},
      {"guarded", sheet.guarded},
      {"rolled_back", sheet.rolled_back},
      {"frozen", sheet.frozen},
      {"models", encoded(sheet.models)},
      {"taste", {{"centrality", learned.taste.centrality}, {"length", learned.taste.length}}},
      {"stop",
       {{"learned", learned.stop.learned},
        {"stay_min", learned.stop.stay_min},
        {"stays", encoded(learned.stop.stays)}}},
      {"confidence",
       {{"labels", learned.confidence.labels}, {"right", encoded(learned.confidence.right)}}},
      {"reliability", encoded(sheet.reliability)}});
}

Result<SkillSheet> decode_skills(std::string_view document) {
  return decode(document, [](Fields& fields) {
    SkillSheet sheet;
    if (fields.text("schema") != "kai.skills.v1") fields.reject("schema", "must be kai.skills.v1");
    sheet.shape = fields.one_of("shape", shape_named);
    sheet.lessons = fields.small("lessons", count);
    sheet.labels = fields.small("labels", count);
    // Sheets of earlier versions lack these.
    if (fields.has("full")) sheet.full = fields.small("full", count);
    if (fields.has("newest")) sheet.newest = QueryId(fields.text("newest"));
    if (fields.has("frozen")) sheet.frozen = fields.flag("frozen");
    sheet.guarded = fields.flag("guarded");
    sheet.rolled_back = fields.flag("rolled_back");
    for (auto& model : fields.objects("models")) {
      sheet.models.push_back({model.text("model_digest"),
                              model.number("chance", 0, 1),
                              model.number("say", 0, say_max),
                              model.small("labels", count),
                              model.small("order", count),
                              {}});
      if (model.has("length")) sheet.models.back().length = length_in(model.object("length"));
    }
    Fields taste = fields.object("taste");
    sheet.learned.taste = {taste.number("centrality", -theta_max, theta_max),
                           taste.number("length", -theta_max, theta_max)};
    Fields stop = fields.object("stop");
    sheet.learned.stop = {stop.flag("learned"), curve_in(stop, "stays"),
                          stop.number("stay_min", 0.5, 1)};
    Fields confidence = fields.object("confidence");
    sheet.learned.confidence = {confidence.small("labels", count), curve_in(confidence, "right")};
    if (!fields.has("reliability")) return sheet;
    for (auto& row : fields.objects("reliability")) {
      sheet.reliability.push_back(
          {row.number("said", 0, 1), row.number("right", 0, 1), row.small("answers", count)});
    }
    return sheet;
  });
}

}  // namespace kai::wire
