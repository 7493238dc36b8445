#include "cli/upkeep_backend.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <ranges>

#include "cli/bench_runs.h"
#include "cli/beside.h"
#include "config/shown_settings.h"

namespace kai {

namespace {

constexpr Duration load_max = std::chrono::minutes(5);
constexpr Duration unload_max = std::chrono::seconds(5);
constexpr Duration disk_max = std::chrono::seconds(5);
constexpr int readings_max = 4;

std::vector<wire::ModelHealth> health_of(const Session& session, const Failures& failures) {
  std::vector<wire::ModelHealth> list;
  for (const auto& model : session.fleet().models) {
    list.push_back({model.id, model.refused.empty() ? session.not_asked(model.id) : std::string(),
                    failures.last(model.id)});
  }
  return list;
}

Task<Result<Duration>> load(Session& session, ModelId model) {
  const auto loaded = co_await session.load(std::move(model), session.clock().now() + load_max);
  if (!loaded) co_return std::unexpected(loaded.error());
  co_return loaded->load;
}

Task<Result<bool>> unload(Session& session, ModelId model) {
  const auto& models = session.fleet().models;
  const auto found = std::ranges::find(models, model, &Model::id);
  if (found == models.end()) {
    co_return fail(ErrorCode::not_found, "there is no model " + model.text);
  }
  if (found->remote()) {
    co_return fail(ErrorCode::invalid_request,
                   model.text + " belongs to an engine of others, which unloads it by itself");
  }
  if (co_await session.unload(model, unload_max)) co_return true;
  const auto residents = session.residents();
  if (std::ranges::count(residents, model, &Session::Resident::model) > 0) {
    co_return fail(ErrorCode::overloaded, model.text + " is in use; try again once it is idle");
  }
  co_return false;  // it was not loaded
}

wire::ConfigShown shown(const Config& config) {
  wire::ConfigShown all{config.files, {}};
  for (auto& one : shown_settings(config)) {
    all.settings.push_back({std::move(one.key), std::move(one.value), std::move(one.origin),
                            std::move(one.range), std::move(one.what)});
  }
  return all;
}

// The history stays.
Task<Result<int>> forget(Session& session) {
  const auto forgotten = co_await asked_beside<int>(session, disk_max, [](auto& store, auto done) {
    store.forget_feedback_later(std::move(done));
  });
  if (forgotten) session.use_skills();
  co_return forgotten;
}

// How many threads read runs just now: on a silent disk each hangs, and outlives whoever asked.
std::atomic<int> reading = 0;

Task<Result<wire::BenchRuns>> bench_runs(Session& session, std::string folder) {
  if (reading >= readings_max) co_return disk_is_silent();
  ++reading;
  const auto give_back = [](std::atomic<int>* count) { --*count; };
  std::unique_ptr<std::atomic<int>, decltype(give_back)> place(&reading);
  auto runs = co_await on_thread_of_its_own(
      session.clock(), session.clock().now() + disk_max,
      [folder = std::move(folder), place = std::move(place)] { return read_bench_runs(folder); });
  if (!runs) co_return disk_is_silent();
  co_return *std::move(runs);
}

std::string learned(const Session& session) {
  std::vector<SkillSheet> sheets;
  std::ranges::copy(session.sheets() | std::views::values, std::back_inserter(sheets));
  return wire::encode_learned(session.fleet().models, sheets);
}

}  // namespace

void Failures::take(const Outcome& outcome, WallTime now) {
  for (const auto& answer : outcome.answers) {
    if (answer.ending == Ending::failed && answer.error) {
      last_[answer.model] = {now, *answer.error};
    }
  }
}

std::optional<wire::ModelHealth::Failure> Failures::last(const ModelId& model) const {
  const auto found = last_.find(model);
  return found == last_.end() ? std::nullopt : std::optional(found->second);
}

UpkeepBackend upkeep_backend(Session& session, const Failures& failures,
                             std::function<const Config&()> config) {
  UpkeepBackend backend;
  backend.health = [&] { return health_of(session, failures); };
  backend.load = [&](ModelId model) { return load(session, std::move(model)); };
  backend.unload = [&](ModelId model) { return unload(session, std::move(model)); };
  backend.config = [config] { return shown(config()); };
  backend.learned = [&] { return learned(session); };
  backend.forget = [&] { return forget(session); };
  backend.bench_runs = [&session, config] { return bench_runs(session, config().store.folder); };
  return backend;
}

}  // namespace kai
