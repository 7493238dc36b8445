#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>

#include "cli/doctor_timeouts.h"
#include "cli/performance.h"
#include "report/arms.h"
#include "report/rows.h"
#include "wire/asked.h"
#include "wire/comparison.h"

namespace kai {

namespace {

constexpr int questions_max = 2000;
constexpr std::array kinds{Shape::choice, Shape::number, Shape::short_text, Shape::code,
                           Shape::open};

// Whether what was answered is right, as the user said.
std::optional<bool> right_of(const Lesson& lesson) {
  if (!lesson.feedback) return std::nullopt;
  switch (lesson.feedback->kind) {
    case Feedback::Kind::good: return true;
    case Feedback::Kind::bad: return false;
    case Feedback::Kind::answer: break;
  }
  return report::right({.question = lesson.recorded.question, .answer = lesson.feedback->answer},
                       lesson.recorded.verdict.text);
}

Result<std::map<QueryId, bool>> marks_of(Store& store) {
  std::map<QueryId, bool> marks;
  for (const Shape kind : kinds) {
    const auto lessons = store.lessons(kind, {.rows_max = questions_max, .unlabelled_max = 0});
    if (!lessons) return std::unexpected(lessons.error());
    for (const auto& lesson : *lessons) {
      if (const auto right = right_of(lesson)) marks[lesson.recorded.id] = *right;
    }
  }
  return marks;
}

report::WaySample way_of(const AskedQuestion& asked, std::span<const CostCard> cards) {
  report::WaySample way{.answered = asked.answered,
                        .time = asked.latency,
                        .asked = asked.asked,
                        .heard = asked.heard,
                        .agreement = asked.agreement};
  if (asked.latency > Duration::zero()) {
    way.running = seconds(asked.work) / seconds(asked.latency);
  }
  for (const auto& [model, device] : asked.loaded) {
    const auto card = std::ranges::find_if(
        cards, [&](const CostCard& one) { return one.model == model && one.device == device; });
    if (card != cards.end()) way.loaded += card->weights;
  }
  return way;
}

// What the history holds of kai's way and of the original one.
struct Asked {
  std::vector<report::QuestionSample> samples{};
  int unreadable = 0;  // questions whose document cannot be read back
};

// The newest questions. Those of chosen members or of one model are neither kai's way nor the
// original one.
Result<Asked> asked_of(Store& store, std::span<const CostCard> cards) {
  const auto rows = store.history(questions_max);
  if (!rows) return std::unexpected(rows.error());
  const auto marks = marks_of(store);
  if (!marks) return std::unexpected(marks.error());
  Asked all;
  for (const auto& row : *rows) {
    if (row.ending == "begun" || row.ending == "interrupted" || row.ending == "cancelled") continue;
    const auto document = store.outcome_json(row.id.text);
    const auto asked = document ? wire::decode_asked(*document)
                                : Result<AskedQuestion>(std::unexpected(document.error()));
    all.unreadable += asked ? 0 : 1;
    if (!asked || asked->members_chosen || asked->mode == Mode::best) continue;
    report::WaySample way = way_of(*asked, cards);
    if (const auto mark = marks->find(asked->id); mark != marks->end()) way.right = mark->second;
    report::QuestionSample sample{.tier = asked->tier, .kind = asked->kind};
    (asked->mode == Mode::all ? sample.original : sample.adaptive) = way;
    all.samples.push_back(std::move(sample));
  }
  return all;
}

// What the user said of answers, by tier and way.
std::vector<TradeOff> trade_off_of(const std::vector<PerformanceRow>& rows) {
  std::vector<TradeOff> points;
  const auto add = [&](std::string way, const WayFigures& figures) {
    if (figures.marked == 0) return;
    points.push_back({.way = std::move(way),
                      .asked = figures.asked,
                      .median = figures.median,
                      .p90 = figures.p90,
                      .right = figures.right,
                      .marked = figures.marked});
  };
  for (const auto& row : rows) add(std::string(to_string(*row.tier)), row.adaptive);
  for (const auto& row : rows) {
    add(fmt::format("original, {}", to_string(*row.tier)), row.original);
  }
  return points;
}

// The last `kai bench quality` of this data folder. Errors: not_found (there was none),
// invalid_request (it is damaged).
Result<wire::ComparisonDocument> last_quality(const std::string& folder) {
  constexpr std::size_t file_max = 16 * 1024 * 1024;  // bytes
  const std::string path = folder + '/' + std::string(last_quality_file);
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorCode::not_found, path + " is not there");
  std::string text(file_max, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto document = wire::decode_comparison(text);
  if (!document) return fail(document.error().code, path + ": " + document.error().message);
  return document;
}

void add_quality(PerformanceReport& report, const wire::ComparisonDocument& document) {
  report.trade_off.clear();
  report.trade_off_of =
      fmt::format("The last `kai bench quality`: {} questions of {}, {} with a known answer",
                  document.comparison.problems, document.file, document.comparison.marked);
  for (const auto& arm : document.comparison.arms) {
    const double asked = arm.arm == Arm::best      ? 1
                         : arm.arm == Arm::samples ? document.samples
                         : arm.arm == Arm::all     ? static_cast<double>(document.models.size())
                                                   : 0;
    report.trade_off.push_back({.way = std::string(to_string(arm.arm)),
                                .asked = asked,
                                .median = arm.latency_median,
                                .p90 = arm.latency_p90,
                                .right = arm.right,
                                .marked = arm.marked});
  }
}

void add_missing(PerformanceReport& report) {
  const auto any = [&](auto way) {
    return std::ranges::any_of(report.tiers,
                               [&](const PerformanceRow& row) { return (row.*way).questions > 0; });
  };
  if (!any(&PerformanceRow::adaptive)) {
    report.missing.push_back({"no question was asked of this machine yet", "kai ask \"…\""});
  }
  if (!any(&PerformanceRow::original)) {
    report.missing.push_back(
        {"nothing was asked in the original way, so there is nothing to compare with",
         "kai ask --mode all \"…\""});
  }
  if (report.timeouts.empty()) {
    report.missing.push_back(
        {"timeouts are not judged: not every usable model was measured", "kai bench models"});
  }
  if (report.trade_off.empty()) {
    report.missing.push_back({"whether answers are right is not known; feedback tells it, too",
                              "kai bench quality FILE"});
  }
  report.missing.push_back(
      {"how busy the GPU and the CPU were is not recorded; a simulated PC tells",
       "kai report --pc FILE"});
}

}  // namespace

Result<PerformanceReport> measured_performance(const Config& config, const OnInspect& on_inspect) {
  const auto store = open_store(config.store);
  const auto known = store->cards();
  if (!known) return std::unexpected(known.error());
  PerformanceReport report;
  Fleet fleet;
  fleet.models = find_models(config.fleet, *store, on_inspect).models;
  if (auto devices = find_devices(config.fleet)) {
    fleet.devices = *std::move(devices);
  } else {
    report.missing.push_back({"no device: " + devices.error().message, "kai doctor"});
  }
  std::string places;
  for (const auto& device : fleet.devices) {
    places += (places.empty() ? "" : ", ") + device.name;
  }
  report.subject = "This machine: " + (places.empty() ? "no device was found" : places);
  bool all_measured = !fleet.devices.empty();
  std::erase_if(fleet.models, [](const Model& model) { return !model.refused.empty(); });
  for (const auto& model : fleet.models) {
    report.models.push_back(model.id.text);
    const auto has = [&](const CostCard& card) {
      return card.model == model.id && card.measured > 0;
    };
    all_measured = all_measured && std::ranges::any_of(*known, has);
    std::ranges::copy_if(*known, std::back_inserter(report.cards), has);
  }
  for (const auto& tier : config.coordinator.planner.tiers) report.aims.push_back(tier.aim);
  const auto asked = asked_of(*store, *known);
  if (!asked) return std::unexpected(asked.error());
  if (asked->unreadable > 0) {
    report.missing.push_back(
        {fmt::format("{} questions of the history cannot be read back", asked->unreadable),
         "kai doctor"});
  }
  report.tiers = report::by_tier(asked->samples);
  report.kinds = report::by_kind(asked->samples);
  report.trade_off = trade_off_of(report.tiers);
  report.trade_off_of = "Answers that got feedback";
  const auto quality = last_quality(config.store.folder);
  if (quality) {
    add_quality(report, *quality);
  } else if (quality.error().code != ErrorCode::not_found) {
    report.missing.push_back({quality.error().message, "kai bench quality FILE"});
  }
  if (all_measured && !fleet.models.empty()) {
    report.timeouts = tier_times(fleet, report.cards, config.coordinator.planner);
  }
  add_missing(report);
  return report;
}

}  // namespace kai
