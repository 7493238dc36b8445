// kai-sim: plays questions in virtual time from a seed and checks what must never break.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <optional>

#include "sim/world.h"
#include "wire/documents.h"

namespace kai {
namespace {

struct Arguments {
  std::uint64_t seed = 1;
  int seeds = 1;
  int questions = 200;
  double faults = 0.05;
  bool tell = false;
};

struct Seen {
  std::int64_t questions = 0, answered = 0, faults = 0;
  double virtual_seconds = 0;
  int broken = 0;
  std::optional<std::uint64_t> first_broken;  // its seed
};

void play_seed(std::uint64_t seed, const Arguments& given, Seen& seen) {
  WorldOptions options;
  options.seed = seed;
  options.models = 1 + static_cast<int>(derive_seed(seed, "models") % 12);
  options.cpu_lanes = 1 + static_cast<int>(derive_seed(seed, "lanes") % 3);
  const double chance = given.faults;
  options.faults = {chance, chance, chance, chance, chance, chance, chance, chance, chance};
  World world(options);
  if (given.tell) {
    world.on_event([](const Event& event) { fmt::print("{}\n", wire::encode_event(event)); });
  }
  int answered = 0;
  for (int index = 0; index < given.questions; ++index) {
    const auto played = world.play_next();
    answered += played.outcome.answered() ? 1 : 0;
    for (const auto& what : played.broken) {
      ++seen.broken;
      if (!seen.first_broken) seen.first_broken = seed;
      fmt::print("seed {} question {}: BROKEN: {}\n", seed, index, what);
    }
  }
  const double took = seconds(world.clock().now().time_since_epoch());
  seen.questions += given.questions;
  seen.answered += answered;
  seen.faults += world.faults_played();
  seen.virtual_seconds += took;
  constexpr int few = 20;  // seeds that are told one by one
  if (given.seeds > few) return;
  fmt::print(
      "seed {}: {} models, {} of {} answered, {} faults, {:.0f} s of virtual time, digest "
      "{:016x}\n",
      seed, options.models, answered, given.questions, world.faults_played(), took, world.digest());
}

int run(const Arguments& given) {
  using Clock = std::chrono::steady_clock;
  Seen seen;
  const auto begin = Clock::now();
  for (int count = 0; count < given.seeds; ++count) {
    play_seed(given.seed + static_cast<std::uint64_t>(count), given, seen);
    std::fflush(stdout);
  }
  const double took = std::max(1e-9, seconds(Clock::now() - begin));
  fmt::print(
      "{} seeds, {} questions, {} answered, {} faults: {:.1f} virtual hours in {:.1f} s, {:.0f} "
      "times as fast as real\n",
      given.seeds, seen.questions, seen.answered, seen.faults, seen.virtual_seconds / 3600, took,
      seen.virtual_seconds / took);
  if (!seen.first_broken) {
    fmt::print("nothing that must hold was broken\n");
    return 0;
  }
  fmt::print("{} BROKEN, first with seed {}; replay it with: make sim SEED={}\n", seen.broken,
             *seen.first_broken, *seen.first_broken);
  return 1;
}

}  // namespace
}  // namespace kai

int main(int argc, char** argv) {
  CLI::App app("kai-sim: a PC in virtual time. The same seed plays the same story.");
  kai::Arguments given;
  app.add_option("--seed", given.seed, "first seed");
  app.add_option("--seeds", given.seeds, "how many seeds, one after another")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--questions", given.questions, "questions a seed")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--faults", given.faults, "chance of each fault, 0..1")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--tell", given.tell, "print every event");
  CLI11_PARSE(app, argc, argv);
  return kai::run(given);
}
