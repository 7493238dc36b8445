// For the tests of the story: a coordinator in virtual time over models that a test describes.
#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/coordinator.h"
#include "sim/forgetful_store.h"
#include "sim/player.h"
#include "sim/script_engine.h"
#include "sim/script_sandbox.h"
#include "store/store.h"

namespace kai::testing_sim {

struct StageOptions {
  int lanes = 2;
  DeviceKind kind = DeviceKind::cpu;  // of the one device, whose id is "cpu" all the same
  std::string lock_folder;            // empty: nobody to share with
  StudyOptions study;
};

struct AskOptions {
  std::optional<std::vector<Message>> messages;  // nothing: a question with a short answer
  Mode mode = Mode::all;
  Duration time_limit = std::chrono::seconds(30);
  Duration patience{};  // > 0: the user leaves after that time
  Duration later{};     // asked so long from now
  bool hear_all = false;
  bool synthesize = false;
  bool recorded = true;
  std::uint64_t seed = 0;
  JsonForm json_form;  // the models here write what they write
  std::optional<int> top_logprobs = {};
  std::optional<Tokens> answer_max = {};
  std::vector<std::string> stop = {};  // the models here do not look at them
  std::vector<ModelId> models = {};
};

// Keeps what a question leaves behind.
class RememberingStore final : public ForgetfulStore {
 public:
  void record(const Outcome& outcome) override { outcomes.push_back(outcome); }
  void put_card(const CostCard& card) override { cards_kept.push_back(card); }
  Result<std::vector<CostCard>> cards() override { return cards_kept; }
  void put_deaths(const Deaths& deaths) override { deaths_kept.push_back(deaths); }

  std::vector<Outcome> outcomes;
  std::vector<CostCard> cards_kept;
  std::vector<Deaths> deaths_kept;  // all that were ever put
};

class Stage {
 public:
  explicit Stage(StageOptions options = {})
      : lock_(options.lock_folder, clock_), study_(options.study) {
    fleet_.devices.push_back(
        {DeviceId("cpu"), options.kind, "simulated", 4096_MiB, options.lanes, 1});
  }

  // A model that gives the same words to every question, token by token.
  Stage& model(const std::string& name, const std::string& words, double prior = 0.5,
               Faults faults = {}, double decode_rate = 100) {
    Model& model = fleet_.models.emplace_back();
    model.id = ModelId(name);
    model.facts.context_max = Tokens(8192);
    model.facts.weights = 100_MiB;
    model.facts.kv_per_token = Bytes(1000);
    model.facts.buffers = 8_MiB;
    model.prior = prior;
    Script script;
    script.decode_rate = decode_rate;
    script.faults = faults;
    script.answer = [this, words](const std::string& question, Random&) {
      ++answers;
      const bool merging = !merged_words.empty() && question.ends_with("The one answer:");
      std::vector<std::string> tokens;
      std::istringstream text(merging ? merged_words : words);
      for (std::string word; std::getline(text, word, ' ');) {
        tokens.push_back((tokens.empty() ? "" : " ") + word);
      }
      return tokens;
    };
    cards_.push_back({model.id, DeviceId("cpu"), model.facts.weights, model.facts.kv_per_token,
                      model.facts.buffers, script.load, script.prefill_rate, 100, 0});
    engine_.add(model.id, std::move(script));
    return *this;
  }

  // From now on nothing breaks.
  void heal() { engine_.heal(); }
  // To be called once all models are there, like use_skills().
  void remember_deaths(std::vector<Deaths> known) {
    build();
    coordinator_->remember_deaths(std::move(known));
  }
  // To be called once all models are there.
  void use_skills(std::map<Shape, SkillSheet> skills) {
    build();
    coordinator_->use_skills(std::move(skills));
  }
  // Code answers are run, by this script: `program` is the answer's Python.
  Stage& runs(std::function<RunResult(const std::string& program)> script,
              Duration takes = std::chrono::milliseconds(50)) {
    sandbox_ = std::make_unique<ScriptSandbox>(clock_, takes, std::move(script));
    return *this;
  }

  Outcome ask(const AskOptions& options = {}) {
    if (!coordinator_) build();
    events.clear();
    const Query query = query_of(options);
    answered = Player(io_, clock_)
                   .play(
                       *coordinator_, {query},
                       [this](const Event& event) {
                         events.push_back(event);
                         if (on_event) on_event(event);
                       },
                       options.patience);
    ensure(!options.recorded || !store.outcomes.empty(), "a question that was not recorded");
    return std::get<event::Completed>(events.back().what).outcome;
  }

  Result<Forecast> forecast(const AskOptions& options = {}) {
    if (!coordinator_) build();
    return coordinator_->forecast(query_of(options));
  }

  Result<Measurement> measure(const std::string& model, Duration limit) {
    if (!coordinator_) build();
    std::optional<Result<Measurement>> measured;
    boost::asio::co_spawn(
        io_, coordinator_->measure(ModelId(model), DeviceId("cpu"), limit, [](std::string) {}),
        [&](std::exception_ptr, auto result) { measured = std::move(result); });
    while (!measured) {
      io_.restart();
      io_.poll();
      ensure(measured || clock_.advance(), "measuring waits for something that never comes");
    }
    return *std::move(measured);
  }

  template <class What>
  int count() const {
    return static_cast<int>(std::ranges::count_if(
        events, [](const Event& event) { return std::holds_alternative<What>(event.what); }));
  }
  // One letter an event: Queued, Loading, Prefill, Token, Ended; repeats once.
  std::string steps_of(const std::string& member) const {
    std::string steps;
    const auto note = [&](char letter, const MemberId& who) {
      if (who.text == member && !steps.ends_with(letter)) steps += letter;
    };
    for (const auto& [at, what] : events) {
      if (const auto* queued = std::get_if<event::Queued>(&what)) note('Q', queued->member);
      if (const auto* loading = std::get_if<event::Loading>(&what)) note('L', loading->member);
      if (const auto* prefill = std::get_if<event::Prefill>(&what)) note('P', prefill->member);
      if (const auto* token = std::get_if<event::Token>(&what)) note('T', token->member);
      if (const auto* ended = std::get_if<event::Ended>(&what)) note('E', ended->answer.member);
    }
    return steps;
  }
  static const Answer& answer_of(const Outcome& outcome, const std::string& member) {
    const auto found = std::ranges::find(outcome.answers, MemberId(member), &Answer::member);
    ensure(found != outcome.answers.end(), "a member without an answer");
    return *found;
  }

  int answers = 0;  // that models began
  RememberingStore store;
  std::function<void(const Event&)> on_event;  // also told, and may throw
  std::vector<Event> events;                   // of the last question
  std::vector<Outcome> answered;               // the same, as answer() gave it
  bool healed_by_death = false;                // after the first death nothing breaks any more
  int deaths = 0;                              // of workers
  std::string merged_words;                    // of a synthesis; empty: the model's own

 private:
  Query query_of(const AskOptions& options) const {
    Query query;
    query.id = QueryId("q_1");
    query.messages = options.messages.value_or(
        std::vector<Message>{{Role::user, "What is the capital of France?"}});
    query.asked = clock_.now() + options.later;
    query.mode = options.mode;
    query.time_limit = options.time_limit;
    query.hear_all = options.hear_all;
    query.synthesize = options.synthesize;
    query.recorded = options.recorded;
    query.seed = options.seed;
    query.json_form = options.json_form;
    query.top_logprobs = options.top_logprobs;
    query.answer_max = options.answer_max;
    query.stop = options.stop;
    query.models = options.models;
    return query;
  }
  void build() {
    scheduler_ = std::make_unique<Scheduler>(fleet_.devices, engine_, clock_);
    engine_.on_lane_lost([this](const LaneId& lane) {
      ++deaths;
      if (healed_by_death) engine_.heal();
      scheduler_->lane_lost(lane);
    });
    coordinator_ =
        std::make_unique<Coordinator>(Crew{io_.get_executor(), clock_, fleet_, *scheduler_, engine_,
                                           store, lock_, sandbox_.get()},
                                      CoordinatorOptions{.study = study_}, cards_);
  }

  boost::asio::io_context io_{1};
  VirtualClock clock_;
  Fleet fleet_;
  MachineLock lock_;
  StudyOptions study_;
  ScriptEngine engine_{clock_, 7, {}};
  std::unique_ptr<ScriptSandbox> sandbox_;  // nothing: code is not run
  std::vector<CostCard> cards_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Coordinator> coordinator_;
};

}  // namespace kai::testing_sim
