#include "wire/mcp.h"

#include <gtest/gtest.h>

#include "wire/chat_testing.h"
#include "wire/json.h"

namespace kai::wire::mcp {
namespace {

std::string call(const std::string& tool, const std::string& arguments,
                 const std::string& meta = "{}") {
  return R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":")" + tool +
         R"(","arguments":)" + arguments + R"(,"_meta":)" + meta + "}}";
}

json::object parsed(const std::string& line) {
  const auto value = parse(line);
  EXPECT_TRUE(value && value->is_object()) << line;
  return value && value->is_object() ? value->get_object() : json::object();
}

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST(Mcp, ReadsItsMethods) {
  const auto what = [](const std::string& method) {
    return decode(R"({"jsonrpc":"2.0","id":"a","method":")" + method + "\"}").what;
  };
  EXPECT_EQ(what("initialize"), What::initialize);
  EXPECT_EQ(what("ping"), What::ping);
  EXPECT_EQ(what("tools/list"), What::tools);
  EXPECT_EQ(what("resources/list"), What::wrong);
  EXPECT_EQ(decode(R"({"jsonrpc":"2.0","id":"a","method":"ping"})").id, "\"a\"");
  EXPECT_EQ(decode(R"({"jsonrpc":"2.0","id":-3,"method":"ping"})").id, "-3");
}

TEST(Mcp, ReadsAQuestion) {
  const Message message =
      decode(call("ask_ensemble",
                  R"({"question":"Why?","instructions":"Be brief.","tier":"expert","mode":"all",)"
                  R"("members":["a"],"deadline_ms":2000})",
                  R"({"progressToken":"t"})"));
  ASSERT_EQ(message.what, What::ask);
  EXPECT_FALSE(message.error);
  EXPECT_EQ(message.id, "7");
  EXPECT_EQ(message.progress, "\"t\"");
  EXPECT_EQ(message.question.model, "kai:auto");
  ASSERT_EQ(message.question.messages.size(), 2u);
  EXPECT_EQ(message.question.messages[0].role, Role::system);
  EXPECT_EQ(message.question.messages[1].text, "Why?");
  EXPECT_EQ(message.question.tier, Tier::expert);
  EXPECT_EQ(message.question.mode, Mode::all);
  EXPECT_EQ(message.question.members, std::vector{ModelId("a")});
  EXPECT_EQ(message.question.deadline, std::chrono::seconds(2));
  EXPECT_TRUE(message.question.settled);
}

// The client's model shall read what is wrong with its arguments: they are no protocol error.
TEST(Mcp, WrongArgumentsAreTheToolsToRefuse) {
  for (const auto& [arguments, word] :
       {std::pair{R"({})", "question"}, std::pair{R"({"question":""})", "question"},
        std::pair{R"({"question":1})", "question"},
        std::pair{R"({"question":"q","colour":"red"})", "colour"},
        std::pair{R"({"question":"q","tier":"hard"})", "tier"},
        std::pair{R"({"question":"q","deadline_ms":1})", "deadline_ms"}}) {
    const Message message = decode(call("ask_ensemble", arguments));
    EXPECT_EQ(message.what, What::ask) << arguments;
    ASSERT_TRUE(message.error) << arguments;
    EXPECT_TRUE(has(message.error->message, word)) << message.error->message;
  }
  EXPECT_TRUE(decode(call("ensemble_status", R"({"x":1})")).error);
  EXPECT_FALSE(decode(call("ensemble_status", "{}")).error);
  EXPECT_EQ(decode(call("rm", "{}")).code, invalid_params);
}

TEST(Mcp, RefusesWhatIsNoMessage) {
  struct Row {
    std::string text;
    int code;
    std::string id;
  };
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  for (const auto& [text, code, id] :
       {Row{"{", parse_error, "null"}, Row{"[" + ping + "]", invalid_request, "null"},
        Row{"7", invalid_request, "null"},
        Row{R"({"id":1,"method":"ping"})", invalid_request, "null"},
        Row{R"({"jsonrpc":"2.0","id":1})", invalid_request, "1"},
        Row{R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", invalid_request, "null"},
        Row{R"({"jsonrpc":"2.0","id":null,"method":"ping"})", invalid_request, "null"},
        Row{R"({"jsonrpc":"2.0","id":1,"method":"none"})", method_not_found, "1"}}) {
    const Message message = decode(text);
    EXPECT_EQ(message.what, What::wrong) << text;
    EXPECT_EQ(message.code, code) << text;
    EXPECT_EQ(message.id, id) << text;
    ASSERT_TRUE(message.error) << text;
  }
}

TEST(Mcp, NothingIsSaidToNotificationsAndReplies) {
  EXPECT_EQ(decode(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").what,
            What::nothing);
  EXPECT_EQ(decode(R"({"jsonrpc":"2.0","id":1,"result":{}})").what, What::nothing);
  const Message cancelled =
      decode(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})");
  EXPECT_EQ(cancelled.what, What::cancelled);
  EXPECT_EQ(cancelled.request, "\"a\"");
}

TEST(Mcp, OffersAVersionThatItSpeaks) {
  for (const auto& [wished, said] :
       {std::pair{"2025-06-18", "2025-06-18"}, std::pair{"2099-01-01", "2025-11-25"},
        std::pair{"", "2025-11-25"}}) {
    const auto reply = parsed(encode_initialized("1", wished, "9.9"));
    EXPECT_EQ(reply.at("result").at("protocolVersion").as_string(), said);
    EXPECT_EQ(reply.at("result").at("serverInfo").at("version").as_string(), "9.9");
  }
}

// What a tool gives has every field that its outputSchema requires, and no other.
TEST(Mcp, GivesWhatItsSchemaSays) {
  const auto tools = parsed(encode_tools("1")).at("result").at("tools").as_array();
  ASSERT_EQ(tools.size(), 2u);
  Model broken;
  broken.id = ModelId("b");
  broken.refused = "damaged";
  const std::vector<Model> models{broken};
  const std::vector<std::string> replies{
      encode_answer("1", testing_chat::outcome()),
      encode_status("1", {.ready = true, .questions = 1, .models = &models, .loaded = {}})};
  for (std::size_t index = 0; index < replies.size(); ++index) {
    const auto result = parsed(replies[index]).at("result").as_object();
    EXPECT_FALSE(result.at("isError").as_bool());
    const auto given = result.at("structuredContent").as_object();
    const auto schema = tools[index].at("outputSchema").as_object();
    EXPECT_EQ(given.size(), schema.at("properties").as_object().size());
    for (const auto& name : schema.at("required").as_array()) {
      EXPECT_TRUE(given.contains(name.as_string())) << name.as_string();
    }
  }
  EXPECT_TRUE(has(replies[0], "1 of 2 voices agree; b says: Lyon"));
}

TEST(Mcp, AnAnswerThatNobodyVotedForIsCalledSo) {
  Outcome outcome = testing_chat::outcome();
  outcome.verdict.voters = outcome.verdict.agreeing = 0;
  outcome.verdict.dissent.clear();
  outcome.verdict.author = outcome.answers.at(0).member;
  outcome.answers[0].ending = Ending::token_limit;
  const std::string reply = encode_answer("1", outcome);
  EXPECT_TRUE(has(reply, "[confirmed by no other voice; the answer was cut]")) << reply;
}

TEST(Mcp, AFailureIsAResult) {
  Outcome outcome = testing_chat::outcome();
  outcome.error = testing_chat::failure_of("all died");
  const auto result = parsed(encode_answer("\"x\"", outcome)).at("result").as_object();
  EXPECT_TRUE(result.at("isError").as_bool());
  EXPECT_EQ(result.at("content").as_array()[0].at("text").as_string(), "all died");
}

TEST(Mcp, ProgressRises) {
  Progress progress("\"t\"");
  event::Started started{};
  started.plan.asks.resize(3);
  const auto first = parsed(progress.encode({{}, started})).at("params").as_object();
  EXPECT_EQ(first.at("progressToken").as_string(), "t");
  EXPECT_EQ(first.at("progress").as_int64(), 0);
  EXPECT_EQ(first.at("total").as_int64(), 3);
  event::Agreement agreement{.verdict = {}, .asked = 3, .answered = 2};
  agreement.verdict.voters = agreement.verdict.agreeing = 2;
  const auto second = parsed(progress.encode({{}, agreement})).at("params").as_object();
  EXPECT_EQ(second.at("progress").as_int64(), 2);
  EXPECT_EQ(progress.encode({{}, agreement}), "") << "the same again is no progress";
  EXPECT_EQ(progress.encode({{}, event::EarlyStop{}}), "");
  EXPECT_EQ(Progress("").encode({{}, started}), "") << "nobody wants to know";
}

}  // namespace
}  // namespace kai::wire::mcp
