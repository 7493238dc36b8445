#include "sim/pc_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "sim/player.h"

namespace kai {

namespace {

constexpr int lanes = 2;  // one loads while the other answers
constexpr int running = 1;
constexpr Tokens context_max{8192};
constexpr int layers = 40;  // of each model; what a split is rounded to

std::vector<Device> devices_of(const Pc& pc) {
  return {{DeviceId("gpu0"), DeviceKind::gpu, "GPU", pc.gpu_memory, lanes, 1, running},
          {DeviceId("cpu"), DeviceKind::cpu, "CPU", Bytes(pc.memory.count / 10 * 9), lanes, 1,
           running}};
}

Model model_of(const Pc& pc, const PcModel& from, double prior) {
  Model model;
  model.id = ModelId(from.name);
  model.path = "/nowhere";
  model.facts.parameters = static_cast<std::int64_t>(from.parameters);
  model.facts.context_max = context_max;
  model.facts.layers = layers;
  model.facts.file = from.file;
  model.facts.weights = from.file;
  model.facts.kv_per_token = from.kv_per_token;
  model.facts.buffers = pc.buffers;
  model.facts.chat_template = true;
  model.prior = prior;
  return model;
}

std::vector<std::string> plain_words(std::int64_t tokens) {
  std::vector<std::string> words(static_cast<std::size_t>(tokens), " word");
  words.front() = "One";
  words.back() = tokens > 1 ? "." : words.back();
  return words;
}

}  // namespace

CoordinatorOptions without_study() {
  CoordinatorOptions options;
  options.study = {.full_share = 0, .order_share = 0};
  return options;
}

CoordinatorOptions without_timeouts() {
  CoordinatorOptions options = without_study();
  options.planner.splits = true;
  for (auto& tier : options.planner.tiers) {
    tier.timeout = tier.member_timeout = std::chrono::hours(1);
  }
  return options;
}

CostCard measured_card(const Pc& pc, const PcModel& model, const Device& device,
                       const PcQuestion& question) {
  const double share = device.kind == DeviceKind::gpu ? 1 : 0;
  const PcPlace place{.share = share, .context = {}, .loading = pc.pinned};
  const auto rate = [](Tokens tokens, const Work& work) {
    return static_cast<double>(tokens.count) / work.alone.count();
  };
  CostCard card;
  card.model = ModelId(model.name);
  card.device = device.id;
  card.weights = model.file;
  card.kv_per_token = model.kv_per_token;
  card.buffers = pc.buffers;
  card.load = pc.pinned.per_load + from_seconds(load_work(model, place).alone.count());
  card.prefill_rate = rate(question.prompt, prefill_work(pc, model, share, question.prompt));
  card.decode_rate = rate(question.answer, decode_work(pc, model, share, question));
  card.measured = 1;
  return card;
}

PcWorld::PcWorld(const Pc& pc, PcWorldOptions options)
    : options_(std::move(options)),
      pc_(pc),
      random_(options_.seed),
      fleet_{.models = {}, .devices = devices_of(pc)},
      lock_("", clock_),
      engine_(clock_, options_.seed, options_.faults, pc_, fleet_.devices) {
  ensure(!options_.members.empty(), "somebody can be asked");
  ensure(options_.priors.empty() || options_.priors.size() == options_.members.size(),
         "a prior for each member");
  std::vector<CostCard> cards;
  for (std::size_t at = 0; at < options_.members.size(); ++at) {
    const PcModel& from = pc_.models.at(options_.members[at]);
    Model model = model_of(pc_, from, options_.priors.empty() ? 0.5 : options_.priors[at]);
    for (const auto& device : fleet_.devices) {
      cards.push_back(measured_card(pc_, from, device, options_.question));
    }
    Script script;
    if (!options_.reads_as_planned) script.prompt = options_.question.prompt;
    script.step = options_.step;
    script.answer = [this, id = model.id](const std::string& question, Random& random) {
      if (options_.words) return options_.words(id, question, random);
      return plain_words(options_.question.answer.count);
    };
    engine_.add(model.id, std::move(script));
    fleet_.models.push_back(std::move(model));
  }
  scheduler_ = std::make_unique<Scheduler>(fleet_.devices, engine_, clock_);
  engine_.on_lane_lost([this](const LaneId& lane) { scheduler_->lane_lost(lane); });
  memory_ = std::make_unique<MemoryWatch>(fleet_.devices, engine_, clock_);
  engine_.let_readings_fail(options_.readings_fail);
  coordinator_ = std::make_unique<Coordinator>(
      Crew{io_.get_executor(), clock_, fleet_, *scheduler_, engine_, store_, lock_, nullptr,
           options_.watch_memory ? memory_.get() : nullptr},
      options_.coordinator, std::move(cards));
  if (!options_.house) return;
  housekeeper_.emplace(Crew{io_.get_executor(), clock_, fleet_, *scheduler_, engine_, store_, lock_,
                            nullptr, options_.watch_memory ? memory_.get() : nullptr},
                       *coordinator_, *options_.house);
  house_.start(
      housekeeper_->run([this](std::string notice) { notices_.push_back(std::move(notice)); }));
}

PcWorld::~PcWorld() {
  house_.cancel_all();
  while (house_.running() > 0) {
    io_.restart();
    if (io_.poll() == 0) ensure(clock_.advance(), "who keeps house does not end");
  }
}

void PcWorld::pass(Duration time) {
  Wait over;
  const Time end = clock_.now() + time;
  const auto alarm = clock_.ring_at(end, over);
  do {
    io_.restart();
    io_.poll();
  } while (clock_.now() < end && clock_.advance());
}

Result<Residence::Loaded> PcWorld::load(ModelId model, Duration limit) {
  std::optional<Result<Residence::Loaded>> loaded;
  const auto wait = [](Housekeeper& house, ModelId wanted, Time until,
                       std::optional<Result<Residence::Loaded>>& told) -> Task<bool> {
    told = co_await house.load(std::move(wanted), until);
    co_return true;
  };
  TaskGroup<bool> waiting(io_.get_executor());
  waiting.start(wait(*housekeeper_, std::move(model), clock_.now() + limit, loaded));
  pass(limit + std::chrono::milliseconds(1));
  return *std::move(loaded);
}

Query PcWorld::query() {
  const double chars = options_.coordinator.planner.chars_per_token;
  const auto size =
      static_cast<std::size_t>(static_cast<double>(options_.question.prompt.count) * chars);
  std::string text = "Explain this:";
  while (text.size() < size) text += " word";
  return query(std::move(text));
}

Query PcWorld::query_in_full() {
  Query asked = query();
  asked.mode = Mode::all;
  asked.hear_all = true;
  asked.time_limit = std::chrono::hours(1);
  asked.answer_max = options_.question.answer * 2;  // a plan expects half of it to be written
  return asked;
}

Query PcWorld::query(std::string text) {
  Query query;
  query.id = new_query_id(clock_.wall(), random_);
  query.messages = {{Role::user, std::move(text)}};
  query.asked = clock_.now();
  query.seed = random_.bits();
  return query;
}

// What must hold at every moment: what is really in memory is what the ledger knows of, at most all
// there is, and no more models answer at once than the devices are meant for.
void PcWorld::note(const Event& event, PcPlayed& played) {
  played.events.push_back(event);
  for (const auto& device : fleet_.devices) {
    const auto check = [&](bool good, std::string_view what) {
      if (good) return;
      played.broken.push_back(fmt::format("{} at {:.3f} s: {}", device.id.text,
                                          seconds(clock_.now().time_since_epoch()), what));
    };
    const Bytes held = scheduler_->ledger().held(device.id);
    check(held <= device.capacity, "more is held than the device has");
    check(engine_.taken(device.id) <= held, "more is in use than is held");
    check(engine_.running_most(device.id) <= device.running, "more models answer than may");
  }
  if (watch_) watch_(event);
}

PcPlayed PcWorld::play(Query query) {
  std::vector<Query> queries;
  queries.push_back(std::move(query));
  return play(std::move(queries));
}

PcPlayed PcWorld::play(std::vector<Query> queries) {
  ensure(!queries.empty(), "something is asked");
  const Time first = std::ranges::min(queries, {}, &Query::asked).asked;
  const Time start = std::max(first, clock_.now());
  const Seconds gpu = engine_.used(Part::gpu), cpu = engine_.used(Part::cpu);
  PcPlayed played;
  played.outcomes =
      Player(io_, clock_).play(*coordinator_, std::move(queries), [&](const Event& event) {
        note(event, played);
      });
  played.makespan = clock_.now() - start;
  const Seconds makespan = std::max(Seconds(played.makespan), Seconds(1e-9));
  played.gpu_busy = (engine_.used(Part::gpu) - gpu) / makespan;
  played.cpu_busy = (engine_.used(Part::cpu) - cpu) / makespan;
  for (const auto& outcome : played.outcomes) {
    const Time ended = outcome.query.asked + outcome.latency;
    for (auto& broken : broken_promises(outcome, ended, *scheduler_)) {
      played.broken.push_back(std::move(broken));
    }
  }
  return played;
}

}  // namespace kai
