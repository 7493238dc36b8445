// What is cut at the length that the client gave is an answer, in every protocol.
#include "tests/e2e/server.h"

namespace kai {
namespace {

class Cut : public Server {
 protected:
  void SetUp() override {
    Server::SetUp();
    if (IsSkipped()) return;
    serve();
    wait_until_ready();
  }
  // The last line is the status.
  void expect(const std::string& target, const std::string& body,
              const std::vector<std::string>& parts) const {
    const std::string reply = request("POST", target, body);
    EXPECT_TRUE(reply.ends_with("\n200")) << target << ' ' << body << '\n' << reply;
    for (const auto& part : parts) EXPECT_TRUE(reply.contains(part)) << part << '\n' << reply;
    EXPECT_FALSE(reply.contains("no model gave an answer")) << reply;
  }
  std::string metrics() const { return shell("curl -s \"$KAI_URL/metrics\"").out; }
};

const std::string model = R"("model":"smollm2:135m",)";
const std::string messages = R"("messages":[{"role":"user","content":"What is a tide?"}])";

TEST_F(Cut, IsAnAnswerToOpenAiClients) {
  for (const std::string stream : {R"("stream":false,)", R"("stream":true,)"}) {
    const std::string head = "{" + model + stream;
    expect("/v1/chat/completions", head + R"("max_tokens":1,)" + messages + "}",
           {R"("finish_reason":"length")"});
    expect("/v1/chat/completions", head + R"("max_tokens":1,"logprobs":true,)" + messages + "}",
           {R"("finish_reason":"length")", R"("logprob":)"});
    expect("/v1/responses", head + R"("max_output_tokens":1,"input":"What is a tide?"})",
           {R"("incomplete_details":{"reason":"max_output_tokens"})"});
  }
  expect(
      "/v1/chat/completions",
      "{" + model + R"("temperature":0,"stop":["a","e","i","o","u"," ","A","T"],)" + messages + "}",
      {R"("finish_reason":"stop")"});
  expect("/v1/chat/completions", R"({"model":"kai:medium","max_tokens":1,)" + messages + "}",
         {R"("finish_reason":"length")", R"("voters":0)", R"("confidence":null)"});
  const std::string text = metrics();
  EXPECT_TRUE(text.contains("kai_queries_total{tier=\"simple\",outcome=\"answered\"} 7\n")) << text;
  EXPECT_TRUE(text.contains("kai_queries_total{tier=\"medium\",outcome=\"answered\"} 1\n")) << text;
}

TEST_F(Cut, IsAnAnswerToOllamaClients) {
  for (const std::string stream : {R"("stream":false,)", R"("stream":true,)"}) {
    const std::string head = "{" + model + stream + R"("options":{"num_predict":1},)";
    expect("/api/chat", head + messages + "}", {R"("done_reason":"length")"});
    expect("/api/generate", head + R"("prompt":"What is a tide?"})", {R"("done_reason":"length")"});
  }
}

TEST_F(Cut, IsKeptAndShown) {
  const auto taken =
      request("POST", "/api/v1/queries",
              R"({"question":"What is a tide?","members":["smollm2:135m"],"answer_max":1})");
  ASSERT_TRUE(taken.ends_with("\n202")) << taken;
  std::string told;
  ASSERT_TRUE(until([&] {
    told = shell("\"$KAI\" logs --json -n 1").out;
    return told.contains("token_limit");
  })) << told;
  EXPECT_TRUE(told.contains(R"("error":null)") && told.contains(R"("voters":0)")) << told;
  const Ran shown =
      shell("\"$KAI\" logs $(\"$KAI\" logs --json -n 1 | grep -o 'q_[0-9A-Z]*' | head -n 1)");
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_TRUE(shown.out.contains("no votes") && shown.out.contains("Answer, in the words of"))
      << shown.out;
}

}  // namespace
}  // namespace kai
