// MachineLock: lets several kai on one machine take turns on its devices, so that their threads
// together never exceed the cores. A lock file a device, freed by the kernel when its holder dies.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/task.h"

namespace kai {

class MachineLock {
 public:
  // Lock files lie in `folder` (exists, private to the user); empty: nothing to share with, every
  // hold() succeeds at once.
  MachineLock(std::string folder, Clock& clock) : folder_(std::move(folder)), clock_(clock) {}

  // The devices are ours until this dies.
  class Held {
   public:
    explicit Held(std::vector<int> files) : files_(std::move(files)) {}
    Held(Held&& other) noexcept : files_(std::exchange(other.files_, {})) {}
    Held& operator=(Held&&) = delete;
    ~Held();

   private:
    std::vector<int> files_;
  };

  // Called once if it has to wait, with a sentence that names the process that holds the device.
  using OnWait = std::function<void(std::string)>;

  // Errors: overloaded (another kai holds a device until `until`; the message says which process
  // and what to do), cancelled, storage (the folder cannot be written).
  Task<Result<Held>> hold(std::vector<DeviceId> devices, Time until, OnWait on_wait);

 private:
  std::string folder_;
  Clock& clock_;
};

}  // namespace kai
