#include "wire/openai.h"

#include <gtest/gtest.h>

#include "wire/chat_testing.h"

namespace kai::wire {
namespace {

using namespace std::chrono_literals;
using testing_chat::failure_of;
using testing_chat::outcome;

const std::string question = R"("model":"kai:auto","messages":[{"role":"user","content":"Why?"}])";

Result<ChatRequest> chat(const std::string& more) {
  return openai::decode_chat("{" + question + (more.empty() ? "" : "," + more) + "}");
}

TEST(OpenAi, ReadsAllThatIsSupported) {
  const auto request = openai::decode_chat(
      R"({"model":"kai:expert","messages":[{"role":"developer","content":"Be kind."},)"
      R"({"role":"user","content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]},)"
      R"({"role":"assistant","content":"Hi","refusal":null},{"role":"user","content":"Why?"}],)"
      R"("stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":7,)"
      R"("stop":["a","b"],"seed":-1,"temperature":0.5,"top_p":0,"user":"me","n":1,)"
      R"("tools":[],"tool_choice":"none","response_format":{"type":"text"},"logprobs":false,)"
      R"("kai":{"tier":"medium","mode":"all","members":["a"],"deadline_ms":1500,)"
      R"("stream":"settled"}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->model, "kai:expert");
  ASSERT_EQ(request->messages.size(), 4u);
  EXPECT_EQ(request->messages[0].role, Role::system);
  EXPECT_EQ(request->messages[1].text, "Hello");
  EXPECT_EQ(request->messages[2].role, Role::assistant);
  EXPECT_TRUE(request->stream && request->include_usage && request->settled);
  EXPECT_EQ(request->answer_max, Tokens(7));
  EXPECT_EQ(request->stop, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(request->seed, ~0ULL);
  EXPECT_EQ(request->temperature, 0.5);
  EXPECT_GT(request->top_p.value_or(0), 0);
  EXPECT_EQ(request->tier, Tier::medium);
  EXPECT_EQ(request->mode, Mode::all);
  EXPECT_EQ(request->members, std::vector{ModelId("a")});
  EXPECT_EQ(request->deadline, 1500ms);
}

TEST(OpenAi, NullIsAbsent) {
  const auto request = chat(
      R"("stop":null,"seed":null,"max_tokens":null,"stream":null,"tools":null,"logprobs":null)");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_FALSE(request->stream || request->seed || request->answer_max);
}

TEST(OpenAi, TakesWhatAsksForNothing) {
  for (const auto* more : {R"("reasoning_effort":"none")", R"("functions":[])",
                           R"("functions":[],"function_call":"none")", R"("n":1,"store":false)"}) {
    const auto request = chat(more);
    EXPECT_TRUE(request) << more << ": " << request.error().message;
  }
}

TEST(OpenAi, RefusesByName) {
  struct Row {
    std::string more;
    std::string named;
  };
  const std::string sixty(60, '[');
  for (const auto& [more, named] :
       {Row{R"("tools":[{"type":"function"}])", "tools"},
        Row{R"("seed":1,"seed":1)", "\"seed\" stands twice"},
        Row{R"("reasoning_effort":"low")", "reasoning_effort"},
        Row{R"("functions":[{"name":"f"}])", "functions"},
        Row{R"("function_call":"auto")", "function_call"},
        Row{R"("n":2)", "\"n\""},
        Row{R"("logprobs":1)", "logprobs"},
        Row{R"("top_logprobs":3)", "top_logprobs"},
        Row{R"("logit_bias":{"5":1})", "logit_bias"},
        Row{R"("response_format":{"type":"grammar"})", "response_format.type"},
        Row{R"("response_format":{"type":"json_schema"})", "response_format.json_schema"},
        Row{R"("response_format":{"type":"json_schema","json_schema":{"name":"n"}})",
            "response_format.json_schema.schema"},
        Row{R"("response_format":{"type":"json_schema","json_schema":{"schema":)"
            R"({"type":"string","pattern":"a"}}})",
            "pattern"},
        Row{R"("tool_choice":"auto")", "tool_choice"},
        Row{R"("sparkle":1)", "sparkle"},
        Row{R"("frequency_penalty":0.1)", "frequency_penalty"},
        Row{R"("max_tokens":0)", "max_tokens"},
        Row{R"("max_tokens":1e9)", "max_tokens"},
        Row{R"("max_tokens":"7")", "max_tokens"},
        Row{R"("temperature":-1)", "temperature"},
        Row{R"("temperature":3)", "temperature"},
        Row{R"("top_p":1.1)", "top_p"},
        Row{R"("stop":[""])", "stop"},
        Row{R"("stop":7)", "stop"},
        Row{R"("stop":["a","a","a","a","a","a","a","a","a","a","a","a","a","a","a","a","a"])",
            "stop"},
        Row{R"("seed":1.5)", "seed"},
        Row{R"("stream":"yes")", "stream"},
        Row{R"("stream_options":{"include_usage":true})", "stream_options"},
        Row{R"("kai":{"speed":1})", "kai.speed"},
        Row{R"("kai":{"tier":"hard"})", "kai.tier"},
        Row{R"("kai":{"deadline_ms":1})", "kai.deadline_ms"},
        Row{R"("kai":{"stream":"now"})", "kai.stream"},
        Row{R"("x":)" + sixty, "deep"}}) {
    const auto request = chat(more);
    ASSERT_FALSE(request) << more;
    EXPECT_EQ(request.error().code, ErrorCode::invalid_request);
    EXPECT_NE(request.error().message.find(named), std::string::npos)
        << more << ": " << request.error().message;
  }
}

TEST(OpenAi, BindsAnswersToJson) {
  const auto grammar = [](const std::string& format) {
    const auto request = chat(R"("response_format":)" + format);
    EXPECT_TRUE(request) << format;
    return request ? request->json_form.grammar : "refused";
  };
  EXPECT_EQ(grammar(R"({"type":"text"})"), "");
  EXPECT_NE(grammar(R"({"type":"json_object"})").find("root ::= map"), std::string::npos);
  EXPECT_NE(grammar(R"({"type":"json_schema","json_schema":{"name":"n","strict":true,)"
                    R"("schema":{"type":"boolean"}}})")
                .find("root ::= boolean"),
            std::string::npos);
}

// A client may send back whole what it was given.
TEST(OpenAi, TakesItsOwnMessagesBack) {
  const auto request = openai::decode_chat(
      R"({"model":"kai","messages":[{"role":"user","content":"Hi","name":"me"},)"
      R"({"role":"assistant","content":"Hello","refusal":null,"annotations":[],"audio":null,)"
      R"("function_call":null,"tool_calls":null},{"role":"user","content":"Why?"}]})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->messages.size(), 3u);
}

TEST(OpenAi, RefusesConversationsWithoutAQuestion) {
  for (const std::string messages :
       {"[]", R"([{"role":"assistant","content":"Hi"}])", R"([{"role":"user"}])",
        R"([{"role":"tool","content":"x"}])", R"([{"role":"user","content":7}])",
        R"([{"role":"user","content":"x","mood":"good"}])",
        R"([{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"e"}}]}])",
        R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://a"}}]}])",
        R"([{"role":"assistant","content":"","tool_calls":[1]},{"role":"user","content":"x"}])"}) {
    EXPECT_FALSE(openai::decode_chat(R"({"model":"kai","messages":)" + messages + "}")) << messages;
  }
  EXPECT_FALSE(openai::decode_chat(R"({"messages":[{"role":"user","content":"x"}]})"));
  for (const auto* body : {"", "null", "[]", "{", "{}x", "\xff"}) {
    EXPECT_FALSE(openai::decode_chat(body)) << body;
  }
}

const openai::Stamp stamp{"chatcmpl-q_1", "kai:auto", WallTime(std::chrono::seconds(1000)), false};

constexpr const char* kai_golden =
    R"("kai":{"query_id":"q_1","tier":"simple","path":"consensus","author":"a",)"
    R"("agreement":0.5,"confidence":null,"voters":2,"agreeing":1,"partial":false,)"
    R"("revised":false,"latency_ms":1500,"groups":[{"answer":"paris","members":["a"]}],)"
    R"("dissent":[{"member":"b","words":"Lyon"}],"abstained":[],)"
    R"("members":[{"member":"a","model":"a","device":"cpu","ending":"complete","queued_ms":0,)"
    R"("load_ms":20,"ttft_ms":30,"total_ms":40,"prompt_tokens":5,"answer_tokens":2},)"
    R"({"member":"b","model":"b","device":"cpu","ending":"failed","queued_ms":0,"load_ms":0,)"
    R"("ttft_ms":0,"total_ms":0,"prompt_tokens":1,"answer_tokens":1,"error":"it died"}]})";

TEST(OpenAi, AWholeAnswerIsTheGoldenLine) {
  EXPECT_EQ(openai::encode_chat(stamp, outcome()),
            std::string(R"({"id":"chatcmpl-q_1","object":"chat.completion","created":1000,)"
                        R"("model":"kai:auto","choices":[{"index":0,"message":{"role":"assistant",)"
                        R"("content":"Paris.","refusal":null},"logprobs":null,)"
                        R"("finish_reason":"stop"}],"usage":{"prompt_tokens":6,)"
                        R"("completion_tokens":3,"total_tokens":9},)") +
                kai_golden + "}");
}

TEST(OpenAi, AStreamIsTheGoldenEvents) {
  const std::string head =
      R"({"id":"chatcmpl-q_1","object":"chat.completion.chunk","created":1000,)"
      R"("model":"kai:auto",)";
  EXPECT_EQ(openai::encode_words(stamp, "Pa\n", true),
            "data: " + head +
                R"("choices":[{"index":0,"delta":{"role":"assistant","content":"Pa\n"},)"
                R"("logprobs":null,"finish_reason":null}]})"
                "\n\n");
  EXPECT_EQ(openai::encode_words(stamp, "ris", false),
            "data: " + head +
                R"("choices":[{"index":0,"delta":{"content":"ris"},)"
                R"("logprobs":null,"finish_reason":null}]})"
                "\n\n");
  const std::string end =
      R"("choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],)";
  EXPECT_EQ(openai::encode_last(stamp, outcome()),
            "data: " + head + end + kai_golden + "}\n\ndata: [DONE]\n\n");
  openai::Stamp with_usage = stamp;
  with_usage.usage = true;
  EXPECT_EQ(
      openai::encode_last(with_usage, outcome()),
      "data: " + head + end + R"("usage":null,)" + kai_golden + "}\n\ndata: " + head +
          R"("choices":[],"usage":{"prompt_tokens":6,"completion_tokens":3,"total_tokens":9}})"
          "\n\ndata: [DONE]\n\n");
}

TEST(OpenAi, WhoseAuthorWasCutEndsByLength) {
  Outcome cut = outcome();
  cut.answers[0].ending = Ending::token_limit;
  EXPECT_NE(openai::encode_chat(stamp, cut).find(R"("finish_reason":"length")"), std::string::npos);
}

TEST(OpenAi, ErrorsNameTheFieldAndTheKind) {
  EXPECT_EQ(openai::encode_error({ErrorCode::invalid_request, "field \"stop\" must be short"}),
            R"({"error":{"message":"field \"stop\" must be short",)"
            R"("type":"invalid_request_error","param":"stop","code":"invalid_request"}})");
  EXPECT_EQ(openai::encode_broken({ErrorCode::deadline, "too late"}),
            R"(data: {"error":{"message":"too late","type":"timeout_error","param":null,)"
            R"("code":"deadline"}})"
            "\n\n");
}

TEST(OpenAi, ListsModels) {
  EXPECT_EQ(openai::encode_models({"kai:auto"}, stamp.created),
            R"({"object":"list","data":[{"id":"kai:auto","object":"model","created":1000,)"
            R"("owned_by":"kai"}]})");
}

TEST(OpenAi, HowAnAnswerCameToBe) {
  Outcome told = outcome();
  EXPECT_EQ(answer_path(told), "consensus");
  told.stop_why = "settled";
  EXPECT_EQ(answer_path(told), "early_stop");
  told.partial = true;
  EXPECT_EQ(answer_path(told), "partial");
  told.error = failure_of("all failed");
  EXPECT_EQ(answer_path(told), "error");
}

}  // namespace
}  // namespace kai::wire
