#include "fleet/gpu_watch.h"

#include <algorithm>
#include <utility>

#include "base/program.h"
#include "wire/machine.h"

namespace kai {

GpuWatch::GpuWatch(Executor executor, Clock& clock, GpuWatchOptions options)
    : executor_(std::move(executor)), clock_(clock), options_(std::move(options)) {}

Task<bool> GpuWatch::run() {
  const auto every = std::chrono::duration_cast<std::chrono::milliseconds>(options_.every);
  Duration pause = options_.pause_first;
  while (!co_await cancelled()) {
    const Time begun = clock_.now();
    ToldProgram program;
    program.arguments = {options_.worker, "gpus", "--every", std::to_string(every.count())};
    program.silence_max = options_.silence_max;
    const auto status =
        co_await follow_program(executor_, clock_, std::move(program), [this](std::string line) {
          auto said = wire::decode_gpu_readings(line);
          if (!said) return;
          readings_ = *std::move(said);
          read_at_ = clock_.now();
        });
    const bool none = status && *status == 0 && read_at_ && readings_.empty();
    if (none || co_await cancelled()) break;
    // One that ran well for long has not failed in a row.
    if (clock_.now() - begun > options_.pause_max) pause = options_.pause_first;
    co_await clock_.sleep_until(clock_.now() + pause);
    pause = std::min(pause * 2, options_.pause_max);
  }
  co_return true;
}

std::vector<GpuReading> GpuWatch::readings() const {
  if (!read_at_ || clock_.now() - *read_at_ > options_.silence_max) return {};
  return readings_;
}

}  // namespace kai
