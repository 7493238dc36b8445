#include "api/recap.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace kai {

namespace {

// Notices kept of a running question: more would tell nothing new.
constexpr std::ptrdiff_t notices_max = 16;

// The member that an event is about; null: none.
struct About {
  const MemberId* operator()(const event::Queued& e) const { return &e.member; }
  const MemberId* operator()(const event::Loading& e) const { return &e.member; }
  const MemberId* operator()(const event::Prefill& e) const { return &e.member; }
  const MemberId* operator()(const event::Token& e) const { return &e.member; }
  const MemberId* operator()(const event::Testing& e) const { return &e.member; }
  const MemberId* operator()(const event::Ended& e) const { return &e.answer.member; }
  const MemberId* operator()(const auto&) const { return nullptr; }
};

const MemberId* member_of(const Event& event) {
  return std::visit(About{}, event.what);
}

// Of the same kind and member.
bool alike(const Event& one, const Event& other) {
  if (one.what.index() != other.what.index()) return false;
  const MemberId* member = member_of(one);
  return member == nullptr || *member == *member_of(other);
}

// Puts what `event` says behind or in place of what `kept`, which is alike, says.
void merge(Event& kept, const Event& event) {
  kept.at = event.at;
  if (const auto* words = std::get_if<event::Token>(&event.what)) {
    std::get<event::Token>(kept.what).text += words->text;
    return;
  }
  const auto* draft = std::get_if<event::Draft>(&event.what);
  if (draft == nullptr || draft->anew) {
    kept.what = event.what;
    return;
  }
  std::get<event::Draft>(kept.what).text += draft->text;
}

void take_or_merge(std::vector<Event>& events, const Event& event) {
  const auto kept =
      std::ranges::find_if(events, [&](const Event& other) { return alike(other, event); });
  if (kept == events.end()) {
    events.push_back(event);
  } else {
    merge(*kept, event);
  }
}

}  // namespace

bool EventBatch::take(const Event& event) {
  const bool often = std::holds_alternative<event::Token>(event.what) ||
                     std::holds_alternative<event::Draft>(event.what) ||
                     std::holds_alternative<event::Loading>(event.what) ||
                     std::holds_alternative<event::Prefill>(event.what);
  if (often) take_or_merge(events_, event);
  return often;
}

std::vector<Event> EventBatch::empty_out() {
  return std::exchange(events_, {});
}

void Recap::take(const Event& event) {
  if (std::holds_alternative<event::Completed>(event.what)) {
    events_ = {event};
  } else if (std::holds_alternative<event::Fallback>(event.what) ||
             std::holds_alternative<event::DeviceChanged>(event.what)) {
    const auto same = std::ranges::count_if(
        events_, [&](const Event& other) { return other.what.index() == event.what.index(); });
    if (same < notices_max) events_.push_back(event);
  } else if (const MemberId* member = member_of(event)) {
    // A member's last step alone counts; its words stay until its end, which has them too.
    const bool words = std::holds_alternative<event::Token>(event.what);
    std::erase_if(events_, [&](const Event& other) {
      const MemberId* whose = member_of(other);
      if (whose == nullptr || *whose != *member) return false;
      return !(words && std::holds_alternative<event::Token>(other.what));
    });
    take_or_merge(events_, event);
  } else {
    take_or_merge(events_, event);
  }
}

}  // namespace kai
