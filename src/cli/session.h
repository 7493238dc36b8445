// session: everything that answers, built bottom-up for one run of kai.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/task_group.h"
#include "cli/hosts.h"
#include "cli/interrupts.h"
#include "cli/machine_gauge.h"
#include "cli/runtime_folder.h"
#include "config/config.h"
#include "coordinator/coordinator.h"
#include "coordinator/embedding.h"
#include "coordinator/housekeeper.h"
#include "engines/hosts.h"
#include "engines/lane_engine.h"
#include "fleet/fleet.h"
#include "fleet/model_folders.h"
#include "sandbox/sandbox.h"
#include "scheduler/machine_lock.h"
#include "scheduler/memory_watch.h"
#include "scheduler/scheduler.h"
#include "store/store.h"

namespace kai {

// Measured cards where there are some, estimates for the rest.
std::vector<CostCard> known_cards(const Fleet& fleet, Store& store);

class Session {
 public:
  // Finds models and devices, and looks at the engines of others; workers start with the first
  // question. Errors: internal (no kai-worker), invalid_config (a device, an engine's key),
  // no_members (no model at all), storage (the runtime folder).
  static Result<std::unique_ptr<Session>> open(const Config& config, const OnInspect& on_inspect);
  // The same on an io_context that others use too, and that must outlive the session. Models may
  // come later (look_again()): that there is none yet is one of notes().
  static Result<std::unique_ptr<Session>> open(const Config& config, const OnInspect& on_inspect,
                                               boost::asio::io_context& io);

  ~Session();

  // What happens meanwhile: each event, and a tick about ten times a second.
  struct Watch {
    OnEvent on_event;
    std::function<void()> on_tick;
    std::function<void()> on_second_interrupt;  // must not return
  };
  // Runs the question to its end; the first interrupt cancels it.
  Outcome ask(Query query, const Watch& watch, Interrupts& interrupts);

  // A question beside others, for whoever runs io() by itself. As Coordinator::answer().
  Task<Outcome> answer(Query query, OnEvent on_event) {
    return coordinator_.answer(std::move(query), std::move(on_event));
  }
  // Texts as vectors, on the CPU where there is one. Errors: not_found (no such embedding model),
  // and those of kai::embed().
  Task<Result<Embedded>> embed(ModelId model, std::vector<std::string> texts, Time until);
  // Because somebody says so; see Housekeeper::load(), which needs keep_house(), and
  // Scheduler::unload_now().
  Task<Result<Residence::Loaded>> load(ModelId model, Time until) {
    return housekeeper_.load(std::move(model), until);
  }
  Task<bool> unload(ModelId model, Duration patience) {
    housekeeper_.leave_out(model);
    return scheduler_.unload_now(std::move(model), patience);
  }
  // The models that are loaded now, and where.
  struct Resident {
    ModelId model;
    DeviceId device;
    Bytes bytes{};                    // of its weights, as known
    std::optional<Time> used{};       // last; nothing: it is in use
    std::optional<Duration> stays{};  // unused; nothing: as configured
  };
  // As Scheduler::stay().
  void stay(const ModelId& model, std::optional<Duration> length) {
    scheduler_.stay(model, length);
  }
  std::vector<Resident> residents();
  // Of one of them, how it is shared out between two devices; nothing: it is not.
  std::optional<Scheduler::Split> split(const Resident& resident) const {
    return scheduler_.split(resident.device, resident.model);
  }
  // Of the models that are not refused, those that killed their workers again and again, and that
  // are not asked now unless nobody else is left.
  std::vector<ModelId> broken() const;
  // As Coordinator::not_asked().
  std::string not_asked(const ModelId& model) const { return coordinator_.not_asked(model); }

  // As Coordinator::check().
  Result<> check(const Query& query) const { return coordinator_.check(query); }
  // What asking would do; no worker starts. Errors: as Coordinator::forecast().
  Result<Forecast> forecast(Query query) const { return coordinator_.forecast(std::move(query)); }

  // A model of the fleet that is not refused, measured on a device; the first interrupt cancels.
  // `on_step` gets words for people. Errors: as Coordinator::measure().
  struct Trial {
    ModelId model;
    DeviceId device;
    Duration limit{};
    std::function<void(std::string)> on_step;
  };
  Result<Measurement> measure(Trial trial, const Watch& watch, Interrupts& interrupts);

  // To be called while no question is being answered: learns from what the user said of answers of
  // this shape. Sentences for people.
  std::vector<std::string> learn_from_feedback(Shape shape);

  // What was learned of each kind of question.
  const std::map<Shape, SkillSheet>& sheets() const { return sheets_; }
  // Learns anew, from what the store has.
  void use_skills();

  // From now on: how questions are planned and decided, and where models are looked for. The rest
  // of the configuration stays as it was.
  void use(const Config& config);

  // Looks at the models' folders again, between two questions: what has come is asked from now on,
  // what has gone is not, and what is loaded stays loaded. The models that came or went, by id.
  std::vector<ModelId> look_again(const OnInspect& on_inspect);

  // From now on only these models are asked, as if the others were not there; to be called once,
  // before the first question. What was learned of them stays. Errors: not_found, naming the model.
  Result<> keep_only(const std::vector<ModelId>& models);

  // To be called once a question's answer was shown: learns from time to time what needs no word
  // of the user, for the next questions. Sentences for people.
  std::vector<std::string> learn_from(const Outcome& outcome) {
    count(outcome);
    return learn();
  }
  // The same in two parts, for whoever has others waiting: the first costs nothing, the second
  // waits for the disk where enough was counted.
  void count(const Outcome& outcome);
  std::vector<std::string> learn();

  // From now on, while io() runs, files that a question loads later are read ahead, and hosts are
  // looked at now and then. To be called once; not needed beside keep_house().
  void read_ahead();
  // For a process that stays: from now on, while io() runs, models that are likely to be asked are
  // loaded and those that nobody asks for leave; `on_notice` gets sentences of it. To be called
  // once.
  void keep_house(Housekeeper::OnNotice on_notice);

  // A query asked now, with an id and a seed of its own.
  Query new_query(std::vector<Message> messages);

  // Sentences for people, since it was opened: what was found damaged, what is missing.
  const std::vector<std::string>& notes() const { return notes_; }
  Store& store() { return *store_; }
  const Fleet& fleet() const { return fleet_; }
  const std::vector<CostCard>& cards() const { return coordinator_.cards(); }
  Clock& clock() { return *clock_; }
  boost::asio::io_context& io() { return io_; }

 private:
  // What is found before anything runs.
  struct Found {
    std::unique_ptr<RuntimeFolder> folder;
    std::unique_ptr<Store> store;
    Fleet fleet;
    std::vector<SeenHost> hosts;
    std::unique_ptr<boost::asio::io_context> io;  // nothing: another one's is used
  };
  static Result<Found> find(const Config& config, const OnInspect& on_inspect);
  Session(const Config& config, Found found, boost::asio::io_context& io);
  std::unique_ptr<Sandbox> open_sandbox(const SandboxOptions& options);
  std::vector<std::unique_ptr<Host>> make_hosts(std::vector<SeenHost> seen);
  void watch_hosts(const Housekeeper::OnNotice& on_notice);
  // How many more answers of a shape it takes until there may be something new to learn.
  std::map<Shape, int> missing_;
  template <class T>
  T drive(Task<T> task, const Watch& watch, Interrupts& interrupts);

  std::vector<std::string> notes_;
  std::map<Shape, SkillSheet> sheets_;               // as the coordinator has them
  FleetOptions models_;                              // where to look again
  ModelFolders folders_;                             // what was seen there
  std::unique_ptr<boost::asio::io_context> own_io_;  // nothing: another one's is used
  boost::asio::io_context& io_;
  std::unique_ptr<Clock> clock_;
  Random random_;
  std::unique_ptr<RuntimeFolder> folder_;
  std::unique_ptr<Store> store_;
  Fleet fleet_;
  LaneEngine lanes_;
  Hosts engine_;
  Scheduler scheduler_;
  MachineGauge gauge_;
  MemoryWatch memory_;
  MachineLock lock_;
  std::unique_ptr<Sandbox> sandbox_;  // nothing: code is not run
  Coordinator coordinator_;
  Housekeeper housekeeper_;
  TaskGroup<bool> house_;  // its work, once begun
};

}  // namespace kai
