#include "wire/host_api.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/json_form.h"

namespace kai::wire {
namespace {

HostPart openai(std::string_view line) {
  const auto part = decode_line(HostKind::openai, line);
  EXPECT_TRUE(part && *part) << line;
  return part && *part ? **part : HostPart{};
}
HostPart ollama(std::string_view line) {
  const auto part = decode_line(HostKind::ollama, line);
  EXPECT_TRUE(part && *part) << line;
  return part && *part ? **part : HostPart{};
}

// vLLM's, llama-server's, Ollama's /v1 and kai's own, as they send them.
TEST(HostApi, ReadsPartsOfHostsThatDiffer) {
  EXPECT_EQ(openai(R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,)"
                   R"("model":"m","choices":[{"index":0,"delta":{"content":" Paris"},)"
                   R"("logprobs":null,"finish_reason":null}]})")
                .words,
            " Paris");
  EXPECT_EQ(openai(R"(data: {"choices":[{"finish_reason":null,"index":0,"delta":)"
                   R"({"role":"assistant","content":null}}],"usage":null})")
                .words,
            "");
  EXPECT_EQ(openai(R"(data:{"choices":[{"delta":{"content":"x"}}]})").words, "x");
  EXPECT_EQ(openai(R"(data: {"choices":[{"delta":{"reasoning_content":"hm"}}]})").words, "");
  EXPECT_EQ(openai("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\r").words, "x");
  EXPECT_TRUE(openai("data: [DONE]").over);
}

TEST(HostApi, SaysWhatFormAnAnswerHas) {
  HostAsk ask{.model = "m", .messages = {{Role::user, "Which city?"}}};
  const auto says = [&ask](HostKind kind, const std::string& words) {
    return encode_ask(kind, ask).contains(words);
  };
  EXPECT_FALSE(says(HostKind::openai, "response_format"));
  EXPECT_FALSE(says(HostKind::ollama, "format"));
  ask.sampling.form = json_object_form();
  EXPECT_TRUE(says(HostKind::openai, R"("response_format":{"type":"json_object"})"));
  EXPECT_TRUE(says(HostKind::ollama, R"("format":{"type":"object"})"));
  ask.sampling.form.schema = R"({"type":"object","properties":{"city":{"type":"string"}}})";
  EXPECT_TRUE(says(HostKind::openai, R"("response_format":{"type":"json_schema","json_schema":)"
                                     R"({"name":"answer","schema":)" +
                                         ask.sampling.form.schema + "}}"));
  EXPECT_TRUE(says(HostKind::ollama, R"("format":)" + ask.sampling.form.schema));
}

TEST(HostApi, ReadsHowAnAnswerEnds) {
  const auto ending = [](const std::string& reason) {
    return openai(R"(data: {"choices":[{"delta":{},"finish_reason":")" + reason + "\"}]}").ending;
  };
  EXPECT_EQ(ending("stop"), Ending::complete);
  EXPECT_EQ(ending("eos"), Ending::complete);
  EXPECT_EQ(ending("length"), Ending::token_limit);
  const auto usage =
      openai(R"(data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12}})").usage;
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->prompt, Tokens(9));
  EXPECT_EQ(usage->answer, Tokens(12));
  EXPECT_EQ(openai(R"(data: {"error":{"message":"out of memory","code":500}})").error,
            "out of memory");
  EXPECT_FALSE(openai(R"(data: {"choices":[{"finish_reason":"content_filter"}]})").error.empty());
}

TEST(HostApi, SkipsWhatSaysNothing) {
  for (const std::string_view line :
       {"", "\r", ": keep-alive", "event: message", "id: 3", "retry: 10"}) {
    const auto part = decode_line(HostKind::openai, line);
    ASSERT_TRUE(part) << line;
    EXPECT_FALSE(*part) << line;
  }
}

TEST(HostApi, RefusesWhatIsNone) {
  for (const std::string_view line : {"{}", "data: ", "data: [", "data: 3", "<html>"}) {
    EXPECT_FALSE(decode_line(HostKind::openai, line)) << line;
  }
  for (const std::string_view line : {"data: {}", "[", "3", "null"}) {
    EXPECT_FALSE(decode_line(HostKind::ollama, line)) << line;
  }
}

// ollama/ollama, docs/api.md.
TEST(HostApi, ReadsOllamasLines) {
  EXPECT_EQ(ollama(R"({"model":"llama3.2","created_at":"2023-08-04T08:52:19.385406455-07:00",)"
                   R"("message":{"role":"assistant","content":"The","images":null},"done":false})")
                .words,
            "The");
  const HostPart last =
      ollama(R"({"model":"llama3.2","created_at":"2023-08-04T19:22:45.499127Z","message":)"
             R"({"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
             R"("total_duration":4883583458,"load_duration":1334875,"prompt_eval_count":26,)"
             R"("prompt_eval_duration":342546000,"eval_count":282,"eval_duration":4535599000})");
  EXPECT_TRUE(last.over);
  EXPECT_EQ(last.ending, Ending::complete);
  EXPECT_EQ(last.usage->answer, Tokens(282));
  EXPECT_EQ(ollama(R"({"done":true,"done_reason":"length"})").ending, Ending::token_limit);
  EXPECT_EQ(ollama(R"({"error":"model runner has unexpectedly stopped"})").error,
            "model runner has unexpectedly stopped");
}

TEST(HostApi, ReadsListsOfModels) {
  const auto vllm = decode_models(HostKind::openai,
                                  R"({"object":"list","data":[{"id":"Qwen/Qwen2.5-1.5B-Instruct",)"
                                  R"("object":"model","created":1,"owned_by":"vllm",)"
                                  R"("root":"x","parent":null,"max_model_len":32768},{"id":""}]})");
  ASSERT_TRUE(vllm);
  ASSERT_EQ(vllm->size(), 1u);
  EXPECT_EQ(vllm->front().name, "Qwen/Qwen2.5-1.5B-Instruct");
  EXPECT_EQ(vllm->front().context_max, Tokens(32768));
  const auto llama = decode_models(
      HostKind::openai,
      R"({"data":[{"id":"m.gguf","meta":{"vocab_type":2,"n_ctx":8192,"n_params":134515008,)"
      R"("size":98000000}}]})");
  ASSERT_TRUE(llama);
  EXPECT_EQ(llama->front().context_max, Tokens(8192));
  EXPECT_EQ(llama->front().parameters, 134'515'008);
  const auto tags = decode_models(
      HostKind::ollama,
      R"({"models":[{"name":"deepseek-r1:latest","model":"deepseek-r1:latest","size":4683075271,)"
      R"("digest":"0a8c26","details":{"family":"qwen2","parameter_size":"7.6B",)"
      R"("quantization_level":"Q4_K_M"}}]})");
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->front().parameters, 7'600'000'000);
  EXPECT_EQ(tags->front().quantisation, "Q4_K_M");
  EXPECT_EQ(decode_loaded(R"({"models":[{"name":"a:1b"}]})"), std::vector<std::string>{"a:1b"});
}

TEST(HostApi, BoundsAList) {
  std::string many;
  for (int index = 0; index < 600; ++index)
    many += (index ? "," : "") + std::string(R"({"id":"m"})");
  const auto models = decode_models(HostKind::openai, "{\"data\":[" + many + "]}");
  ASSERT_TRUE(models);
  EXPECT_EQ(models->size(), host_models_max);
  const auto named =
      decode_models(HostKind::openai, "{\"data\":[{\"id\":\"" + std::string(201, 'x') + "\"}]}");
  ASSERT_TRUE(named);
  EXPECT_TRUE(named->empty());
  for (const std::string_view other : {"", "[]", "{}", R"({"data":3})", R"({"models":[]})"}) {
    EXPECT_FALSE(decode_models(HostKind::openai, other)) << other;
  }
}

TEST(HostApi, TellsWhyItIsRefusedOnOneLine) {
  EXPECT_EQ(decode_refusal(R"({"error":{"message":"no\nsuch model","type":"x"}})"),
            "no such model");
  EXPECT_EQ(decode_refusal(R"({"error":"model 'x' not found"})"), "model 'x' not found");
  EXPECT_EQ(decode_refusal(R"({"detail":"Not Found"})"), "Not Found");
  EXPECT_EQ(decode_refusal("Bad Gateway\n"), "Bad Gateway");
  EXPECT_EQ(decode_refusal(""), "it says nothing more");
  EXPECT_LE(decode_refusal(std::string(5000, 'x')).size(), 300u);
}

RC_GTEST_PROP(HostApi, TakesAnyBytes, (const std::string& bytes)) {
  for (const HostKind kind : {HostKind::openai, HostKind::ollama}) {
    (void)decode_line(kind, bytes);
    (void)decode_line(kind, "data: " + bytes);
    (void)decode_models(kind, bytes);
  }
  (void)decode_show(bytes);
  RC_ASSERT(!decode_refusal(bytes).empty());
}

}  // namespace
}  // namespace kai::wire
