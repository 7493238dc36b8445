// Tools, in what clients send, in what members write and in what clients get.
#include "wire/tools.h"

#include <gtest/gtest.h>

#include "domain/tool_form.h"
#include "wire/chat_testing.h"
#include "wire/ollama_api.h"
#include "wire/openai.h"

namespace kai::wire {
namespace {

using testing_chat::outcome;

const std::string weather =
    R"({"type":"function","function":{"name":"get_weather","description":"Of now","parameters":)"
    R"({"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},)"
    R"("required":["city"],"additionalProperties":false}}})";
const std::string clock_tool = R"({"type":"function","function":{"name":"now"}})";

Result<ChatRequest> openai_chat(const std::string& more, const std::string& before = "") {
  return openai::decode_chat(R"({"model":"kai","messages":[)" + before +
                             R"({"role":"user","content":"Is it hot in Paris?"}],)" + more + "}");
}

TEST(Tools, AreToldToMembersAndBindThem) {
  const auto request = openai_chat(R"("tools":[)" + weather + "," + clock_tool + "]");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->json_form.grammar.starts_with(tool_form_mark));
  for (const auto* part : {R"("\"get_weather\"")", R"("\"now\"")", R"("\"answer\": ")"}) {
    EXPECT_TRUE(request->json_form.grammar.contains(part)) << part << request->json_form.grammar;
  }
  ASSERT_EQ(request->messages.size(), 2u);
  EXPECT_EQ(request->messages[0].role, Role::system);
  for (const auto* part : {"get_weather", "Of now", "\"city\"", "\"now\"", "{\"answer\":"}) {
    EXPECT_TRUE(request->messages[0].text.contains(part)) << part << request->messages[0].text;
  }
  EXPECT_EQ(request->messages[1].text, "Is it hot in Paris?");
}

TEST(Tools, JoinASystemMessageThatIsThere) {
  const auto request =
      openai_chat(R"("tools":[)" + weather + "]", R"({"role":"system","content":"Be brief."},)");
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->messages.size(), 2u);
  EXPECT_TRUE(request->messages[0].text.starts_with("Be brief.\n\nYou can use"));
}

TEST(Tools, OneMayBeWantedOrNone) {
  const auto with = [](const std::string& choice) {
    const auto request =
        openai_chat(R"("tools":[)" + weather + "," + clock_tool + R"(],"tool_choice":)" + choice);
    EXPECT_TRUE(request) << choice << request.error().message;
    return request ? request->json_form.grammar : "refused";
  };
  EXPECT_EQ(with("\"none\""), "");
  EXPECT_TRUE(with("\"auto\"").contains("answer"));
  const std::string must = with("\"required\"");
  EXPECT_FALSE(must.contains("answer"));
  EXPECT_TRUE(must.contains("get_weather") && must.contains("now"));
  const std::string one = with(R"({"type":"function","function":{"name":"now"}})");
  EXPECT_FALSE(one.contains("get_weather"));
  EXPECT_TRUE(one.contains("now"));
}

TEST(Tools, OnlyWhatIsOfferedIsACall) {
  const auto asked = [](const std::string& choice) {
    return openai_chat(R"("tools":[)" + weather + R"(],"tool_choice":")" + choice + "\"")
        ->json_form;
  };
  const std::string known = R"({"tool":"get_weather","arguments":{"city":"Rome"}})";
  EXPECT_NE(tool_answer(known, asked("auto")).document, "");
  EXPECT_EQ(tool_answer(R"({"tool":"rm","arguments":{}})", asked("auto")).document, "");
  EXPECT_EQ(tool_answer(R"({"answer":"hot"})", asked("auto")).text, "hot");
  EXPECT_EQ(tool_answer(R"({"answer":"hot"})", asked("required")).document, "");
}

// Schemas of pydantic, zod and MCP servers carry what a grammar cannot hold.
TEST(Tools, AreToldOfWhatOnlyNarrowsAndNotHeldToIt) {
  const auto request = openai_chat(
      R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object",)"
      R"("properties":{"count":{"type":"integer","minimum":1,"maximum":5},)"
      R"("site":{"type":"string","format":"uri","pattern":"^http"},)"
      R"("unit":{"oneOf":[{"const":"C"},{"const":"F"}]},)"
      R"("format":{"$ref":"#/$defs/Format"}},"required":["count"],)"
      R"("$defs":{"Format":{"type":"string","pattern":"^[a-z]+$"}}}}}])");
  ASSERT_TRUE(request) << request.error().message;
  for (const auto* told : {R"("minimum":1)", R"("pattern":"^http")", R"("format":"uri")",
                           R"("oneOf":[)", R"("pattern":"^[a-z]+$")"}) {
    EXPECT_TRUE(request->messages[0].text.contains(told)) << request->messages[0].text;
  }
  const std::string& grammar = request->json_form.grammar;
  EXPECT_TRUE(grammar.contains("integer") && grammar.contains(R"(\"format\")")) << grammar;
  const auto written = [&](const std::string& arguments) {
    return tool_answer(R"({"tool":"f","arguments":)" + arguments + "}", request->json_form)
        .document;
  };
  EXPECT_NE(written(R"({"count":9,"unit":"F"})"), "");
}

// Each tool's own definitions are found, also where two have one of the same name.
TEST(Tools, KeepTheirDefinitionsApart) {
  const auto tool = [](const std::string& name, const std::string& kind) {
    return R"({"type":"function","function":{"name":")" + name +
           R"(","parameters":{"type":"object","properties":{"at":{"$ref":"#/$defs/Place"}},)"
           R"("required":["at"],"$defs":{"Place":{"enum":[")" +
           kind + R"("]}}}}})";
  };
  const auto request = openai_chat(R"("tools":[)" + tool("f", "red") + "," + tool("g", "blue") +
                                   R"(],"tool_choice":"required")");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->json_form.grammar.contains("red"));
  EXPECT_TRUE(request->json_form.grammar.contains("blue"));
}

TEST(Tools, AreRefusedByName) {
  struct Row {
    std::string more, named;
  };
  const auto function = [](const std::string& fields) {
    return R"("tools":[{"type":"function","function":)" + fields + "}]";
  };
  for (const auto& [more, named] :
       {Row{R"("tools":[{"type":"retrieval"}])", "tools[0].type"},
        Row{R"("tools":[{"type":"function"}])", "tools[0].function"},
        Row{function(R"({"name":""})"), "tools[0].function.name"},
        Row{function(R"({"name":"a b"})"), "tools[0].function.name"},
        Row{function(R"({"name":"f","colour":1})"), "tools[0].function.colour"},
        Row{function(R"({"name":"f","parameters":{"type":"string"}})"),
            "tools[0].function.parameters"},
        Row{function(R"({"name":"f","parameters":{"type":"object","properties":)"
                     R"({"a":{"type":"string","not":{"const":"x"}}}}})"),
            "tools[0].function.parameters"},
        Row{R"("tools":[)" + clock_tool + "," + clock_tool + "]", "tools"},
        Row{R"("tools":[)" + clock_tool + R"(],"tool_choice":"maybe")", "tool_choice"},
        Row{R"("tools":[)" + clock_tool +
                R"(],"tool_choice":{"type":"function","function":{"name":"g"}})",
            "tool_choice"},
        Row{R"("tools":[],"tool_choice":"required")", "tool_choice"},
        Row{R"("tools":[)" + clock_tool + R"(],"response_format":{"type":"json_object"})",
            "response_format"},
        Row{R"("tools":7)", "tools"}}) {
    const auto request = openai_chat(more);
    ASSERT_FALSE(request) << more;
    EXPECT_EQ(request.error().code, ErrorCode::invalid_request);
    EXPECT_TRUE(request.error().message.starts_with("field \"" + named + "\""))
        << more << ": " << request.error().message;
  }
}

TEST(Tools, TooManyAreRefusedBeforeAnyIsRead) {
  std::string many = clock_tool;
  for (int tool = 1; tool < 129; ++tool) many += "," + clock_tool;
  const auto request = openai_chat(R"("tools":[)" + many + "]");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().message, "field \"tools\" has more than 128");
}

TEST(Tools, WhatTheyGaveIsReadByMembers) {
  const std::string body =
      R"({"model":"kai","messages":[{"role":"user","content":"Is it hot in Paris?"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
      R"("function":{"name":"get_weather","arguments":"{ \"city\":\"Paris\" }"}},{"id":"c2",)"
      R"("type":"function","function":{"name":"now","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"31 C"},)"
      R"({"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"noon"}]}]})";
  const auto request = openai::decode_chat(body);
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->messages.size(), 3u);
  EXPECT_EQ(request->messages[1].text,
            "{\"tool\": \"get_weather\", \"arguments\": {\"city\":\"Paris\"}}\n"
            "{\"tool\": \"now\", \"arguments\": {}}");
  EXPECT_EQ(request->messages[2].role, Role::user);
  EXPECT_EQ(request->messages[2].text,
            "get_weather gave: 31 C\nnow gave: noon\n\nIs it hot in Paris?");
  const auto ollama = ollama::decode_chat(
      ollama::Form::chat,
      R"({"model":"kai","messages":[{"role":"user","content":"Is it hot?"},)"
      R"({"role":"assistant","content":"","tool_calls":[{"function":{"name":"now",)"
      R"("arguments":{"zone":1.0}}}]},{"role":"tool","tool_name":"now","content":"noon"}]})");
  ASSERT_TRUE(ollama) << ollama.error().message;
  EXPECT_EQ(ollama->messages[2].text, "now gave: noon\n\nIs it hot?");
  for (const std::string wrong :
       {R"({"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"no"}}]})",
        R"({"role":"user","content":"x","tool_calls":[{"function":{"name":"f"}}]})",
        R"({"role":"tool","content":"x"})"}) {
    EXPECT_FALSE(openai_chat(R"("n":1)", wrong + ",")) << wrong;
  }
}

TEST(Tools, WhatAMemberWroteCountsByWhatItSays) {
  const auto one = tool_answer(R"({"tool": "f", "arguments": {"b": 1.0, "a": "x"}})", {});
  const auto same = tool_answer(R"({"arguments":{"a":"x","b":1},"tool":"f"})", {});
  ASSERT_TRUE(one.document && same.document);
  EXPECT_EQ(*one.document, *same.document);
  EXPECT_NE(one.document,
            tool_answer(R"({"tool": "f", "arguments": {"b": 2, "a": "x"}})", {}).document);
  EXPECT_NE(one.document,
            tool_answer(R"({"tool": "g", "arguments": {"b": 1, "a": "x"}})", {}).document);
  const auto words = tool_answer(R"({"answer": "It is \"hot\"."})", {});
  EXPECT_EQ(words.text, "It is \"hot\".");
  EXPECT_FALSE(words.document) << "words are compared as words";
  for (const auto* cut : {"", R"({"tool": "f", "argum)", R"({"tool": "f"})", "hello", "[1]"}) {
    const auto nothing = tool_answer(cut, {});
    EXPECT_EQ(nothing.document, "") << cut;
    EXPECT_EQ(nothing.text, cut);
  }
}

Outcome called(const std::string& written) {
  Outcome out = outcome();
  out.query.json_form.grammar = tool_form_mark;
  const auto said = tool_answer(written, {});
  out.answers[0].text = out.verdict.text = said.text;
  out.answers[0].document = said.document;
  return out;
}

const std::string call = R"({"tool": "get_weather", "arguments": {"city": "Paris"}})";
const openai::Stamp stamp{"chatcmpl-q_1", "kai:auto", {}, false};

TEST(Tools, ACallIsOpenAis) {
  const std::string whole = openai::encode_chat(stamp, called(call));
  for (const auto* part :
       {R"("content":null)", R"("id":"call_q_1")", R"("name":"get_weather")",
        R"("arguments":"{\"city\":\"Paris\"}")", R"("finish_reason":"tool_calls")"}) {
    EXPECT_TRUE(whole.contains(part)) << part << '\n' << whole;
  }
  const std::string last = openai::encode_last(stamp, called(call));
  EXPECT_TRUE(last.contains(R"("tool_calls":[{"id")") && last.contains(R"("index":0)")) << last;
  EXPECT_TRUE(last.contains(R"("finish_reason":"tool_calls")")) << last;
  const std::string words = openai::encode_chat(stamp, called(R"({"answer": "It is hot."})"));
  EXPECT_TRUE(words.contains(R"("content":"It is hot.")")) << words;
  EXPECT_TRUE(words.contains(R"("finish_reason":"stop")")) << words;
  // Words that look like a call are words.
  const std::string odd =
      openai::encode_chat(stamp, called(R"({"answer": "{\"tool\": \"f\", \"arguments\": {}}"})"));
  EXPECT_FALSE(odd.contains("tool_calls")) << odd;
}

TEST(Tools, ACallIsOllamas) {
  const std::string line =
      ollama::encode_last({ollama::Form::chat, "kai", {}}, called(call), words_of(called(call)));
  EXPECT_TRUE(line.contains(R"("content":"")")) << line;
  EXPECT_TRUE(line.contains(
      R"("tool_calls":[{"function":{"name":"get_weather","arguments":{"city":"Paris"}}}])"))
      << line;
}

TEST(Tools, ACallThatWasCutIsNoneAndNoWords) {
  Outcome cut = called(R"({"tool": "get_weather", "argu)");
  cut.answers[0].ending = Ending::token_limit;
  EXPECT_FALSE(call_of(cut));
  const std::string whole = openai::encode_chat(stamp, cut);
  EXPECT_TRUE(whole.contains(R"("content":"")")) << whole;
  EXPECT_TRUE(whole.contains(R"("finish_reason":"length")")) << whole;
}

}  // namespace
}  // namespace kai::wire
