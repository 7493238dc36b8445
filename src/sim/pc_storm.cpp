#include "sim/pc_storm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.h"
#include "sim/pc_world.h"

namespace kai {

namespace {

constexpr std::size_t broken_max = 20;
constexpr int questions_per_fleet = 20;
constexpr std::size_t fleet_max = 5;
constexpr std::array<std::string_view, 5> questions{
    "What is the capital of France?", "How much is 7 + 5?", "Explain how machine learning works",
    "Analyze the ethical implications of AI consciousness",
    "Research and analyze the mathematical foundations of deep learning architectures"};

std::vector<std::string> words_of(Random& random) {
  std::vector<std::string> words{"It", " is", fmt::format(" {}", 10 + random.below(3)), "."};
  for (auto more = random.below(300); more > 0; --more) words.push_back(" indeed");
  return words;
}

PcWorldOptions options_of(const Pc& pc, std::uint64_t seed, const StormOptions& storm) {
  Random random(seed);
  PcWorldOptions options{.seed = seed};
  const double fault = storm.fault;
  options.watch_memory = storm.watched;
  options.readings_fail = 0.1;
  std::vector<std::size_t> all(pc.models.size());
  for (std::size_t at = 0; at < all.size(); ++at) all[at] = at;
  for (std::size_t left = 1 + random.below(fleet_max); left > 0 && !all.empty(); --left) {
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(random.below(all.size()));
    options.members.push_back(*at);
    options.priors.push_back(0.3 + 0.6 * random.unit());
    all.erase(at);
  }
  options.coordinator.planner.splits = random.chance(0.5);
  options.reads_as_planned = true;
  options.words = [](const ModelId&, const std::string&, Random& dice) { return words_of(dice); };
  options.faults = {fault, fault, fault, fault, fault, fault, fault, fault, fault};
  return options;
}

Query query_of(PcWorld& world, Random& random) {
  std::string text(questions[random.below(questions.size())]);
  if (random.chance(0.1)) text += std::string(random.below(10'000), '.');
  Query query = world.query(std::move(text));
  if (random.chance(0.3)) query.tier = static_cast<Tier>(random.below(4));
  if (random.chance(0.3)) query.mode = static_cast<Mode>(random.below(3));
  if (random.chance(0.2)) query.time_limit = std::chrono::milliseconds(500 + random.below(60'000));
  if (random.chance(0.2)) query.hear_all = true;
  return query;
}

// Another program on the GPU.
class Thief {
 public:
  Thief(PcEngine& engine, const Pc& pc, Random& random, double chance)
      : engine_(engine), pc_(pc), random_(random), chance_(chance) {}

  void act() {
    if (!random_.chance(chance_)) return;
    if (taken_ > Bytes(0)) {
      engine_.give_back(std::exchange(taken_, Bytes(0)));
      return;
    }
    const double wanted = random_.unit() * static_cast<double>(pc_.gpu_memory.count);
    taken_ = engine_.steal(Bytes(static_cast<std::int64_t>(wanted)));
    thefts_ += taken_ > Bytes(0) ? 1 : 0;
  }
  int thefts() const { return thefts_; }

 private:
  PcEngine& engine_;
  const Pc& pc_;
  Random& random_;
  double chance_;
  Bytes taken_{};
  int thefts_ = 0;
};

void count_members(const Outcome& outcome, StormReport& report) {
  for (const auto& answer : outcome.answers) {
    ++report.asked;
    const bool in_vain = answer.error && (answer.error->code == ErrorCode::no_memory ||
                                          answer.error->code == ErrorCode::nothing_fits);
    report.asked_in_vain += in_vain ? 1 : 0;
  }
}

}  // namespace

StormReport storm(const Pc& pc, const StormOptions& options) {
  StormReport report;
  Random random(options.seed);
  while (report.questions < options.questions) {
    PcWorld world(pc, options_of(pc, random.bits(), options));
    // Of its own, so that the questions are the same whatever comes of it.
    Random luck(random.bits());
    Thief thief(world.engine(), pc, luck, options.theft);
    world.on_event([&](const Event& event) {
      if (const auto* changed = std::get_if<event::DeviceChanged>(&event.what)) {
        report.moved += static_cast<int>(changed->moves.size());
      }
      thief.act();
    });
    for (int asked = 0; asked < questions_per_fleet && report.questions < options.questions;
         ++asked, ++report.questions) {
      const auto played = world.play(query_of(world, random));
      report.answered += played.outcomes.front().answered() ? 1 : 0;
      count_members(played.outcomes.front(), report);
      for (const auto& broken : played.broken) {
        if (report.broken.size() < broken_max) report.broken.push_back(broken);
      }
    }
    const PcEngine& engine = world.engine();
    if (thief.thefts() == 0 && engine.loads_without_memory() > 0) {
      report.broken.push_back("a load found too little memory, though nobody else took any");
    }
    report.faults += engine.faults_played();
    report.thefts += thief.thefts();
    report.loads_without_memory += engine.loads_without_memory();
    report.hours += seconds(world.clock().now().time_since_epoch()) / 3600;
    report.gpu_peak =
        std::max(report.gpu_peak, static_cast<double>(engine.peak(DeviceId("gpu0")).count) /
                                      static_cast<double>(pc.gpu_memory.count));
  }
  return report;
}

}  // namespace kai
