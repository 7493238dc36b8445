// kai-sim: plays questions in virtual time from a seed and checks what must never break.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "sim/world.h"
#include "wire/documents.h"

int main(int argc, char** argv) {
  CLI::App app("kai-sim: a PC in virtual time. The same seed plays the same story.");
  std::uint64_t seed = 1;
  int seeds = 1;
  int questions = 200;
  double faults = 0.05;
  bool tell = false;
  app.add_option("--seed", seed, "first seed");
  app.add_option("--seeds", seeds, "how many seeds, one after another")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--questions", questions, "questions a seed")->check(CLI::Range(1, 1'000'000));
  app.add_option("--faults", faults, "chance of each fault, 0..1")->check(CLI::Range(0.0, 1.0));
  app.add_flag("--tell", tell, "print every event");
  CLI11_PARSE(app, argc, argv);

  int broken = 0;
  for (std::uint64_t last = seed + static_cast<std::uint64_t>(seeds); seed < last; ++seed) {
    kai::WorldOptions options;
    options.seed = seed;
    options.models = 1 + static_cast<int>(kai::derive_seed(seed, "models") % 12);
    options.cpu_lanes = 1 + static_cast<int>(kai::derive_seed(seed, "lanes") % 3);
    options.faults = {faults, faults, faults, faults, faults, faults, faults, faults, faults};
    kai::World world(options);
    if (tell) {
      world.on_event(
          [](const kai::Event& event) { fmt::print("{}\n", kai::wire::encode_event(event)); });
    }
    int answered = 0;
    for (int index = 0; index < questions; ++index) {
      const auto played = world.play_next();
      answered += played.outcome.answered() ? 1 : 0;
      for (const auto& what : played.broken) {
        ++broken;
        fmt::print("seed {} question {}: BROKEN: {}\n", seed, index, what);
      }
    }
    fmt::print(
        "seed {}: {} models, {} of {} answered, {} faults, {:.0f} s of virtual time, "
        "digest {:016x}\n",
        seed, options.models, answered, questions, world.faults_played(),
        kai::seconds(world.clock().now().time_since_epoch()), world.digest());
  }
  return broken == 0 ? 0 : 1;
}
