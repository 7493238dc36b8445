// Whatever is said comes back as it was said; whatever is cut off is refused.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <utf8.h>

#include <cmath>

#include "wire/json.h"
#include "wire/worker_protocol.h"

namespace kai::wire {
namespace {

// Any text as it may be sent: valid UTF-8, controls and all.
std::string any_text() {
  return valid_utf8(*rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
}
// Of few digits: of more than 15 the last may be read as another.
double any_number(int min, int max) {
  return *rc::gen::inRange(min * 1'000'000, max * 1'000'000 + 1) / 1e6;
}
double any_share() {
  return any_number(0, 1);
}
std::int64_t any_count() {
  return *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62);
}
// In the microseconds that the wire keeps.
Duration any_time() {
  return std::chrono::microseconds(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
}
Footprint any_footprint() {
  return {Bytes(any_count()), Bytes(any_count()), Bytes(any_count())};
}

// Any bytes: a token need not be UTF-8.
TokenChance any_chance() {
  auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  bytes.resize(std::min<std::size_t>(bytes.size(), 256));
  return {std::move(bytes), any_number(-1000, 0)};
}
Odds any_odds() {
  Odds odds{{any_chance(), {}}};
  for (int count = *rc::gen::inRange(0, 21); count > 0; --count) {
    odds.token.likeliest.push_back(any_chance());
  }
  return odds;
}

WorkerEvent any_event() {
  switch (*rc::gen::inRange(0, 9)) {
    case 0: return Beat{any_count()};
    case 1: return Progress{any_share()};
    case 2: return Loaded{any_footprint(), any_time()};
    case 3: return Prefill{any_share()};
    case 4: return Piece{any_text()};
    case 5: {
      Done done{static_cast<Ending>(*rc::gen::inRange(0, 5)),
                {Tokens(any_count()), Tokens(any_count())},
                any_time(),
                any_time(),
                std::nullopt};
      if (*rc::gen::arbitrary<bool>()) done.logprob_mean = any_number(-1000, 0);
      return done;
    }
    case 6: return any_odds();
    case 7: {
      Embedding embedding;
      for (int count = *rc::gen::inRange(1, 50); count > 0; --count) {
        embedding.vector.push_back(static_cast<float>(any_number(-1, 1)));
      }
      return embedding;
    }
    default: {
      const int last = static_cast<int>(ErrorCode::internal);
      return Failed{{static_cast<ErrorCode>(*rc::gen::inRange(0, last + 1)), any_text()}};
    }
  }
}

GenerateRequest any_request() {
  GenerateRequest request;
  request.model = ModelId(any_text());
  for (int count = *rc::gen::inRange(1, 4); count > 0; --count) {
    request.messages.push_back({static_cast<Role>(*rc::gen::inRange(0, 3)), any_text()});
  }
  request.chat = {any_text(),
                  any_text(),
                  {any_text(), any_text()},
                  {any_text(), any_text()},
                  {any_text(), any_text()},
                  {any_text()}};
  request.sampling = {.temperature = any_number(0, 5),
                      .top_k = *rc::gen::inRange(0, 1 << 20),
                      .top_p = any_share(),
                      .min_p = any_share(),
                      .repeat_penalty = any_number(1, 2),
                      .seed = *rc::gen::arbitrary<std::uint64_t>(),
                      .form = {.grammar = any_text(), .schema = ""},
                      .stop = {any_text(), any_text()},
                      .top_logprobs = *rc::gen::inRange(0, 21)};
  request.answer_max = Tokens(*rc::gen::inRange(1, 1 << 20));
  request.limit = any_time();
  return request;
}

// Every beginning of a line is no line: a worker that dies while it writes is noticed.
template <class Decode>
void check_cut(const std::string& line, Decode decode) {
  const auto size = *rc::gen::inRange<std::size_t>(0, line.size());
  RC_ASSERT(!decode(std::string_view(line).substr(0, size)));
}

RC_GTEST_PROP(WorkerProtocolProperty, EventsComeBack, ()) {
  const std::string line = encode(any_event());
  RC_ASSERT(line.find('\n') == std::string::npos);
  RC_ASSERT(utf8::is_valid(line.begin(), line.end()));
  const auto back = decode_event(line);
  RC_ASSERT(back.has_value());
  RC_ASSERT(encode(*back) == line);
  check_cut(line, decode_event);
}

RC_GTEST_PROP(WorkerProtocolProperty, RequestsComeBack, ()) {
  const GenerateRequest request = any_request();
  const std::string line = encode(request);
  RC_ASSERT(line.find('\n') == std::string::npos);
  const auto back = decode_generate(line);
  RC_ASSERT(back.has_value());
  RC_ASSERT(encode(*back) == line);
  RC_ASSERT(back->sampling.seed == request.sampling.seed);
  RC_ASSERT(back->chat.stop == request.chat.stop);
  RC_ASSERT(back->messages.back().text == request.messages.back().text);
  check_cut(line, decode_generate);
}

RC_GTEST_PROP(WorkerProtocolProperty, TextsToEmbedComeBack, ()) {
  EmbedRequest request{ModelId(any_text()), {any_text()}};
  for (int count = *rc::gen::inRange(0, 4); count > 0; --count) request.texts.push_back(any_text());
  const auto back = decode_embed(encode(request));
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->texts == request.texts);
  RC_ASSERT(back->model == request.model);
  check_cut(encode(request), decode_embed);
}

RC_GTEST_PROP(WorkerProtocolProperty, LoadsAndStatusComeBack, ()) {
  const LoadRequest load{ModelId(any_text()), any_text(), Tokens(*rc::gen::inRange(1, 1 << 20)),
                         *rc::gen::inRange(1, 65)};
  const auto load_back = decode_load(encode(load));
  RC_ASSERT(load_back.has_value());
  RC_ASSERT(encode(*load_back) == encode(load));
  check_cut(encode(load), decode_load);

  const Status status{any_count(),
                      *rc::gen::inRange(0, 4097),
                      {{ModelId(any_text()), any_footprint(), Tokens(64), 2, 1}}};
  const auto status_back = decode_status(encode(status));
  RC_ASSERT(status_back.has_value());
  RC_ASSERT(encode(*status_back) == encode(status));
  check_cut(encode(status), decode_status);
}

RC_GTEST_PROP(WorkerProtocolProperty, DevicesComeBack, ()) {
  const std::vector<DeviceFacts> devices{{any_text(), DeviceKind::gpu, any_text(),
                                          Bytes(any_count()), Bytes(any_count()), any_text(),
                                          any_text()}};
  const auto back = decode_devices(encode(devices));
  RC_ASSERT(back.has_value());
  RC_ASSERT(encode(*back) == encode(devices));
  check_cut(encode(devices), decode_devices);
}

RC_GTEST_PROP(WorkerProtocolProperty, AnyNumberIsWrittenAsJson, (double number)) {
  const std::string line = encode(WorkerEvent{Progress{number}});
  const auto value = parse(line);
  RC_ASSERT(value.has_value());
}

}  // namespace
}  // namespace kai::wire
