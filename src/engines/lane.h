// Lane: one worker process, bound to one device, restarted when it dies or hangs.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "http/http.h"
#include "wire/worker_protocol.h"

namespace kai {

struct LaneOptions {
  std::string worker;                              // path of kai-worker
  std::string folder;                              // for sockets and last words; exists, private
  Duration start_max = std::chrono::seconds(20);   // from start to "ready", 1..300 s
  Duration silence_max = std::chrono::seconds(4);  // without a beat: hung, 2..60 s
  // Beats, but no step done: wedged. At least, and at most; between them it goes by what the cost
  // card says of a load, a prompt or a token. 1..600 s, 5..3600 s.
  Duration step_min = std::chrono::seconds(20);
  Duration step_max = std::chrono::seconds(60);
  Duration pause_first = std::chrono::milliseconds(100);  // before a restart; doubles, with …
  Duration pause_max = std::chrono::seconds(30);          // … this as its bound
};

// One stream of worker events, watched for hangs. Destroying it cancels what it was about.
class LaneStream {
 public:
  virtual ~LaneStream() = default;
  // The next event other than Beat. Errors: deadline, cancelled, lane_lost (it died, or was found
  // hung and killed), and what the worker answered.
  virtual Task<Result<wire::WorkerEvent>> next(Time until) = 0;
  // How long the worker may beat without a step from now on; never longer than step_max.
  virtual void allow(Duration step) = 0;
};

class Lane {
 public:
  virtual ~Lane() = default;  // kills the process

  // Sends a request, starting the process first where there is none. Errors: device_lost (it does
  // not start; not tried again before its pause is over), lane_lost, deadline, cancelled.
  virtual Task<Result<std::unique_ptr<LaneStream>>> open(http::Request request, Time until) = 0;
  // Ends the process now; the next open() starts another. What it held is gone.
  virtual void kill() = 0;
  // Whether a process runs, as far as is known.
  virtual bool runs() const = 0;
  // What the running process says of itself; it is left alone whatever becomes of that. Errors:
  // lane_lost (none runs, or it does not speak), deadline, cancelled.
  virtual Task<Result<wire::Status>> status(Time until) = 0;
  // At most so many threads of it compute from its next step on, >= 1; told only where it is news,
  // within silence_max. Where it fails, the stream that is open will say why.
  virtual Task<void> use_threads(int threads, Time until) = 0;
  // Counts the processes started so far: a change means that models loaded before are gone.
  virtual int starts() const = 0;
};

// `name` ("cpu.0") must be unique in the folder. `executor` and `clock` outlive the lane.
std::unique_ptr<Lane> make_lane(Executor executor, Clock& clock, std::string name,
                                std::string device, int threads, LaneOptions options);

}  // namespace kai
