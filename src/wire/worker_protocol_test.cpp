#include "wire/worker_protocol.h"

#include <gtest/gtest.h>

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

GenerateRequest request() {
  GenerateRequest request;
  request.model = ModelId("smollm2:135m");
  request.messages = {{Role::system, "Be brief."}, {Role::user, "Wie heißt die Hauptstadt?\n"}};
  request.chat.family = "chatml";
  request.chat.preamble = "p";
  request.chat.system = {"s<", ">s"};
  request.chat.user = {"u<", ">u"};
  request.chat.assistant = {"a<", ">a"};
  request.chat.stop = {"\n"};
  request.sampling = {.temperature = 0.7,
                      .top_k = 20,
                      .top_p = 0.9,
                      .min_p = 0.1,
                      .repeat_penalty = 1.1,
                      .seed = 18446744073709551615u,
                      .form = {.grammar = "root ::= \"yes\"", .schema = ""},
                      .stop = {"###"},
                      .top_logprobs = 3};
  request.answer_max = Tokens(128);
  request.limit = 1500ms;
  return request;
}

constexpr std::string_view golden_request =
    R"({"model":"smollm2:135m","messages":[{"role":"system","text":"Be brief."},)"
    R"({"role":"user","text":"Wie heißt die Hauptstadt?\n"}],"chat":{"family":"chatml",)"
    R"("preamble":"p","system":{"prefix":"s<","suffix":">s"},"user":{"prefix":"u<","suffix":">u"},)"
    R"("assistant":{"prefix":"a<","suffix":">a"},"stop":["\n"]},"sampling":{"temperature":0.7,)"
    R"("top_k":20,"top_p":0.9,"min_p":0.1,"repeat_penalty":1.1,"seed":"18446744073709551615",)"
    R"("grammar":"root ::= \"yes\"","stop":["###"],"top_logprobs":3},)"
    R"("answer_max":128,"limit_ms":1500})";

TEST(WorkerProtocol, EveryRequestHasItsGoldenLine) {
  EXPECT_EQ(encode(LoadRequest{ModelId("m:1b"), "/a b.gguf", Tokens(512), 3}),
            R"({"model":"m:1b","path":"/a b.gguf","context":512,"sequences":3,)"
            R"("gpu_layers":null})");
  const LoadRequest split{ModelId("m:1b"), "/a b.gguf", Tokens(512), 1, 20};
  const auto read = decode_load(encode(split));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->gpu_layers, 20);
  EXPECT_EQ(encode_unload(ModelId("m:1b")), R"({"model":"m:1b"})");
  EXPECT_EQ(encode(EmbedRequest{ModelId("e"), {"a", "é\n"}}),
            R"({"model":"e","texts":["a","é\n"]})");
  EXPECT_EQ(encode(request()), golden_request);
}

struct EventLine {
  WorkerEvent event;
  std::string_view line;
};
const std::vector<EventLine>& event_lines() {
  static const std::vector<EventLine> lines{
      {Beat{7}, R"({"beat":7})"},
      {Progress{0.25}, R"({"progress":0.25})"},
      {Loaded{{Bytes(1), Bytes(2), Bytes(3)}, 12ms},
       R"({"loaded":{"weights_bytes":1,"kv_bytes_per_token":2,"buffer_bytes":3,"load_ms":12}})"},
      {Prefill{1}, R"({"prefill":1})"},
      {Piece{"é\n"}, R"({"text":"é\n"})"},
      {Odds{{{"\xC3", -0.5}, {{" a", -0.25}}}},
       R"({"odds":{"bytes":"c3","logprob":-0.5,"likeliest":[{"bytes":"2061","logprob":-0.25}]}})"},
      {Embedding{{0.5F, -0.123456F, 0}}, R"({"embedding":[0.5,-0.123456,0]})"},
      {Done{Ending::token_limit, {Tokens(10), Tokens(20)}, 1ms, 2ms, -0.5},
       R"({"done":{"ending":"token_limit","prompt_tokens":10,"answer_tokens":20,)"
       R"("prefill_ms":1,"decode_ms":2,"logprob_mean":-0.5}})"},
      {Done{}, R"({"done":{"ending":"complete","prompt_tokens":0,"answer_tokens":0,)"
               R"("prefill_ms":0,"decode_ms":0,"logprob_mean":null}})"},
      {Failed{{ErrorCode::model_refused, "is damaged"}},
       R"({"error":{"code":"model_refused","message":"is damaged"}})"},
  };
  return lines;
}

TEST(WorkerProtocol, EveryEventHasItsGoldenLine) {
  for (const auto& [event, line] : event_lines()) EXPECT_EQ(encode(event), line);
}

TEST(WorkerProtocol, EveryEventIsReadBack) {
  for (const auto& [event, line] : event_lines()) {
    const auto back = decode_event(line);
    ASSERT_TRUE(back) << line << ": " << back.error().message;
    EXPECT_EQ(back->index(), event.index()) << line;
    EXPECT_EQ(encode(*back), line);
  }
}

TEST(WorkerProtocol, StatusAndDevicesHaveTheirGoldenLines) {
  const Status status{
      3, 2, {{ModelId("a"), {Bytes(1), Bytes(2), Bytes(3)}, Tokens(64), 2, 1}}, Bytes(5), Bytes(6)};
  constexpr std::string_view status_line =
      R"({"counter":3,"threads":2,"free_bytes":5,"total_bytes":6,)"
      R"("models":[{"weights_bytes":1,"kv_bytes_per_token":2,)"
      R"("buffer_bytes":3,"model":"a","context":64,"sequences":2,"active":1}]})";
  EXPECT_EQ(encode(status), status_line);
  const auto status_back = decode_status(status_line);
  ASSERT_TRUE(status_back) << status_back.error().message;
  EXPECT_EQ(encode(*status_back), status_line);

  const std::vector<DeviceFacts> devices{
      {"gpu0", DeviceKind::gpu, "A \"GPU\"", Bytes(9), Bytes(8), "0000:01:00.0", "CUDA"}};
  constexpr std::string_view devices_line =
      R"({"devices":[{"id":"gpu0","kind":"gpu","name":"A \"GPU\"","total_bytes":9,)"
      R"("free_bytes":8,"bus":"0000:01:00.0","backend":"CUDA"}]})";
  EXPECT_EQ(encode(devices), devices_line);
  const auto devices_back = decode_devices(devices_line);
  ASSERT_TRUE(devices_back) << devices_back.error().message;
  EXPECT_EQ(encode(*devices_back), devices_line);
}

TEST(WorkerProtocol, BytesThatAreNoTextBecomeReplacementCharacters) {
  const auto back = decode_event(encode(WorkerEvent{Piece{"a\xFF"}}));
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<Piece>(*back).text, "a\xEF\xBF\xBD");
}

TEST(WorkerProtocol, ATinyLimitDoesNotBecomeNone) {
  GenerateRequest hurried = request();
  hurried.limit = 1ns;
  const auto back = decode_generate(encode(hurried));
  ASSERT_TRUE(back);
  EXPECT_GT(back->limit, Duration::zero());
  EXPECT_LE(back->limit, 1us);
}

TEST(WorkerProtocol, AMissingLimitIsNone) {
  std::string line(golden_request);
  line.replace(line.find(R"(,"limit_ms":1500)"), 16, "");
  const auto back = decode_generate(line);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->limit, 0s);
}

// What a request is refused for: a part of the golden line, what stands in its place, the field.
struct BadRequest {
  std::string_view from, to, field;
};
TEST(WorkerProtocol, WrongRequestsAreRefusedByField) {
  const BadRequest cases[] = {
      {R"("model":"smollm2:135m",)", "", "model"},
      {R"("smollm2:135m")", "7", "model"},
      {R"("role":"user")", R"("role":"judge")", "messages[1].role"},
      {R"("text":"Be brief.")", R"("text":null)", "messages[0].text"},
      {R"("family":"chatml",)", "", "chat.family"},
      {R"("user":{"prefix":"u<","suffix":">u"})", R"("user":[])", "chat.user"},
      {R"(["\n"])", R"("\n")", "chat.stop"},
      {R"("temperature":0.7)", R"("temperature":5.1)", "sampling.temperature"},
      {R"("temperature":0.7)", R"("temperature":-0.1)", "sampling.temperature"},
      {R"("temperature":0.7)", R"("temperature":1e999)", ""},
      {R"("top_k":20)", R"("top_k":-1)", "sampling.top_k"},
      {R"("top_k":20)", R"("top_k":2.5)", "sampling.top_k"},
      {R"("top_p":0.9)", R"("top_p":1.01)", "sampling.top_p"},
      {R"("min_p":0.1)", R"("min_p":"0.1")", "sampling.min_p"},
      {R"("repeat_penalty":1.1)", R"("repeat_penalty":0)", "sampling.repeat_penalty"},
      {R"("18446744073709551615")", R"("18446744073709551616")", "sampling.seed"},
      {R"("stop":["###"])", R"("stop":[1])", "sampling.stop"},
      {R"("answer_max":128)", R"("answer_max":0)", "answer_max"},
      {R"("answer_max":128)", R"("answer_max":9223372036854775808)", "answer_max"},
      {R"("limit_ms":1500)", R"("limit_ms":-1)", "limit_ms"},
      {R"("limit_ms":1500)", R"("limit_ms":1e300)", "limit_ms"},
  };
  for (const auto& [from, to, field] : cases) {
    std::string line(golden_request);
    ASSERT_NE(line.find(from), std::string::npos) << from;
    line.replace(line.find(from), from.size(), to);
    const auto back = decode_generate(line);
    ASSERT_FALSE(back) << line;
    EXPECT_EQ(back.error().code, ErrorCode::invalid_request);
    EXPECT_NE(back.error().message.find(field), std::string::npos) << back.error().message;
  }
}

TEST(WorkerProtocol, ARequestWithoutMessagesIsRefused) {
  GenerateRequest silent = request();
  silent.messages.clear();
  const auto back = decode_generate(encode(silent));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().message, "field \"messages\" must not be empty");
}

TEST(WorkerProtocol, LoadsBeyondTheirRangesAreRefused) {
  const LoadRequest good{ModelId("a"), "/a", Tokens(16), 1};
  EXPECT_TRUE(decode_load(encode(good)));
  for (const std::int64_t context : {0, -1, 1'048'577}) {
    EXPECT_FALSE(decode_load(encode(LoadRequest{good.model, good.path, Tokens(context), 1})));
  }
  for (const int sequences : {0, -1, 65}) {
    EXPECT_FALSE(decode_load(encode(LoadRequest{good.model, good.path, Tokens(16), sequences})));
  }
}

TEST(WorkerProtocol, EmbedRequestsBeyondTheirBoundsAreRefused) {
  const auto refused = [](std::vector<std::string> texts) {
    const auto back = decode_embed(encode(EmbedRequest{ModelId("e"), std::move(texts)}));
    return !back && back.error().message.contains("texts");
  };
  const std::string longest(64 * 1024, 'a');
  EXPECT_FALSE(refused(std::vector<std::string>(256, longest)));
  EXPECT_TRUE(refused(std::vector<std::string>(257, "a")));
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({"a", longest + "a"}));
  EXPECT_FALSE(decode_embed(R"({"texts":["a"]})"));
}

TEST(WorkerProtocol, BrokenEventsAreRefused) {
  for (const std::string_view line : {R"({})",
                                      R"([])",
                                      R"({"beat":-1})",
                                      R"({"beat":1.5})",
                                      R"({"beat":9223372036854775808})",
                                      R"({"progress":1.1})",
                                      R"({"progress":"1"})",
                                      R"({"prefill":-0.1})",
                                      R"({"text":7})",
                                      R"({"embedding":[]})",
                                      R"({"embedding":[1.1]})",
                                      R"({"embedding":["1"]})",
                                      R"({"embedding":1})",
                                      R"({"done":{}})",
                                      R"({"done":[]})",
                                      R"({"loaded":{"weights_bytes":-1}})",
                                      R"({"error":{"code":"no_such_code","message":""}})",
                                      R"({"error":"text"})",
                                      R"({"text":"a"} {"text":"b"})",
                                      "{\"text\":\"\xFF\"}",
                                      R"({"text":"\ud800"})"}) {
    const auto event = decode_event(line);
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().code, ErrorCode::invalid_request) << line;
  }
}

TEST(WorkerProtocol, AnUnknownWordIsQuotedInShort) {
  std::string word(63, 'a');
  for (int count = 0; count < 1000; ++count) word += "é";  // one would be cut in the middle
  const auto event = decode_event(R"({"error":{"message":"","code":")" + word + R"("}})");
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().message,
            R"(field "error.code" unknown value ")" + std::string(63, 'a') + "…\"");
  const auto brief = decode_event(R"({"error":{"message":"","code":"bad"}})");
  EXPECT_EQ(brief.error().message, R"(field "error.code" unknown value "bad")");
}

TEST(WorkerProtocol, DeepNestingIsRefused) {
  const std::string deep = std::string(1'000'000, '[');
  EXPECT_FALSE(decode_event(R"({"text":)" + deep));
  EXPECT_FALSE(decode_generate(R"({"messages":)" + deep));
  EXPECT_FALSE(decode_status(R"({"models":)" + deep));
}

}  // namespace
}  // namespace kai::wire
