// kai's own protocol: what its clients send, and what a client of its reads.
#include "wire/native_api.h"

#include "http/parameters.h"
#include "tests/fuzz/fuzz.h"
#include "wire/documents.h"
#include "wire/told.h"
#include "wire/told_again.h"
#include "wire/upkeep.h"

namespace {

using namespace kai;
namespace native = wire::native;

void asking(std::string_view text) {
  const auto asking = native::decode_asking(text);
  if (!asking) return fuzz::check(asking.error(), ErrorCode::invalid_request);
  const auto& chat = asking->chat;
  ensure(!chat.messages.empty() && chat.messages.size() <= wire::chat_messages_max, "no question");
  ensure(chat.messages.back().role == Role::user, "the last word is not the user's");
  ensure(chat.members.size() <= 12, "too many members");
  if (chat.deadline) ensure(*chat.deadline > Duration::zero(), "no time at all");
}

void told_again(std::string_view text) {
  const auto told = wire::tell_again(text);
  if (!told) return fuzz::check(told.error(), ErrorCode::invalid_request);
  ensure(!told->events.empty(), "a question without its first event");
  for (const auto& event : told->events) {
    ensure(fuzz::is_utf8(event.text), "an event that is no UTF-8");
    ensure(event.text.find('\n') == std::string::npos, "an event of two lines");
  }
}

template <class T>
void check(const Result<T>& result) {
  if (!result) fuzz::check(result.error(), ErrorCode::invalid_request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  asking(text);
  told_again(text);
  check(native::decode_feedback(text));
  check(native::decode_replaying(text));
  check(native::asking_again(text, {}));
  check(native::decode_taken(text));
  check(wire::decode_model_named(text));
  check(wire::decode_event(text, {}));
  check(http::parameters_of(text));
  (void)native::decode_refusal(text);
  return 0;
}
