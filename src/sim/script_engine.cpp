#include "sim/script_engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"

namespace kai {

namespace {

constexpr std::size_t endless_tokens = 1'000'000;
constexpr double slow_factor = 10;

Answer ended(Answer answer, Ending ending, std::optional<Error> error, Duration total) {
  answer.ending = ending;
  answer.error = std::move(error);
  answer.timings.total = total;
  answer.timings.decode = total - answer.timings.prefill;
  if (answer.usage.answer.count > 0) answer.logprob_mean = -0.5;
  return answer;
}

}  // namespace

// Keeps book of who runs where while an answer is played.
struct ScriptEngine::Play {
  Play(ScriptEngine& script_engine, LaneId lane_id, ModelId model_id)
      : engine(script_engine),
        lane(std::move(lane_id)),
        model(std::move(model_id)),
        life(engine.deaths_[lane]) {
    auto& here = engine.running_[lane];
    ensure(engine.loaded_[lane].contains(model), "asked a model that its lane has not loaded");
    ensure(here.empty() || here.contains(model), "two models run on one lane");
    here.insert(model);
  }
  ~Play() {
    if (engine.deaths_[lane] != life) return;  // it ended with its worker
    engine.running_[lane].erase(engine.running_[lane].find(model));
  }
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  ScriptEngine& engine;
  LaneId lane;
  ModelId model;
  int life;
};

Random ScriptEngine::chance_of(const std::string& what) {
  return Random(derive_seed(seed_, fmt::format("{}/{}", what, plays_++)));
}

const Faults& ScriptEngine::faults_of(const ModelId& model) const {
  const auto& own = scripts_.at(model).faults;
  return own ? *own : faults_;
}

bool ScriptEngine::strikes(Random& random, double chance) {
  const bool strikes = random.chance(chance);
  faults_played_ += strikes ? 1 : 0;
  return strikes;
}

Error ScriptEngine::lose(const LaneId& lane, std::string what) {
  free_all(lane);
  loaded_[lane].clear();
  running_[lane].clear();
  ++deaths_[lane];
  if (lane_lost_) lane_lost_(lane);
  return {ErrorCode::lane_lost, std::move(what)};
}

void ScriptEngine::lose_device(const DeviceId& device) {
  lost_.insert(device);
  std::vector<LaneId> lanes;
  for (const auto& [lane, deaths] : deaths_) {
    if (lane.device == device) lanes.push_back(lane);
  }
  for (const auto& lane : lanes) lose(lane, "the device is gone");
}

Task<void> ScriptEngine::spend(Stretch stretch, Time until) {
  const Script& script = scripts_.at(stretch.model);
  const auto tokens = static_cast<double>(stretch.tokens.count) / stretch.pace;
  const double takes = stretch.kind == Stretch::Kind::load
                           ? (stretch.to - stretch.from) * seconds(script.load)
                       : stretch.kind == Stretch::Kind::read ? tokens / script.prefill_rate
                                                             : tokens / script.decode_rate;
  return clock_.sleep_until(std::min(until, clock_.now() + from_seconds(takes)));
}

// What lay there before is gone with a load that fails, as the worker promises.
Task<Result<Residence::Loaded>> ScriptEngine::load(LaneId lane, const Model& model, Claim claim,
                                                   Time until, OnProgress on_progress) {
  if (lost_.contains(lane.device)) {
    co_return fail(ErrorCode::device_lost,
                   fmt::format("the worker {}.{} did not start", lane.device.text, lane.index));
  }
  const int life = deaths_[lane];
  auto taken = take(lane, model, claim);
  auto loaded = taken ? Result<Loaded>(fail(ErrorCode::internal, "it broke off"))
                      : Result<Loaded>(std::unexpected(taken.error()));
  std::exception_ptr fault;  // of whoever is told
  try {
    if (taken) loaded = co_await bring(lane, model, until, on_progress);
  } catch (const std::exception&) {
    fault = std::current_exception();
  }
  if (loaded) {
    loaded_[lane].insert(model.id);
  } else if (deaths_[lane] == life) {
    loaded_[lane].erase(model.id);
    free(lane, model.id);
  }
  if (fault) std::rethrow_exception(fault);
  co_return loaded;
}

Task<Result<Residence::Loaded>> ScriptEngine::bring(LaneId lane, Model model, Time until,
                                                    OnProgress on_progress) {
  Random random = chance_of("load " + model.id.text);
  const Faults& faults = faults_of(model.id);
  const bool dies = strikes(random, faults.load_dies);
  const bool refused = !dies && strikes(random, faults.load_refused);
  constexpr int callbacks = 4;
  const int life = deaths_[lane];
  const Time start = clock_.now();
  for (int done = 1; done <= callbacks; ++done) {
    co_await spend({.kind = Stretch::Kind::load,
                    .lane = lane,
                    .model = model.id,
                    .from = (done - 1.0) / callbacks,
                    .to = 1.0 * done / callbacks},
                   until);
    if (deaths_[lane] != life) co_return fail(ErrorCode::lane_lost, "died while loading");
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "loading was cancelled");
    if (clock_.now() >= until) co_return fail(ErrorCode::deadline, "no time left to load");
    if (dies && done == 2) co_return std::unexpected(lose(lane, "died while loading"));
    if (on_progress) on_progress(static_cast<double>(done) / callbacks);
  }
  if (refused) co_return fail(ErrorCode::model_refused, model.id.text + " is damaged");
  co_return Loaded{model.facts.weights, model.facts.kv_per_token, model.facts.buffers,
                   clock_.now() - start};
}

Task<bool> ScriptEngine::unload(LaneId lane, ModelId model, Time) {
  ensure(!running_[lane].contains(model), "a running model was unloaded");
  loaded_[lane].erase(model);
  free(lane, model);
  Random random = chance_of("unload " + model.text);
  if (strikes(random, faults_of(model).unload_dies)) lose(lane, "was found dead");
  co_return false;
}

// All dice are thrown before the first wait, so that what happens meanwhile changes none of them.
ScriptEngine::Fate ScriptEngine::fate_of(const Ask& ask, const Script& script,
                                         const std::string& question) {
  Random random = chance_of(ask.member.text);
  const Faults& faults = faults_of(ask.model);
  Fate fate;
  if (strikes(random, faults.slow)) fate.pace = 1 / slow_factor;
  fate.reading_dies = strikes(random, faults.reading_dies);
  fate.writing_dies = !fate.reading_dies && strikes(random, faults.writing_dies);
  fate.hangs = strikes(random, faults.hangs);
  const bool empty = strikes(random, faults.empty);
  const bool endless = strikes(random, faults.endless);
  fate.words = script.answer(question, random);
  ensure(!fate.words.empty(), "a script without a word");
  fate.count = endless ? endless_tokens : empty ? 0 : fate.words.size();
  return fate;
}

std::string ScriptEngine::Fate::words_from(std::size_t first, std::size_t number) const {
  std::string text;
  for (std::size_t at = first; at < first + number; ++at) text += words[at % words.size()];
  return text;
}

Task<Answer> ScriptEngine::ask(std::vector<Message> messages, Ask ask, const Model& model,
                               const Lease& lease, OnStep on_step) {
  const LaneId lane = lease.lane();
  const int life = deaths_[lane];
  const Play play(*this, lane, model.id);
  const Script& script = scripts_.at(model.id);
  const Fate fate = fate_of(ask, script, messages.back().text);

  const Time start = clock_.now();
  Answer answer;
  answer.usage.prompt = script.prompt.value_or(ask.prompt);
  const auto end = [&](Ending ending, std::optional<Error> error = std::nullopt) {
    return ended(answer, ending, std::move(error), clock_.now() - start);
  };
  // What has to be looked at after every wait; nothing: go on.
  const auto interrupted = [&](bool stop) -> std::optional<Answer> {
    if (stop) return end(Ending::cancelled);
    if (deaths_[lane] != life) return end(Ending::failed, Error{ErrorCode::lane_lost, "died"});
    if (clock_.now() >= ask.deadline) return end(Ending::deadline);
    return std::nullopt;
  };

  const auto stretch = [&](Stretch::Kind kind, std::int64_t tokens) -> Stretch {
    return {.kind = kind,
            .lane = lane,
            .model = model.id,
            .tokens = Tokens(tokens),
            .before = answer.usage.prompt + answer.usage.answer,
            .pace = fate.pace};
  };

  if (fate.hangs) {
    co_await clock_.sleep_until(std::min(ask.deadline, start + faults_of(model.id).hang_found));
    if (auto cut = interrupted(co_await cancelled())) co_return *cut;
    co_return end(Ending::failed, lose(lane, "gave no sign of life"));
  }
  co_await spend(stretch(Stretch::Kind::read, answer.usage.prompt.count), ask.deadline);
  if (auto cut = interrupted(co_await cancelled())) co_return *cut;
  if (fate.reading_dies) co_return end(Ending::failed, lose(lane, "died while reading"));
  answer.timings.prefill = clock_.now() - start;
  on_step(event::Prefill{ask.member, 1});

  const auto most = static_cast<std::size_t>(ask.answer_max.count);
  for (std::size_t written = 0; written < fate.count;) {
    const std::size_t step =
        written == 0 ? 1 : std::min({script.step, fate.count - written, most - written});
    co_await spend(stretch(Stretch::Kind::write, static_cast<std::int64_t>(step)), ask.deadline);
    if (auto cut = interrupted(co_await cancelled())) co_return *cut;
    if (fate.writing_dies && written + step > fate.count / 2) {
      co_return end(Ending::failed, lose(lane, "died while writing"));
    }
    if (written == 0) answer.timings.ttft = clock_.now() - start;
    const std::string words = fate.words_from(written, step);
    written += step;
    answer.text += words;
    if (ask.sampling.top_logprobs) answer.tokens.push_back({{words, -0.5}, {}});
    answer.usage.answer = Tokens(static_cast<std::int64_t>(written));
    on_step(event::Token{ask.member, words});
    if (written >= most) co_return end(Ending::token_limit);
  }
  co_return end(Ending::complete);
}

}  // namespace kai
