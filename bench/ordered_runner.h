// ordered_runner: the worker's engine on the CPU, in this process, that can be waited for.
#pragma once

#include <atomic>
#include <functional>
#include <latch>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "worker/runner.h"
#include "worker/runtime.h"

namespace kai::bench {

// Holds one model. Not for two threads.
class OrderedRunner {
 public:
  explicit OrderedRunner(int threads)
      : runner_(*runtime_device("cpu"), threads,
                [this](Runner::Id, wire::WorkerEvent event) { take(std::move(event)); }) {}

  // Errors: as the runner's.
  Result<> load(const std::string& path, Tokens context, int sequences) {
    return wait_for(1, [&] { runner_.load({ModelId("m"), path, context, sequences}); });
  }
  // What was done of each, as they ended; the requests' model is ModelId("m").
  std::vector<wire::Done> generate(std::vector<wire::GenerateRequest> requests) {
    done_.clear();
    (void)wait_for(static_cast<int>(requests.size()), [&] {
      for (auto& request : requests) runner_.generate(std::move(request));
    });
    return done_;
  }
  // One vector a text. Errors: as the runner's.
  Result<std::vector<std::vector<float>>> embed(std::vector<std::string> texts) {
    vectors_.clear();
    auto ran = wait_for(1, [&] { runner_.embed({ModelId("m"), std::move(texts)}); });
    if (!ran) return std::unexpected(ran.error());
    return std::move(vectors_);
  }

 private:
  Result<> wait_for(int count, const std::function<void()>& order) {
    error_.reset();
    std::latch latch(count);
    latch_ = &latch;
    order();
    latch.wait();
    if (error_) return std::unexpected(*error_);
    return {};
  }
  void take(wire::WorkerEvent event) {
    if (auto* one = std::get_if<wire::Embedding>(&event)) {
      vectors_.push_back(std::move(one->vector));
      return;
    }
    const auto* done = std::get_if<wire::Done>(&event);
    const auto* failed = std::get_if<wire::Failed>(&event);
    if (done != nullptr) done_.push_back(*done);
    if (failed != nullptr) error_ = failed->error;
    const bool last =
        done != nullptr || failed != nullptr || std::holds_alternative<wire::Loaded>(event);
    if (last) latch_.load()->count_down();
  }

  std::atomic<std::latch*> latch_{nullptr};
  // Written by the runner's thread, read after the latch.
  std::vector<wire::Done> done_;
  std::vector<std::vector<float>> vectors_;
  std::optional<Error> error_;
  Runner runner_;
};

}  // namespace kai::bench
