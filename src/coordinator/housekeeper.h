// Housekeeper: what a process that lives long does about its models beside answering: who is likely
// to be asked next is loaded into memory that is free, who is not asked any more leaves. And beside
// a question, in any process: files that its plan loads later are read into the page cache.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "coordinator/coordinator.h"
#include "scheduler/preload.h"

namespace kai {

struct HouseOptions {
  // A model that nobody has asked for so long is unloaded; 0: never. 0..30 days.
  Duration idle_unload = std::chrono::minutes(10);
  Duration unload_max = std::chrono::seconds(5);  // for one of them, 1..60 s
  PreloadOptions preload;
  Duration load_max = std::chrono::minutes(5);  // for one load ahead, 1 s..1 h
  // A model is loaded for so long a conversation that no plan of this run was for; 1..
  Tokens context{1024};
  int history = 32;         // questions of earlier runs that say what is likely, 0..1000
  bool read_ahead = false;  // files, into the page cache
  Bytes piece{4'000'000};   // of a file that is read ahead at once, 1 MB..64 MB
  // Of the memory that the machine has left: for one load on the CPU, and for the files that are
  // read ahead for one question; 0..1.
  double host_share = 0.5;
};

class Housekeeper {
 public:
  // Sentences for people, of what was done.
  using OnNotice = std::function<void(std::string)>;
  // What the machine has left for programs; nothing: nobody looks.
  using HostMemory = std::function<Bytes()>;

  // crew's and coordinator must outlive it.
  Housekeeper(Crew crew, Coordinator& coordinator, HouseOptions options, HostMemory host = {});
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;
  ~Housekeeper();

  // Runs beside the questions until it is cancelled, which it follows at once: an unload that is
  // cut costs the lane that it is on. Until so long after the last question as idle models stay, it
  // loads ahead what is likely to be asked, and gives that up as soon as somebody needs the room.
  Task<bool> run(OnNotice on_notice);
  // Until it is cancelled: while a question's models answer and none loads, the files of those that
  // it loads later are read into the page cache, the next one first, piece by piece as the disk
  // keeps up. Without HostMemory nothing is.
  Task<bool> read_ahead();

  // Has run() load a model because somebody says so: on the device where it writes fastest of those
  // with a free lane and memory. Nothing is evicted, and a question that needs the room ends it.
  // One at a time. Errors: not_found, invalid_request (a host has it), overloaded (it is loaded
  // already, another one is being loaded so, a question needs the room, or `until` has come),
  // nothing_fits (no device has the room now), cancelled, and those of Residence::load().
  Task<Result<Residence::Loaded>> load(ModelId model, Time until);
  // Until the next question it is not loaded ahead: somebody said that it shall go.
  void leave_out(const ModelId& model) { tried_.insert(model); }

 private:
  struct Likely {
    Claim claim;
    Model model;
  };
  void remember_history();
  void note_questions();
  Task<bool> may_load();
  std::optional<Likely> likely() const;
  std::optional<Claim> claim_of(const CostCard& card, const Ask* asked) const;
  bool lies_somewhere(const ModelId& model) const;
  Result<Likely> place_for(const ModelId& model) const;
  Task<void> load_wanted(const OnNotice& on_notice);
  Task<void> load_ahead(Likely what, const OnNotice& on_notice);
  Task<bool> load_and_tell(Claim claim, Model model);
  bool something_loads() const;
  const Model* next_file() const;
  Task<void> read_file(Model model);

  Crew crew_;
  Coordinator& coordinator_;
  HouseOptions options_;
  HostMemory host_;
  Wait stirred_;
  bool ended_ = false;  // it was cancelled, which a join() would forget
  std::optional<Result<Residence::Loaded>> loaded_;  // of the load under way, once it is over
  // By load():
  std::optional<ModelId> wanted_;
  std::optional<Result<Residence::Loaded>> wanted_loaded_;  // once it is over
  Wait wanted_over_;
  // Since the last question:
  std::uint64_t planned_ = 0;
  Time since_;
  std::set<ModelId> tried_;
  std::map<DeviceId, Bytes> ahead_;
  // Of the files, for the last plan:
  Wait files_stirred_;
  std::uint64_t files_of_ = 0;     // which plan
  Bytes left_{};                   // that may still be read ahead
  std::map<ModelId, Bytes> read_;  // so far
  std::set<ModelId> done_;         // all of it, or as far as was possible
};

}  // namespace kai
