// Every line that kai and its workers take from each other: refused with the field's name, or read
// and then written in a form that reads back.
#include "wire/worker_protocol.h"

#include "tests/fuzz/fuzz.h"
#include "wire/machine.h"

namespace {

using namespace kai;

template <class Decode, class Encode>
void round_trip(std::string_view text, Decode decode, Encode encode) {
  const auto first = decode(text);
  if (!first) return fuzz::check(first.error(), ErrorCode::invalid_request);
  const std::string line = encode(*first);
  ensure(fuzz::is_utf8(line), "a line that is no UTF-8");
  ensure(line.find('\n') == std::string::npos, "a line's end within a line");
  ensure(decode(line).has_value(), "a line that does not read back");
}

constexpr auto encode_any = [](const auto& what) { return wire::encode(what); };

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  round_trip(text, wire::decode_event, encode_any);
  round_trip(text, wire::decode_load, encode_any);
  round_trip(text, wire::decode_generate, encode_any);
  round_trip(text, wire::decode_embed, encode_any);
  round_trip(text, wire::decode_status, encode_any);
  round_trip(text, wire::decode_devices, encode_any);
  round_trip(text, wire::decode_nvidia, encode_any);
  if (const auto speed = wire::decode_speed(text)) {
    ensure(wire::decode_speed(wire::encode(*speed)).has_value(), "a speed that does not read back");
  }
  round_trip(text, wire::decode_unload, wire::encode_unload);
  return 0;
}
