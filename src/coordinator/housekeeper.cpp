#include "coordinator/housekeeper.h"

#include <fmt/format.h>

#include <algorithm>

namespace kai {

namespace {

// While a question is being answered, or another kai has the devices.
constexpr Duration look_again = std::chrono::milliseconds(500);

std::string left_words(const Room::Resident& resident, Duration unused) {
  return fmt::format("{} left {}: nobody has asked for it for {:.0f} s", resident.model.text,
                     resident.lane.device.text, seconds(unused));
}

}  // namespace

Housekeeper::Housekeeper(Crew crew, Coordinator& coordinator, HouseOptions options, HostMemory host)
    : crew_(std::move(crew)),
      coordinator_(coordinator),
      options_(options),
      host_(std::move(host)),
      since_(crew_.clock.now()) {
  crew_.scheduler.on_change([this] {
    stirred_.resume();
    files_stirred_.resume();
  });
}

Housekeeper::~Housekeeper() {
  crew_.scheduler.on_change({});
}

Task<bool> Housekeeper::run(OnNotice on_notice) {
  since_ = crew_.clock.now();
  remember_history();
  while (!ended_ && !co_await cancelled()) {
    const bool leave = options_.idle_unload > Duration::zero();
    const Duration after = leave ? options_.idle_unload : Duration::max();
    const auto gone = co_await crew_.scheduler.unload_unused(after, options_.unload_max);
    Time next = gone.look_again;
    for (std::size_t at = 0; at < gone.models.size(); ++at) {
      if (on_notice) on_notice(left_words(gone.models[at], gone.unused[at]));
    }
    note_questions();
    for (std::size_t at = 0; at < gone.models.size(); ++at) {
      if (gone.unused[at] < after) leave_out(gone.models[at].model);
    }
    if (wanted_ && !wanted_loaded_) {
      co_await load_wanted(on_notice);
      continue;
    }
    if (likely()) {
      const bool may = co_await may_load();
      auto what = may ? likely() : std::nullopt;  // the devices may have less by now
      if (what) {
        co_await load_ahead(*std::move(what), on_notice);
        continue;
      }
      next = std::min(next, crew_.clock.now() + look_again);
    }
    if (coordinator_.answering() > 0) next = std::min(next, crew_.clock.now() + look_again);
    if (wanted_ && !wanted_loaded_) continue;
    if (!co_await cancelled()) co_await crew_.clock.sleep_on(stirred_, next);
  }
  co_return true;
}

// The answers of earlier runs, the oldest first: a question's id begins with its time.
void Housekeeper::remember_history() {
  if (options_.history <= 0) return;
  std::vector<Lesson> lessons;
  for (const Shape shape :
       {Shape::choice, Shape::number, Shape::short_text, Shape::code, Shape::open}) {
    auto some = crew_.store.lessons(shape, {options_.history, options_.history});
    if (!some) return;  // the store says itself what is wrong with it
    std::ranges::move(*some, std::back_inserter(lessons));
  }
  const auto count = std::min(lessons.size(), static_cast<std::size_t>(options_.history));
  std::ranges::sort(lessons, std::greater{}, [](const Lesson& one) { return one.recorded.id; });
  lessons.resize(count);
  const auto cards = coordinator_.askable();
  for (auto lesson = lessons.rbegin(); lesson != lessons.rend(); ++lesson) {
    for (const auto& answer : lesson->recorded.answers) {
      const auto card = std::ranges::find_if(cards, [&](const CostCard& one) {
        return one.model == answer.model && one.device == answer.device;
      });
      if (card != cards.end()) {
        crew_.scheduler.remember_use(answer.device, answer.model, card->load);
      }
    }
  }
}

void Housekeeper::note_questions() {
  if (coordinator_.planned() == planned_) return;
  planned_ = coordinator_.planned();
  since_ = crew_.clock.now();
  tried_.clear();
  ahead_.clear();
}

bool Housekeeper::lies_somewhere(const ModelId& model) const {
  const Ledger& ledger = crew_.scheduler.ledger();
  return std::ranges::any_of(crew_.fleet.devices,
                             [&](const Device& device) { return ledger.has(device.id, model); });
}

// What the card's model would be loaded with; asked: by the last question, null: it did not.
// Nothing: it is not to be loaded there.
std::optional<Claim> Housekeeper::claim_of(const CostCard& card, const Ask* asked) const {
  const auto model = std::ranges::find(crew_.fleet.models, card.model, &Model::id);
  if (model == crew_.fleet.models.end() || model->remote()) return std::nullopt;
  if (tried_.contains(card.model) || lies_somewhere(card.model)) return std::nullopt;
  Claim claim{card.device, card.model, {}, options_.context, 1, 1, false, card.load};
  if (model->facts.context_max > Tokens(0)) {
    claim.context = std::min(claim.context, model->facts.context_max);
  }
  if (asked != nullptr) {
    claim.context = asked->context;
    claim.sequences = asked->sequences;
  }
  claim.bytes = memory_need(card, claim.context, claim.sequences);
  return claim;
}

std::optional<Housekeeper::Likely> Housekeeper::likely() const {
  const bool over =
      options_.idle_unload > Duration::zero() && crew_.clock.now() - since_ >= options_.idle_unload;
  if (over || !options_.preload.on || coordinator_.answering() > 0) return std::nullopt;
  std::vector<PreloadCandidate> candidates;
  std::vector<Claim> claims;
  const auto add = [&](const CostCard& card, const Ask* asked) {
    const auto claim = claim_of(card, asked);
    if (!claim) return;
    claims.push_back(*claim);
    candidates.push_back({card.model, card.device, claim->bytes, asked != nullptr,
                          crew_.scheduler.ledger().worth(card.device, card.model, claim->bytes)});
  };
  const auto cards = coordinator_.askable();
  for (const auto& ask : coordinator_.asked_last()) {
    if (ask.share < 1) continue;
    for (const auto& card : cards) {
      if (card.model == ask.model && card.device == ask.device) add(card, &ask);
    }
  }
  for (const auto& card : cards) add(card, nullptr);
  auto shelves = crew_.scheduler.shelves();
  for (auto& shelf : shelves) {
    const auto device = std::ranges::find(crew_.fleet.devices, shelf.device, &Device::id);
    const auto ahead = ahead_.find(shelf.device);
    if (ahead != ahead_.end()) shelf.ahead = ahead->second;
    // Others have some of it.
    if (shelf.capacity < device->capacity) shelf.open = false;
    if (device->kind == DeviceKind::cpu && host_) {
      const double left = static_cast<double>(host_().count) * options_.host_share;
      shelf.free = std::min(shelf.free, Bytes(static_cast<std::int64_t>(left)));
    }
  }
  const auto next =
      next_preload(candidates, shelves, static_cast<int>(tried_.size()), options_.preload);
  if (!next) return std::nullopt;
  const Claim& claim = claims[*next];
  return Likely{claim, *std::ranges::find(crew_.fleet.models, claim.model, &Model::id)};
}

// Not where another kai answers, which needs the machine for itself. Looks at the devices' memory,
// which a question does itself.
Task<bool> Housekeeper::may_load() {
  if (coordinator_.answering() > 0) co_return true;  // the devices are this kai's
  co_await coordinator_.look_at_devices();
  co_return (co_await crew_.lock.hold(devices_here(crew_.fleet), crew_.clock.now(), {}))
      .has_value();
}

Task<bool> Housekeeper::load_and_tell(Claim claim, Model model) {
  // Whoever waits for it has to hear of a fault, too.
  try {
    loaded_ =
        co_await crew_.scheduler.load_ahead(claim, model, crew_.clock.now() + options_.load_max);
  } catch (const std::exception& error) {
    loaded_ = fail(ErrorCode::internal, error.what());
  }
  stirred_.resume();
  co_return true;
}

Task<void> Housekeeper::load_ahead(Likely what, const OnNotice& on_notice) {
  const Claim claim = what.claim;
  tried_.insert(claim.model);
  loaded_.reset();
  TaskGroup<bool> loading(crew_.executor);
  loading.start(load_and_tell(claim, std::move(what.model)));
  while (!loaded_ && !ended_) {
    co_await crew_.clock.sleep_on(stirred_, Time::max());
    ended_ = co_await cancelled();
    if (crew_.scheduler.ahead_is_in_the_way()) loading.cancel_all();
  }
  co_await loading.join();
  if (*loaded_) {
    ahead_[claim.device] += claim.bytes;
    if (on_notice) {
      on_notice(fmt::format("{} was loaded ahead on {} in {:.1f} s", claim.model.text,
                            claim.device.text, seconds((*loaded_)->load)));
    }
    co_return;
  }
  coordinator_.note_load_ahead(claim.model, claim.device, loaded_->error());
  // It would have been asked: once nobody needs the room, it is worth another try.
  if (loaded_->error().code == ErrorCode::cancelled) tried_.erase(claim.model);
}

}  // namespace kai
