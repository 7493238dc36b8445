// Files of models that a question loads later, read into the page cache before.
#include <algorithm>

#include "coordinator/housekeeper.h"
#include "engines/cached_file.h"

namespace kai {

namespace {

constexpr Duration look_again = std::chrono::milliseconds(10);
// A piece that is not there by then: the disk has more urgent things to do.
constexpr Duration piece_max = std::chrono::seconds(5);
constexpr int pieces_at_once = 8;  // where all is in memory already, before others have their turn

}  // namespace

// A load that needs the disk has it for itself.
bool Housekeeper::something_loads() const {
  const Ledger& ledger = crew_.scheduler.ledger();
  for (const auto& device : crew_.fleet.devices) {
    for (int lane = 0; lane < device.lanes; ++lane) {
      if (ledger.loads({device.id, lane})) return true;
    }
  }
  return false;
}

const Model* Housekeeper::next_file() const {
  if (coordinator_.answering() == 0 || left_ <= Bytes{} || something_loads()) return nullptr;
  for (const auto& ask : coordinator_.asked_last()) {
    if (done_.contains(ask.model) || lies_somewhere(ask.model)) continue;
    const auto model = std::ranges::find(crew_.fleet.models, ask.model, &Model::id);
    if (model != crew_.fleet.models.end()) return &*model;
  }
  return nullptr;
}

Task<bool> Housekeeper::read_ahead() {
  if (!options_.read_ahead || !host_) co_return true;
  while (!co_await cancelled()) {
    if (files_of_ != coordinator_.planned()) {
      files_of_ = coordinator_.planned();
      const double share = static_cast<double>(host_().count) * options_.host_share;
      left_ = Bytes(static_cast<std::int64_t>(share));
      read_.clear();
      done_.clear();
    }
    if (const Model* model = next_file()) {
      co_await read_file(*model);
    } else {
      co_await crew_.clock.sleep_on(files_stirred_, Time::max());
    }
  }
  co_return true;
}

// As far as nothing loads, and no further than one piece ahead of the disk.
Task<void> Housekeeper::read_file(Model model) {
  const auto file = CachedFile::open(model.path);
  Bytes at = read_[model.id];
  int pieces = 0;
  while (file && at < file->size() && left_ > Bytes{}) {
    const Bytes length = std::min({options_.piece, left_, file->size() - at});
    file->want(at, length);
    const Time latest = crew_.clock.now() + piece_max;
    auto there = file->has(at + length - Bytes(1));
    const bool waited = there != true;
    while (there == false && crew_.clock.now() < latest && !co_await cancelled()) {
      co_await crew_.clock.sleep_until(crew_.clock.now() + look_again);
      there = file->has(at + length - Bytes(1));
    }
    at += length;
    left_ -= length;
    read_[model.id] = at;
    if (there != true) break;  // too slow, or nobody can tell how fast it goes
    if (!waited && ++pieces % pieces_at_once == 0) {
      co_await crew_.clock.sleep_until(crew_.clock.now());
    }
    const Model* next = next_file();
    if (co_await cancelled() || next == nullptr || next->id != model.id) co_return;
  }
  done_.insert(model.id);
}

}  // namespace kai
