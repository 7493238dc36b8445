// MachineLock: lets several kai on one machine take turns on its devices, so that their threads
// together never exceed the cores. A lock file a device, freed by the kernel when its holder dies.
// Questions of one kai share what it holds: their turns are the scheduler's to give.
#pragma once

#include <functional>
#include <map>
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

  // The devices are ours until the last of these dies. The lock must outlive it.
  class Held {
   public:
    Held(MachineLock* lock, std::vector<DeviceId> devices)
        : lock_(lock), devices_(std::move(devices)) {}
    Held(Held&& other) noexcept : lock_(other.lock_), devices_(std::exchange(other.devices_, {})) {}
    Held& operator=(Held&&) = delete;
    ~Held() { lock_->give_back(devices_); }

   private:
    MachineLock* lock_;
    std::vector<DeviceId> devices_;
  };

  // Called once if it has to wait, with a sentence that names the process that holds the device.
  using OnWait = std::function<void(std::string)>;

  // Errors: overloaded (another kai holds a device until `until`; the message says which process
  // and what to do), cancelled, storage (the folder cannot be written).
  Task<Result<Held>> hold(std::vector<DeviceId> devices, Time until, OnWait on_wait);

 private:
  // A lock file that this process has locked, for so many holders.
  struct Ours {
    int file = -1;
    int holders = 0;
  };
  Result<bool> take(const DeviceId& device);
  void give_back(const std::vector<DeviceId>& devices);
  std::string holder_of(const DeviceId& device) const;

  std::string folder_;
  Clock& clock_;
  std::map<DeviceId, Ours> ours_;
};

}  // namespace kai
