#include "cli/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <iterator>
#include <optional>

#include "base/ensure.h"
#include "base/telling_faults.h"
#include "cli/skill_sheets.h"
#include "fleet/embedding.h"
#include "fleet/host.h"

namespace kai {

namespace {

constexpr Duration tick = std::chrono::milliseconds(100);

LaneOptions lane_options(const Config& config, const RuntimeFolder& folder) {
  LaneOptions options = config.lane;
  options.worker = config.fleet.worker;
  options.folder = folder.own();
  return options;
}

// Why there is no model at all.
Error nobody(const Config& config, const std::vector<SeenHost>& hosts) {
  // Of engines alone, and none has a model.
  if (!hosts.empty()) {
    std::string why = "no engine lists a model";
    for (const auto& host : hosts) {
      if (!host.view.out.empty()) why += "; " + host.view.out;
    }
    return {ErrorCode::no_members, why};
  }
  const std::string folder =
      config.fleet.folders.empty() ? "(no folder is set)" : config.fleet.folders.front();
  return {ErrorCode::no_members,
          fmt::format("there is no model; put GGUF files into {}, or run `make ask` in kai's "
                      "sources, which fetches two small ones",
                      folder)};
}

}  // namespace

std::vector<CostCard> known_cards(const Fleet& fleet, Store& store) {
  auto cards = estimate_cards(fleet);
  // Without history kai goes on with estimates; the store itself says what is wrong with it.
  const auto measured = store.cards();
  if (!measured) return cards;
  for (auto& card : cards) {
    const auto known = std::ranges::find_if(*measured, [&](const CostCard& other) {
      return other.model == card.model && other.device == card.device;
    });
    if (known != measured->end()) card = *known;
  }
  return cards;
}

Result<Session::Found> Session::find(const Config& config, const OnInspect& on_inspect) {
  Found found;
  auto folder = RuntimeFolder::open(config.runtime_folder);
  if (!folder) return std::unexpected(folder.error());
  found.folder = *std::move(folder);
  found.store = open_store(config.store);
  auto hosts = look_at_hosts(config);
  if (!hosts) return std::unexpected(hosts.error());
  found.hosts = *std::move(hosts);
  found.fleet.models = find_models(config.fleet, *found.store, on_inspect).models;
  // Where only hosts answer, this machine's devices are left to others.
  if (!found.fleet.models.empty() || config.engines.empty()) {
    auto devices = find_devices(config.fleet);
    if (!devices) return std::unexpected(devices.error());
    found.fleet.devices = *std::move(devices);
    recall_speeds(found.fleet.devices, *found.store);
  }
  add_hosts(found.fleet, config.fleet, found.hosts);
  return found;
}

Result<std::unique_ptr<Session>> Session::open(const Config& config, const OnInspect& on_inspect) {
  auto found = find(config, on_inspect);
  if (!found) return std::unexpected(found.error());
  if (found->fleet.models.empty()) return std::unexpected(nobody(config, found->hosts));
  found->io = std::make_unique<boost::asio::io_context>(1);
  auto& io = *found->io;
  return std::unique_ptr<Session>(new Session(config, *std::move(found), io));
}

Result<std::unique_ptr<Session>> Session::open(const Config& config, const OnInspect& on_inspect,
                                               boost::asio::io_context& io) {
  auto found = find(config, on_inspect);
  if (!found) return std::unexpected(found.error());
  // What keeps an engine from it is a note of its own.
  std::string note;
  if (found->fleet.models.empty()) {
    note = found->hosts.empty() ? nobody(config, {}).message : "no engine lists a model yet";
  }
  std::unique_ptr<Session> session(new Session(config, *std::move(found), io));
  if (!note.empty()) session->notes_.push_back(std::move(note));
  return session;
}

Session::Session(const Config& config, Found found, boost::asio::io_context& io)
    : models_(config.fleet),
      own_io_(std::move(found.io)),
      io_(io),
      clock_(make_real_clock(io_.get_executor())),
      random_(fresh_seed()),
      folder_(std::move(found.folder)),
      store_(std::move(found.store)),
      fleet_(std::move(found.fleet)),
      lanes_(io_.get_executor(), *clock_, fleet_.devices, lane_options(config, *folder_)),
      engine_(lanes_, make_hosts(std::move(found.hosts))),
      scheduler_(fleet_.devices, engine_, *clock_),
      gauge_(io_.get_executor(), *clock_, lanes_, config.fleet.worker, fleet_.devices),
      memory_(fleet_.devices, gauge_, *clock_),
      lock_(config.runtime_folder, *clock_),
      sandbox_(open_sandbox(config.sandbox)),
      coordinator_(Crew{io_.get_executor(), *clock_, fleet_, scheduler_, engine_, *store_, lock_,
                        sandbox_.get(), &memory_},
                   config.coordinator, known_cards(fleet_, *store_)),
      housekeeper_(Crew{io_.get_executor(), *clock_, fleet_, scheduler_, engine_, *store_, lock_,
                        sandbox_.get(), &memory_},
                   coordinator_, config.house, [] { return usable_memory(); }),
      house_(io_.get_executor()) {
  use_skills();
  // Without history nobody is known to be broken.
  coordinator_.remember_deaths(store_->deaths().value_or(std::vector<Deaths>()));
  lanes_.on_lane_lost([this](const LaneId& lane) { scheduler_.lane_lost(lane); });
}

Session::~Session() {
  // Said again and again: who tidies up does not hear it.
  while (house_.running() > 0) {
    house_.cancel_all();
    io_.restart();
    io_.run_one_for(tick);
  }
}

void Session::read_ahead() {
  house_.start(housekeeper_.read_ahead());
  watch_hosts({});
}

void Session::keep_house(Housekeeper::OnNotice on_notice) {
  house_.start(telling_faults(housekeeper_.read_ahead(), "no files are read ahead", on_notice));
  watch_hosts(on_notice);
  house_.start(telling_faults(housekeeper_.run(on_notice),
                              "no models are loaded ahead or leave by themselves", on_notice));
}

std::vector<std::unique_ptr<Host>> Session::make_hosts(std::vector<SeenHost> seen) {
  std::vector<std::unique_ptr<Host>> hosts;
  for (auto& [options, key, view] : seen) {
    if (!view.out.empty()) notes_.push_back(view.out);
    hosts.push_back(std::make_unique<Host>(io_.get_executor(), *clock_, std::move(options),
                                           std::move(key), random_.bits()));
    hosts.back()->remember(std::move(view));
  }
  return hosts;
}

void Session::watch_hosts(const Housekeeper::OnNotice& on_notice) {
  for (const auto& host : engine_.all()) {
    house_.start(telling_faults(host->watch(on_notice),
                                host->options().name + " is looked at with questions alone",
                                on_notice));
  }
}

// Nothing where code is not to be run, or cannot be.
std::unique_ptr<Sandbox> Session::open_sandbox(const SandboxOptions& options) {
  if (!options.run_code) return nullptr;
  if (const auto usable = check_sandbox(options); !usable) {
    notes_.push_back(usable.error().message + "; until then code answers are only compared");
    return nullptr;
  }
  return make_bubblewrap(io_.get_executor(), *clock_, options);
}

void Session::use_skills() {
  SkillSheets sheets = skill_sheets(fleet_.models, *store_);
  notes_.insert(notes_.end(), sheets.notes.begin(), sheets.notes.end());
  sheets_ = std::move(sheets.by_shape);
  missing_.clear();
  coordinator_.use_skills(sheets_);
}

void Session::count(const Outcome& outcome) {
  // Where one alone was asked there was nobody to agree with, and no order.
  if (!outcome.answered() || !outcome.query.recorded || outcome.query.models.size() == 1) return;
  // Of a shape without a number it is not known yet how many there are.
  --missing_.try_emplace(outcome.verdict.shape, 1).first->second;
}

std::vector<std::string> Session::learn() {
  std::vector<std::string> notes;
  for (auto& [shape, missing] : missing_) {
    const auto sheet = sheets_.find(shape);
    if (missing > 0 || sheet == sheets_.end()) continue;
    missing = learned_every;
    if (!store_->fault().empty()) continue;  // it would be waited for in vain
    const auto since = answers_since(sheet->second, *store_);
    if (since < learned_every) {
      missing -= since;
      continue;
    }
    auto more = learn_more(sheet->second, fleet_.models, *store_);
    if (!more) continue;
    sheet->second = std::move(more->sheet);
    coordinator_.use_skills(sheets_);
    std::ranges::move(more->notes, std::back_inserter(notes));
  }
  return notes;
}

std::vector<std::string> Session::learn_from_feedback(Shape shape) {
  auto sheet = learn_again(shape, fleet_.models, *store_);
  if (!sheet) return {sheet.error().message};
  sheets_[shape] = *std::move(sheet);
  coordinator_.use_skills(sheets_);
  return {};
}

void Session::use(const Config& config) {
  coordinator_.use_options(config.coordinator);
  models_ = config.fleet;
  folders_.forget();
}

std::vector<ModelId> Session::look_again(const OnInspect& on_inspect) {
  Fleet fleet{folders_.look(models_, *store_, on_inspect, clock_->now()), fleet_.devices};
  for (const auto& host : engine_.all()) {
    add_host_models(fleet.models, models_, host->options().name, host->view());
  }
  const bool engines_alone = std::ranges::all_of(
      fleet_.devices, [](const Device& device) { return device.kind == DeviceKind::remote; });
  for (auto& model : fleet.models) {
    if (!engines_alone || model.remote() || !model.refused.empty()) continue;
    model.refused = "this machine's devices were left to engines; start kai anew to ask it";
  }
  std::vector<ModelId> changed;
  const auto note_missing = [&changed](const Fleet& here, const Fleet& there) {
    for (const auto& model : here.models) {
      const auto same = std::ranges::find_if(there.models, [&](const Model& other) {
        return other.id == model.id && other.path == model.path && other.refused == model.refused;
      });
      const bool told = std::ranges::find(changed, model.id) != changed.end();
      if (same == there.models.end() && !told) changed.push_back(model.id);
    }
  };
  note_missing(fleet, fleet_);
  note_missing(fleet_, fleet);
  // With no model left, the next question says which one it misses.
  if (changed.empty() || fleet.models.empty()) return {};
  fleet_ = std::move(fleet);
  coordinator_.fleet_changed(known_cards(fleet_, *store_));
  use_skills();
  return changed;
}

Result<> Session::keep_only(const std::vector<ModelId>& models) {
  for (const auto& model : models) {
    if (std::ranges::find(fleet_.models, model, &Model::id) != fleet_.models.end()) continue;
    return fail(ErrorCode::not_found,
                fmt::format("there is no model {}; `kai models` lists them", model.text));
  }
  std::erase_if(fleet_.models, [&](const Model& model) {
    return std::ranges::find(models, model.id) == models.end();
  });
  coordinator_.fleet_changed(known_cards(fleet_, *store_));
  return {};
}

Task<Result<Embedded>> Session::embed(ModelId model, std::vector<std::string> texts, Time until) {
  const auto found = std::ranges::find(fleet_.models, model, &Model::id);
  if (found == fleet_.models.end() || found->remote() || !is_embedding_model(*found)) {
    co_return fail(ErrorCode::not_found,
                   fmt::format("there is no embedding model {}; `kai models` says which models are "
                               "for embeddings",
                               model.text));
  }
  // It is refused for questions alone: its cost is estimated as any other's.
  Fleet alone{{*found}, fleet_.devices};
  Model& asked = alone.models.front();
  asked.refused.clear();
  if (asked.facts.weights == Bytes{}) asked.facts.weights = asked.facts.file;
  const auto cards = estimate_cards(alone);
  const auto cpu = std::ranges::find(fleet_.devices, DeviceKind::cpu, &Device::kind);
  const auto card = std::ranges::find_if(cards, [&](const CostCard& one) {
    return cpu == fleet_.devices.end() ? !is_host(fleet_, one.device) : one.device == cpu->id;
  });
  if (card == cards.end()) {
    co_return fail(ErrorCode::nothing_fits, "no device of this machine is used, so none can read");
  }
  co_return co_await kai::embed({*clock_, scheduler_, lanes_, lock_}, *found, *card,
                                std::move(texts), until);
}

std::vector<Session::Resident> Session::residents() {
  std::vector<Resident> list;
  for (const auto& room : scheduler_.rooms(clock_->now())) {
    if (is_host(fleet_, room.device)) continue;
    for (const auto& model : room.resident) {
      const auto card = std::ranges::find_if(coordinator_.cards(), [&](const CostCard& one) {
        return one.model == model && one.device == room.device;
      });
      const Bytes bytes = card == coordinator_.cards().end() ? Bytes{} : card->weights;
      list.push_back({model, room.device, bytes, scheduler_.last_used(room.device, model),
                      scheduler_.stays(model)});
    }
  }
  return list;
}

std::vector<ModelId> Session::broken() const {
  std::vector<ModelId> list;
  for (const auto& model : fleet_.models) {
    if (model.refused.empty() && !coordinator_.out(model.id).empty()) list.push_back(model.id);
  }
  return list;
}

Query Session::new_query(std::vector<Message> messages) {
  Query query;
  query.id = new_query_id(clock_->wall(), random_);
  query.messages = std::move(messages);
  query.seed = random_.bits();
  query.asked = clock_->now();
  return query;
}

// Runs a task to its end, with a tick now and then.
template <class T>
T Session::drive(Task<T> task, const Watch& watch, Interrupts& interrupts) {
  TaskGroup<T> root(io_.get_executor());
  root.start(std::move(task));
  Time next_tick = clock_->now();
  while (root.running() > 0) {
    io_.restart();
    io_.run_one_for(tick);
    if (interrupts.count() > 0) root.cancel_all();
    if (interrupts.count() > 1) watch.on_second_interrupt();
    if (clock_->now() < next_tick) continue;
    next_tick = clock_->now() + tick;
    watch.on_tick();
  }
  std::optional<T> value;
  // next() does not wait any more, but it is a task like any other.
  boost::asio::co_spawn(io_, root.next(*clock_, Time::max()),
                        [&](std::exception_ptr fault, auto done) {
                          if (fault) std::rethrow_exception(fault);
                          value = std::move(done->value);
                        });
  while (!value) {
    io_.restart();
    io_.run_one();
  }
  return *std::move(value);
}

Outcome Session::ask(Query query, const Watch& watch, Interrupts& interrupts) {
  return drive(coordinator_.answer(std::move(query), watch.on_event), watch, interrupts);
}

Result<Measurement> Session::measure(Trial trial, const Watch& watch, Interrupts& interrupts) {
  return drive(coordinator_.measure(std::move(trial.model), std::move(trial.device), trial.limit,
                                    std::move(trial.on_step)),
               watch, interrupts);
}

}  // namespace kai
