// coordinator: the story of one question, from asking to the recorded outcome.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ensure.h"
#include "base/random.h"
#include "base/task.h"
#include "base/task_group.h"
#include "consensus/consensus.h"
#include "coordinator/breaker.h"
#include "domain/event.h"
#include "domain/forecast.h"
#include "domain/measurement.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "domain/skills.h"
#include "engines/engine.h"
#include "planner/planner.h"
#include "sandbox/sandbox.h"
#include "scheduler/machine_lock.h"
#include "scheduler/memory_watch.h"
#include "scheduler/scheduler.h"
#include "store/store.h"

namespace kai {

struct CoordinatorOptions {
  PlannerOptions planner;
  ConsensusOptions consensus;
  StudyOptions study;
  BreakerOptions breaker;
  // How long a device is out whose workers do not start; doubles each time, 1 s..1 h.
  Duration outage_first = std::chrono::seconds(30);
  std::size_t question_chars_max = 1'000'000;  // 1..16,777,216
};

// Receives a question's events in their order, on kai's one thread. The last is Completed.
using OnEvent = std::function<void(const Event&)>;

// What a coordinator works with; all must outlive it.
struct Crew {
  Executor executor;
  Clock& clock;
  const Fleet& fleet;
  Scheduler& scheduler;
  Engine& engine;
  Store& store;
  MachineLock& lock;
  Sandbox* sandbox = nullptr;     // nothing: code is not run
  MemoryWatch* memory = nullptr;  // nothing: what devices have is as it was found
};

class Coordinator {
 public:
  // `cards`: what was measured before; estimates fill the rest. See cards().
  Coordinator(Crew crew, CoordinatorOptions options, std::vector<CostCard> cards);

  // Answers a question: never throws, never takes longer than its deadline and a second. A failure
  // is an Outcome with its error. Cancelling the running task ends the question as cancelled, with
  // what was answered until then; it is recorded all the same, unless Query::recorded says not to.
  // What it throws, by a bug or out of memory, was recorded as the question's error before.
  Task<Outcome> answer(Query query, OnEvent on_event);

  // Whether answer() would take this query as a question at all, without looking at any model.
  // Errors: invalid_request (empty, too long, not valid UTF-8, a NUL).
  Result<> check(const Query& query) const;

  // What answer() would do with this query now, by the same functions; nothing is started. Where
  // what was asked does not fit, the nearest plan that does, and why. A question that teaches (see
  // study_of) may be asked otherwise. Errors: those of make_plan, where no plan fits at all.
  Result<Forecast> forecast(Query query) const;

  // Measures a model of the fleet on a device, alone: loads it and has it read and answer a short
  // and a long prompt. Its card is replaced, here and in the store. Never takes longer than `limit`
  // and a second; cancelling the task ends it. What went wrong is Measurement::fault. Errors:
  // overloaded, cancelled, storage: the others cannot be measured either.
  Task<Result<Measurement>> measure(ModelId model, DeviceId device, Duration limit,
                                    std::function<void(std::string)> on_step);

  // From the next step of any question on; what the breaker was told at first stays.
  void use_options(const CoordinatorOptions& options) { options_ = options; }
  // To be called after a change of Crew::fleet's models, while no question is being answered.
  void fleet_changed(std::vector<CostCard> cards) { cards_ = std::move(cards); }
  // What was learned, by shape, from the next question on; for a shape or a model that is not in
  // it, the prior counts.
  void use_skills(std::map<Shape, SkillSheet> skills) { skills_ = std::move(skills); }
  // Which models killed their workers in earlier runs, as the store has it.
  void remember_deaths(std::vector<Deaths> deaths) { breaker_.remember(std::move(deaths)); }

  // One per (model, device), refined by every answer.
  const std::vector<CostCard>& cards() const { return cards_; }
  const Fleet& fleet() const { return crew_.fleet; }

  // For whoever loads models before they are asked for. Questions that are being answered now:
  std::size_t answering() const { return tellings_.size(); }
  // … planned so far, and the asks of the last plan.
  std::uint64_t planned() const { return planned_; }
  const std::vector<Ask>& asked_last() const { return asked_last_; }
  // Of the models that may be asked: not refused, and not out since they killed their workers.
  std::vector<CostCard> askable() const;
  // Why a model is not asked now unless it is named: wherever it could answer it killed its
  // workers, or its host is gone. Empty: it is asked, or was refused from the start.
  std::string not_asked(const ModelId& model) const;
  // Why a model is out on some device since it killed its workers; empty: it is not.
  std::string out(const ModelId& model) const { return breaker_.out(model, crew_.clock.wall()); }
  // A load that nobody waited for ended so.
  void note_load_ahead(const ModelId& model, const DeviceId& device, const Error& error);
  // Looks at what the devices have, beside any question.
  Task<void> look_at_devices() { return look_at_memory(MemoryWatch::Haste::usual); }

 private:
  struct Telling;  // one question's outcome and where its events go
  // A member has passed a sentence that may state its answer.
  using OnSentence = std::function<void(const MemberId&)>;

  Result<> consider(Telling& telling) const;
  Task<void> tell(Telling& telling);
  Task<void> tell_watching(Telling& telling);
  Task<bool> watch_memory(Telling* telling);
  Task<void> look_at_memory(MemoryWatch::Haste haste);
  std::vector<event::DeviceChanged::Move> replan(Telling& telling, const Ask* refused) const;
  std::optional<Ask> asked_elsewhere(Telling& telling, const Ask& ask, const Error& why);
  Task<Result<>> run(Telling& telling, const Plan& plan);
  Task<Result<>> hear_plan(TaskGroup<Answer>& group, Telling& telling, const Plan& plan);
  Task<Answer> ask_member(Telling& telling, Ask ask, OnSentence on_sentence);
  Task<Answer> try_member(Telling& telling, Ask ask, const Model& model,
                          std::vector<Message> messages, OnSentence on_sentence);
  Task<Synthesis> synthesise(Telling& telling);
  Task<void> try_code(const Telling& telling, Answer& answer);
  void take(Telling& telling, Answer answer);
  void hand_over(Telling& telling, const MemberId& fallen) const;
  bool would_settle(const Telling& telling, const Plan& plan, const MemberId& member) const;
  void judge(Telling& telling, const Plan& plan);
  bool cut_could_matter(const Telling& telling, const Plan& plan, std::size_t first) const;
  void look_up_skills(Telling& telling) const;
  void study_order(Telling& telling) const;
  void study_in_full(Telling& telling, const std::vector<DeviceRoom>& room, Plan& plan) const;
  std::vector<DeviceRoom> room_for(const Telling& telling) const;
  void tell_all(const std::string& what, bool anew);
  bool note_surplus();
  void wake_moved(Telling& telling, std::span<const event::DeviceChanged::Move> moves);
  void note_death(Telling& telling, const Ask& ask, const Error& error, bool loading);
  void note_no_turn(Telling& telling, const Ask& ask, const Error& error, Answer& answer);
  void note_said(Telling& telling, const Ask& ask, const Answer& said);
  void note_device_lost(const DeviceId& device, const std::string& why);
  void end_outages();
  void note_host_lost(const Ask& ask, const Error& error);
  void note_host_out(Telling& telling, const Error& error) const;
  std::map<DeviceId, std::string> hosts_out() const;
  Usable usable_for_all() const;
  void forgive(const Ask& ask);
  Usable usable_now(const Telling& telling) const;
  // What the input refers to is the telling's.
  PlanInput plan_input(Telling& telling, const std::vector<DeviceRoom>& room) const;
  void learn(const Answer& answer);
  void learn_of_host(CostCard& card, const Answer& answer);

  const Model* model_named(const ModelId& id) const;
  CostCard* card_of(const ModelId& model, const DeviceId& device);
  const CostCard* card_of(const ModelId& model, const DeviceId& device) const;

  Crew crew_;
  CoordinatorOptions options_;
  std::vector<CostCard> cards_;
  std::map<Shape, SkillSheet> skills_;
  // A device whose workers do not start.
  struct Outage {
    int times = 0;      // in a row
    bool over = false;  // it is tried again
    Time until{};
    Bytes capacity{};  // before
  };
  Breaker breaker_;
  std::map<DeviceId, Outage> outages_;
  std::uint64_t planned_ = 0;
  std::vector<Ask> asked_last_;
  std::vector<Telling*> tellings_;   // of the questions that are being answered
  std::vector<DeviceId> to_settle_;  // devices of another capacity, whose models have not left yet
};

// "q_" and a ULID: sorts by time, unique by its random part.
QueryId new_query_id(WallTime now, Random& random);

}  // namespace kai
