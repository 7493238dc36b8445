#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ensure.h"
#include "sim/player.h"

namespace kai {

namespace {

struct Asked {
  std::string_view question;
  std::string_view answer;  // of a model that knows; empty: open text
};
constexpr std::array<Asked, 6> questions{{
    {"What is the capital of France?", "Paris"},
    {"How much is 7 + 5?", "12"},
    {"Which planet is the largest?", "Jupiter"},
    {"Explain how machine learning works", ""},
    {"Analyze the ethical implications of AI consciousness", ""},
    {"Research and analyze the mathematical foundations of deep learning architectures", ""},
}};

// A model's words: right with its skill's chance, else one of three wrong ones; open text rambles.
std::vector<std::string> words_of(const std::string& question, double skill, int tokens,
                                  Random& random) {
  const auto known = std::ranges::find(questions, question, &Asked::question);
  std::vector<std::string> words;
  if (known != questions.end() && !known->answer.empty()) {
    const bool right = random.chance(skill);
    words = {"It", " is",
             right ? " " + std::string(known->answer) : fmt::format(" {}", 100 + random.below(3)),
             "."};
  } else {
    const auto count = 20 + random.below(60);
    for (std::uint64_t index = 0; index < count; ++index) {
      words.push_back(fmt::format(" word{}", random.below(40)));
    }
  }
  for (auto index = words.size(); static_cast<int>(index) < tokens; ++index) {
    words.push_back(" indeed");
  }
  if (tokens > 0) words.resize(static_cast<std::size_t>(tokens));
  return words;
}

Model model_of(int index) {
  Model model;
  model.id = ModelId(fmt::format("model{}:{}b", index, index + 1));
  model.path = "/nowhere";
  model.facts.parameters = (index + 1) * 1'000'000'000LL;
  model.facts.context_max = Tokens(index % 3 == 0 ? 2048 : 8192);
  model.facts.weights = 100_MiB * (index + 1);
  model.facts.kv_per_token = Bytes(20'000 * (index + 1));
  model.facts.buffers = 8_MiB;
  model.facts.chat_template = true;
  model.prior = 0.4 + 0.04 * index;
  return model;
}

// What makes two stories different, in one line.
std::string summary(const Event& event) {
  std::string what;
  if (const auto* token = std::get_if<event::Token>(&event.what)) {
    what = token->member.text + token->text;
  } else if (const auto* ended = std::get_if<event::Ended>(&event.what)) {
    what = ended->answer.member.text + std::string(to_string(ended->answer.ending));
  }
  return fmt::format("{} {} {}", event.at.count(), event.what.index(), what);
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options),
      random_(options.seed),
      lock_("", clock_),
      engine_(clock_, options.seed, options.faults) {
  fleet_.devices.push_back(
      {DeviceId("cpu"), DeviceKind::cpu, "simulated", options.memory, options.cpu_lanes, 1});
  std::vector<CostCard> cards;
  for (int index = 0; index < options.models; ++index) {
    Model model = model_of(index);
    Script script;
    script.load = std::chrono::milliseconds(100 * (index + 1));
    script.prefill_rate = 4000.0 / (index + 1);
    script.decode_rate = 200.0 / (index + 1);
    script.answer = [skill = model.prior, tokens = options.tokens](const std::string& question,
                                                                   Random& random) {
      return words_of(question, skill, tokens, random);
    };
    cards.push_back({model.id, DeviceId("cpu"), model.facts.weights, model.facts.kv_per_token,
                     model.facts.buffers, script.load, script.prefill_rate, script.decode_rate, 0});
    engine_.add(model.id, std::move(script));
    fleet_.models.push_back(std::move(model));
  }
  scheduler_ = std::make_unique<Scheduler>(fleet_.devices, engine_, clock_);
  engine_.on_lane_lost([this](const LaneId& lane) { scheduler_->lane_lost(lane); });
  coordinator_ = std::make_unique<Coordinator>(
      Crew{io_.get_executor(), clock_, fleet_, *scheduler_, engine_, store_, lock_},
      CoordinatorOptions{}, std::move(cards));
}

World::~World() = default;

Query World::query(std::string question) {
  Query query;
  query.id = new_query_id(clock_.wall(), random_);
  query.messages = {{Role::user, std::move(question)}};
  query.asked = clock_.now();
  query.seed = random_.bits();
  return query;
}

Played World::play(Query query, Duration patience) {
  query.asked = clock_.now();
  auto outcomes = Player(io_, clock_)
                      .play(
                          *coordinator_, {std::move(query)},
                          [this](const Event& event) { note(event); }, patience);
  auto broken = broken_promises(outcomes.front(), clock_.now(), *scheduler_);
  return {std::move(outcomes.front()), std::move(broken)};
}

Played World::play_next() {
  const auto& asked = questions[random_.below(questions.size())];
  Query next = query(std::string(asked.question));
  if (random_.chance(0.3)) next.tier = static_cast<Tier>(random_.below(4));
  if (random_.chance(0.2)) next.mode = static_cast<Mode>(random_.below(3));
  if (random_.chance(0.2)) next.time_limit = std::chrono::milliseconds(200 + random_.below(20'000));
  const bool leaves = random_.chance(0.1);
  return play(std::move(next),
              leaves ? Duration(std::chrono::milliseconds(1 + random_.below(3000))) : Duration{});
}

void World::note(const Event& event) {
  ensure(scheduler_->ledger().held(DeviceId("cpu")) <= options_.memory,
         "more bytes are held than the device has");
  if (options_.digest) digest_ = derive_seed(digest_, summary(event));
  if (watch_) watch_(event);
}

}  // namespace kai
