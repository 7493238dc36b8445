// Models that are loaded because somebody says so.
#include <algorithm>

#include "coordinator/housekeeper.h"

namespace kai {

namespace {

std::unexpected<Error> no_room(const ModelId& model) {
  return fail(ErrorCode::nothing_fits,
              "no device has room for " + model.text + " now; unload another model first");
}

}  // namespace

Task<Result<Residence::Loaded>> Housekeeper::load(ModelId model, Time until) {
  if (auto place = place_for(model); !place && place.error().code != ErrorCode::nothing_fits) {
    co_return std::unexpected(place.error());
  }
  if (wanted_) {
    co_return fail(ErrorCode::overloaded,
                   wanted_->text + " is being loaded; try again once it is there");
  }
  wanted_ = model;
  wanted_loaded_.reset();
  stirred_.resume();
  while (!wanted_loaded_ && crew_.clock.now() < until) {
    co_await crew_.clock.sleep_on(wanted_over_, until);
    if (co_await cancelled()) break;
  }
  wanted_.reset();
  if (wanted_loaded_) co_return *std::exchange(wanted_loaded_, {});
  co_return fail(ErrorCode::overloaded, model.text + " was not loaded in time; try again");
}

// Where it would be loaded. Errors: as load() says.
Result<Housekeeper::Likely> Housekeeper::place_for(const ModelId& model) const {
  const auto found = std::ranges::find(crew_.fleet.models, model, &Model::id);
  if (found == crew_.fleet.models.end() || !found->refused.empty()) {
    return fail(ErrorCode::not_found, "there is no model " + model.text + " that could be loaded");
  }
  if (found->remote()) {
    return fail(ErrorCode::invalid_request,
                model.text + " belongs to an engine of others, which loads it by itself");
  }
  if (lies_somewhere(model)) {
    return fail(ErrorCode::overloaded, model.text + " is loaded already");
  }
  auto cards = coordinator_.askable();
  std::ranges::sort(cards, std::greater{}, &CostCard::decode_rate);
  for (const auto& card : cards) {
    if (card.model != model) continue;
    auto claim = claim_of(card, nullptr);
    if (!claim) continue;
    claim->ahead = true;
    const Room room = crew_.scheduler.ledger().room_for(*claim);
    const auto device = std::ranges::find(crew_.fleet.devices, card.device, &Device::id);
    const bool crowded =
        device->kind == DeviceKind::cpu && host_ && host_().count < claim->bytes.count;
    if (room.kind == Room::Kind::load && room.evict.empty() && !crowded) {
      return Likely{*claim, *found};
    }
  }
  return no_room(model);
}

Task<void> Housekeeper::load_wanted(const OnNotice& on_notice) {
  const ModelId model = *wanted_;
  tried_.erase(model);
  Result<Residence::Loaded> loaded =
      fail(ErrorCode::overloaded, "another kai has the machine; try again later");
  if (co_await may_load()) {
    if (auto place = place_for(model); !place) {
      loaded = std::unexpected(place.error());
    } else {
      co_await load_ahead(*std::move(place), on_notice);
      loaded = *loaded_;
      if (!loaded && loaded.error().code == ErrorCode::cancelled) {
        loaded = fail(ErrorCode::overloaded,
                      "a question needed the room of " + model.text + "; try again later");
      }
    }
  }
  if (wanted_ != model) co_return;  // whoever wanted it has left
  wanted_loaded_ = std::move(loaded);
  wanted_over_.resume();
}

}  // namespace kai
