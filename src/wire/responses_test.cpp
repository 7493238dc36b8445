#include "wire/responses.h"

#include <gtest/gtest.h>

#include "domain/tool_form.h"
#include "wire/chat_testing.h"
#include "wire/json.h"

namespace kai::wire {
namespace {

using testing_chat::outcome;

Result<ChatRequest> request(const std::string& more) {
  return openai::decode_response_request(R"({"model":"kai:auto",)" + more + "}");
}

openai::ResponseWriter writer(ChatRequest request = {}) {
  request.model = "kai:auto";
  openai::ResponseWriter made(request, WallTime(std::chrono::seconds(1000)));
  made.about("q_1");
  return made;
}

// The types of a stream's events, and what the last one says.
std::vector<std::string> types_of(std::string_view events) {
  std::vector<std::string> types;
  constexpr std::string_view key = "event: ";
  for (auto at = events.find(key); at != std::string_view::npos; at = events.find(key, at + 1)) {
    const auto begin = at + key.size();
    types.emplace_back(events.substr(begin, events.find('\n', begin) - begin));
  }
  return types;
}

TEST(Responses, ReadsWhatOpenAisClientsSend) {
  const auto good = request(
      R"("input":"Why?","instructions":"Be brief.","max_output_tokens":9,"temperature":0.5,)"
      R"("top_p":1,"store":false,"tools":[],"include":[],"truncation":"auto","metadata":{"a":"b"},)"
      R"("text":{"format":{"type":"text"}},"kai":{"tier":"expert"})");
  ASSERT_TRUE(good) << good.error().message;
  ASSERT_EQ(good->messages.size(), 2u);
  EXPECT_EQ(good->messages[0].role, Role::system);
  EXPECT_EQ(good->messages[1].text, "Why?");
  EXPECT_EQ(good->answer_max, Tokens(9));
  EXPECT_EQ(good->tier, Tier::expert);
  EXPECT_TRUE(good->json_form.empty());
  EXPECT_FALSE(good->stream);
  const auto turns = request(
      R"("input":[{"role":"user","content":"Hi"},{"type":"message","id":"msg_1",)"
      R"("status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello",)"
      R"("annotations":[],"logprobs":[]}]},)"
      R"({"role":"user","content":[{"type":"input_text","text":"Why"},)"
      R"({"type":"input_text","text":"?"}]}],"stream":true)");
  ASSERT_TRUE(turns) << turns.error().message;
  ASSERT_EQ(turns->messages.size(), 3u);
  EXPECT_EQ(turns->messages[1].role, Role::assistant);
  EXPECT_EQ(turns->messages[1].text, "Hello");
  EXPECT_EQ(turns->messages[2].text, "Why?");
  EXPECT_TRUE(turns->stream);
}

TEST(Responses, BindsToASchema) {
  const auto schema = request(
      R"("input":"x","text":{"format":{"type":"json_schema","name":"n","strict":true,)"
      R"("schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}})");
  ASSERT_TRUE(schema) << schema.error().message;
  EXPECT_NE(schema->json_form.grammar.find(R"("\"a\": " integer)"), std::string::npos);
  const auto any = request(R"("input":"x","text":{"format":{"type":"json_object"}})");
  ASSERT_TRUE(any);
  EXPECT_NE(any->json_form.grammar.find("root ::= map"), std::string::npos);
}

TEST(Responses, RefusesByName) {
  for (const auto& [more, named] :
       {std::pair{R"("input":[])", "input"},
        std::pair{R"("input":7)", "input"},
        std::pair{R"("x":1)", "x"},
        std::pair{R"("input":"q","store":true)", "store"},
        std::pair{R"("input":"q","background":true)", "background"},
        std::pair{R"("input":"q","previous_response_id":"r")", "previous_response_id"},
        std::pair{R"("input":"q","tools":[{"type":"web_search"}])", "tools[0].type"},
        std::pair{R"("input":"q","include":["reasoning.encrypted_content"])", "include"},
        std::pair{R"("input":"q","reasoning":{"effort":"low"})", "reasoning"},
        std::pair{R"("input":"q","top_logprobs":2)", "top_logprobs"},
        std::pair{R"("input":"q","truncation":"hard")", "truncation"},
        std::pair{R"("input":"q","text":{"verbosity":"low"})", "text.verbosity"},
        std::pair{R"("input":"q","text":{"format":{"type":"grammar"}})", "text.format.type"},
        std::pair{R"("input":[{"role":"assistant","content":"x"}])", "input"},
        std::pair{R"("input":[{"type":"function_call_output","output":"x"}])", "call_id"},
        std::pair{R"("input":[{"type":"reasoning","summary":[]}])", "type"},
        std::pair{R"("input":[{"type":"function_call","call_id":"c","name":"f","arguments":"x"}])",
                  "arguments"},
        std::pair{R"("input":"q","tool_choice":"required")", "tool_choice"},
        std::pair{R"("input":"q","tools":[{"type":"function","function":{"name":"f"}}])",
                  "function"},
        std::pair{R"("input":"q","tools":[{"type":"function","name":"f"}],)"
                  R"("tool_choice":{"type":"function","name":"g"})",
                  "tool_choice"},
        std::pair{R"("input":"q","tools":[{"type":"function","name":"f"}],)"
                  R"("text":{"format":{"type":"json_object"}})",
                  "text.format"},
        std::pair{R"("input":"q","tools":[{"type":"function","name":"f"}],)"
                  R"("include":["message.output_text.logprobs"])",
                  "logprobs"},
        std::pair{R"("input":[{"role":"user","content":[{"type":"input_image"}]}])", "type"}}) {
    const auto refused = request(more);
    ASSERT_FALSE(refused) << more;
    EXPECT_NE(refused.error().message.find(named), std::string::npos)
        << more << refused.error().message;
  }
}

TEST(Responses, AStreamHasOpenAisOrder) {
  auto said = writer();
  const std::string events = said.words("Par") + said.words("is.") + said.last(outcome());
  EXPECT_EQ(types_of(events),
            (std::vector<std::string>{"response.created", "response.in_progress",
                                      "response.output_item.added", "response.content_part.added",
                                      "response.output_text.delta", "response.output_text.delta",
                                      "response.output_text.done", "response.content_part.done",
                                      "response.output_item.done", "response.completed"}));
  for (int number = 0; number < 10; ++number) {
    EXPECT_NE(events.find(R"("sequence_number":)" + std::to_string(number) + ","),
              std::string::npos);
  }
  EXPECT_NE(events.find(R"("text":"Paris.")"), std::string::npos);
}

TEST(Responses, ToolsBindAndWhatTheyGaveComesBack) {
  const std::string tools =
      R"("tools":[{"type":"function","name":"get_weather","description":"Of now","strict":true,)"
      R"("parameters":{"type":"object","properties":{"city":{"type":"string"}},)"
      R"("required":["city"]}}],"tool_choice":{"type":"function","name":"get_weather"})";
  const auto asked = request(R"("input":"Is it hot?",)" + tools);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_TRUE(asked->json_form.grammar.starts_with(tool_form_mark));
  EXPECT_FALSE(asked->json_form.grammar.contains("answer")) << "a call is wanted";
  ASSERT_EQ(asked->messages.size(), 2u);
  EXPECT_TRUE(asked->messages[0].text.contains("Of now"));
  const auto given =
      request(R"("input":[{"role":"user","content":"Is it hot?"},)"
              R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"get_weather",)"
              R"("arguments":"{\"city\":\"Paris\"}","status":"completed"},)"
              R"({"type":"function_call","call_id":"c2","name":"now","arguments":"{}"},)"
              R"({"type":"function_call_output","call_id":"c1","output":"31 degrees"},)"
              R"({"type":"function_call_output","call_id":"c2","output":[{"type":"input_text",)"
              R"("text":"noon"}]}])");
  ASSERT_TRUE(given) << given.error().message;
  ASSERT_EQ(given->messages.size(), 3u);
  EXPECT_EQ(given->messages[1].role, Role::assistant);
  EXPECT_EQ(given->messages[1].text,
            "{\"tool\": \"get_weather\", \"arguments\": {\"city\":\"Paris\"}}\n"
            "{\"tool\": \"now\", \"arguments\": {}}");
  EXPECT_EQ(given->messages[2].text, "get_weather gave: 31 degrees\nnow gave: noon\n\nIs it hot?");
}

TEST(Responses, ACallIsAnItemOfItsOwn) {
  Outcome called = outcome();
  called.query.json_form.grammar = std::string(tool_form_mark) + "root ::= map";
  called.answers[0].text = R"({"tool": "f", "arguments": {"x": 1}})";
  called.answers[0].document = R"({"arguments":{"x":1},"tool":"f"})";
  called.verdict.text = called.answers[0].text;
  ChatRequest asked;
  asked.tools_sent = R"([{"type":"function","name":"f"}])";
  auto said = writer(asked);
  const auto whole = parse(said.whole(called));
  ASSERT_TRUE(whole);
  const std::string item =
      R"([{"type":"function_call","id":"fc_q_1","call_id":"call_q_1","name":"f",)"
      R"("arguments":"{\"x\":1}","status":"completed"}])";
  EXPECT_EQ(to_line(whole->at("output")), item);
  EXPECT_EQ(to_line(whole->at("tools")), asked.tools_sent);
  EXPECT_EQ(whole->at("tool_choice").as_string(), "auto");
  EXPECT_EQ(said.all_words(called), "");
  const std::string events = said.last(called);
  EXPECT_EQ(types_of(events),
            (std::vector<std::string>{
                "response.created", "response.in_progress", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed"}));
  EXPECT_TRUE(events.contains(R"("delta":"{\"x\":1}")")) << events;
  EXPECT_TRUE(events.contains(R"("output":)" + item)) << events;
}

TEST(Responses, AnAnswerThatWasCutIsIncomplete) {
  Outcome cut = outcome();
  cut.answers[0].ending = Ending::token_limit;
  auto said = writer();
  const std::string whole = said.whole(cut);
  EXPECT_NE(whole.find(R"("status":"incomplete")"), std::string::npos);
  EXPECT_NE(whole.find("max_output_tokens"), std::string::npos);
  EXPECT_EQ(types_of(said.words("Par") + said.last(cut)).back(), "response.incomplete");
}

TEST(Responses, AFailureEndsTheStream) {
  auto said = writer();
  const std::string events = said.broken(testing_chat::failure_of("all died"));
  EXPECT_EQ(types_of(events).back(), "response.failed");
  EXPECT_NE(events.find(R"("message":"all died")"), std::string::npos);
}

TEST(Responses, AWholeReplyIsTheGoldenObject) {
  const auto value = parse(writer().whole(outcome()));
  ASSERT_TRUE(value);
  const auto& object = value->as_object();
  EXPECT_EQ(object.at("id").as_string(), "resp_q_1");
  EXPECT_EQ(object.at("status").as_string(), "completed");
  EXPECT_EQ(to_line(object.at("output")),
            R"([{"type":"message","id":"msg_q_1","status":"completed","role":"assistant",)"
            R"("content":[{"type":"output_text","text":"Paris.","annotations":[],)"
            R"("logprobs":[]}]}])");
  EXPECT_EQ(to_line(object.at("usage")),
            R"({"input_tokens":6,"input_tokens_details":{"cached_tokens":0},"output_tokens":3,)"
            R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":9})");
  EXPECT_TRUE(object.at("kai").is_object());
}

}  // namespace
}  // namespace kai::wire
