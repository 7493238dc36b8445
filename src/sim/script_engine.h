// ScriptEngine: models that exist in virtual time only. They load, read, write and break as a
// script says, so that whole questions can be played in microseconds and replayed from a seed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "engines/engine.h"

namespace kai {

// What goes wrong, and how often. All are chances 0..1 of one load, unload or answer.
struct Faults {
  double load_refused = 0;  // the file turns out to be bad
  double load_dies = 0;     // the worker dies while loading
  double reading_dies = 0;  // … while reading the prompt
  double writing_dies = 0;  // … between two tokens
  double hangs = 0;         // silent until found out after `hang_found`
  double empty = 0;         // ends at once, without a word
  double endless = 0;       // never says that it is done
  double slow = 0;          // ten times slower than its card
  double unload_dies = 0;   // the worker is found dead when it shall free a model
  Duration hang_found = std::chrono::seconds(4);
};

// How one model behaves.
struct Script {
  Duration load = std::chrono::milliseconds(200);
  double prefill_rate = 2000;  // tokens/s, > 0
  double decode_rate = 100;    // tokens/s, > 0
  // The answer's tokens to a question; `random` is this ask's own.
  std::function<std::vector<std::string>(const std::string& question, Random& random)> answer;
  std::optional<Faults> faults;  // of this model alone; nothing: those of all
  std::optional<Tokens> prompt;  // that it reads; nothing: what was planned
  std::size_t step = 1;          // >= 1: tokens told at once, after the first
};

// A part of what a model does on its lane.
struct Stretch {
  enum class Kind : std::uint8_t { load, read, write };
  Kind kind = Kind::load;
  LaneId lane;
  ModelId model;
  double from = 0, to = 1;  // of a load, 0..1
  Tokens tokens{};          // to read or write
  Tokens before{};          // in the context already
  double pace = 1;          // > 0, of its speed
};

class ScriptEngine : public Engine, public Residence {
 public:
  // `clock` must outlive this. `seed` decides every fault and every answer.
  ScriptEngine(Clock& clock, std::uint64_t seed, Faults faults)
      : clock_(clock), seed_(seed), faults_(faults) {}

  void add(const ModelId& model, Script script) { scripts_[model] = std::move(script); }
  void on_lane_lost(std::function<void(const LaneId&)> call) { lane_lost_ = std::move(call); }
  // The device is gone: its workers die and start no more. Or it is there again.
  void lose_device(const DeviceId& device);
  void restore_device(const DeviceId& device) { lost_.erase(device); }
  // From now on nothing breaks: whatever was asked must come to a good end.
  void heal() {
    faults_ = {};
    for (auto& [model, script] : scripts_) script.faults.reset();
  }

  Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model, const Lease& lease,
                   OnStep on_step) override;
  Task<Result<Loaded>> load(LaneId lane, const Model& model, Claim claim, Time until,
                            OnProgress on_progress) override;
  Task<bool> unload(LaneId lane, ModelId model, Time until) override;

  std::int64_t faults_played() const { return faults_played_; }

 protected:
  // Where a stretch's time goes: here by the script's rates, with a lane's model alone in the
  // world. Returns at its end, at `until`, or on cancellation.
  virtual Task<void> spend(Stretch stretch, Time until);
  // Memory for a model that is loaded, or enlarged: here there is always enough.
  virtual Result<> take(const LaneId&, const Model&, const Claim&) { return {}; }
  // It comes back: unloaded, or the load failed. No effect on what has none.
  virtual void free(const LaneId&, const ModelId&) {}
  // All of a lane comes back: its worker died.
  virtual void free_all(const LaneId&) {}

 private:
  struct Play;
  // What chance has decided for one answer.
  struct Fate {
    double pace = 1;  // of its rates
    bool reading_dies = false;
    bool writing_dies = false;
    bool hangs = false;
    std::size_t count = 0;  // tokens until it says that it is done
    std::vector<std::string> words;
    std::string words_from(std::size_t first, std::size_t number) const;
  };
  Fate fate_of(const Ask& ask, const Script& script, const std::string& question);
  const Faults& faults_of(const ModelId& model) const;
  bool strikes(Random& random, double chance);
  Task<Result<Loaded>> bring(LaneId lane, Model model, Time until, OnProgress on_progress);
  Error lose(const LaneId& lane, std::string what);
  Random chance_of(const std::string& what);

  Clock& clock_;
  std::uint64_t seed_;
  Faults faults_;
  std::map<ModelId, Script> scripts_;
  std::map<LaneId, std::set<ModelId>> loaded_;
  std::map<LaneId, std::multiset<ModelId>> running_;  // one model at a time a lane: checked
  std::map<LaneId, int> deaths_;
  std::set<DeviceId> lost_;
  std::uint64_t plays_ = 0;
  std::int64_t faults_played_ = 0;
  std::function<void(const LaneId&)> lane_lost_;
};

}  // namespace kai
