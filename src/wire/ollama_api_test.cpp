#include "wire/ollama_api.h"

#include <gtest/gtest.h>

#include "wire/chat_testing.h"
#include "wire/json.h"

namespace kai::wire {
namespace {

using ollama::Form;
using testing_chat::outcome;

TEST(OllamaApi, ReadsAChat) {
  const auto request = ollama::decode_chat(
      Form::chat,
      R"({"model":"kai","messages":[{"role":"system","content":"Be kind."},)"
      R"({"role":"user","content":"Why?","images":[]}],"stream":false,"keep_alive":"5m",)"
      R"("format":"","think":false,"tools":[],"truncate":true,"kai":{"tier":"expert"},)"
      R"("options":{"temperature":0.5,"top_p":0.9,"seed":42,"num_predict":7,"stop":["x"],)"
      R"("num_ctx":8192,"num_thread":4}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->model, "kai");
  ASSERT_EQ(request->messages.size(), 2u);
  EXPECT_EQ(request->messages[0].role, Role::system);
  EXPECT_FALSE(request->stream);
  EXPECT_EQ(request->temperature, 0.5);
  EXPECT_EQ(request->top_p, 0.9);
  EXPECT_EQ(request->seed, 42u);
  EXPECT_EQ(request->answer_max, Tokens(7));
  EXPECT_EQ(request->stop, std::vector<std::string>{"x"});
  EXPECT_EQ(request->tier, Tier::expert);
}

TEST(OllamaApi, ReadsAPrompt) {
  const auto request = ollama::decode_chat(
      Form::generate,
      R"({"model":"kai","prompt":"Why?","system":"Be kind.","options":{"num_predict":-1}})");
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->messages.size(), 2u);
  EXPECT_EQ(request->messages[1].text, "Why?");
  EXPECT_TRUE(request->stream) << "Ollama streams unless it is told not to";
  EXPECT_FALSE(request->answer_max);
}

TEST(OllamaApi, WithoutWordsThereIsNothingToAsk) {
  for (const auto* body : {R"({"model":"kai"})", R"({"model":"kai","prompt":""})"}) {
    const auto request = ollama::decode_chat(Form::generate, body);
    EXPECT_TRUE(request && request->messages.empty()) << body;
  }
  const auto chat = ollama::decode_chat(Form::chat, R"({"model":"kai","messages":[]})");
  EXPECT_TRUE(chat && chat->messages.empty());
}

TEST(OllamaApi, BindsAnswersToJson) {
  for (const auto& [format, rule] :
       {std::pair{R"("json")", "root ::= map"}, std::pair{R"({"type":"null"})", "root ::= null"}}) {
    const auto request = ollama::decode_chat(
        Form::generate, R"({"model":"kai","prompt":"x","format":)" + std::string(format) + "}");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_NE(request->json_form.grammar.find(rule), std::string::npos)
        << request->json_form.grammar;
  }
}

TEST(OllamaApi, RefusesByName) {
  struct Row {
    std::string more;
    std::string named;
  };
  for (const auto& [more, named] :
       {Row{R"("tools":[{"type":"function"}])", "tools[0].function"},
        Row{R"("format":"yaml")", "format"},
        Row{R"("format":{"type":"string","pattern":"a"})", "format"},
        Row{R"("format":7)", "format"}, Row{R"("think":true)", "think"},
        Row{R"("think":"high")", "think"}, Row{R"("options":{"top_k":5})", "options.top_k"},
        Row{R"("sparkle":1)", "sparkle"}, Row{R"("truncate":false)", "truncate"},
        Row{R"("options":{"mirostat":1})", "options.mirostat"},
        Row{R"("options":{"num_predict":0})", "options.num_predict"},
        Row{R"("options":{"num_predict":99999999})", "options.num_predict"},
        Row{R"("options":{"temperature":-1})", "options.temperature"},
        Row{R"("keep_alive":"soon")", "keep_alive"}, Row{R"("keep_alive":"5x")", "keep_alive"},
        Row{R"("keep_alive":"5m3")", "keep_alive"}, Row{R"("keep_alive":"")", "keep_alive"},
        Row{R"("keep_alive":[])", "keep_alive"}, Row{R"("options":7)", "options"}}) {
    const auto request = ollama::decode_chat(
        Form::chat, R"({"model":"kai","messages":[{"role":"user","content":"x"}],)" + more + "}");
    ASSERT_FALSE(request) << more;
    EXPECT_NE(request.error().message.find('"' + named + '"'), std::string::npos)
        << more << ": " << request.error().message;
  }
  EXPECT_FALSE(ollama::decode_chat(
      Form::chat, R"({"model":"kai","messages":[{"role":"user","content":"x","mood":"good"}]})"));
  const std::string image = R"({"model":"kai","messages":[{"role":"user","content":"x",)"
                            R"("images":["aGk="]}]})";
  for (const auto& [form, body] :
       {std::pair{Form::chat, image},
        std::pair{Form::generate, std::string(R"({"model":"kai","prompt":"x","images":["aGk="]})")},
        std::pair{Form::generate,
                  std::string(R"({"model":"kai","prompt":"x","images":"aGk="})")}}) {
    const auto request = ollama::decode_chat(form, body);
    ASSERT_FALSE(request) << body;
    EXPECT_TRUE(request.error().message.contains("images\" is not supported by kai; leave it out"))
        << request.error().message;
  }
  EXPECT_FALSE(ollama::decode_chat(Form::generate, R"({"model":"kai","context":[1]})"));
}

const WallTime then{std::chrono::seconds(1000)};

TEST(OllamaApi, AStreamIsTheGoldenLines) {
  const ollama::Stamp chat{Form::chat, "kai", then};
  EXPECT_EQ(ollama::encode_words(chat, "Pa"),
            R"({"model":"kai","created_at":"1970-01-01T00:16:40.000Z",)"
            R"("message":{"role":"assistant","content":"Pa"},"done":false})"
            "\n");
  const std::string last = ollama::encode_last(chat, outcome(), "");
  EXPECT_TRUE(last.starts_with(
      R"({"model":"kai","created_at":"1970-01-01T00:16:40.000Z",)"
      R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
      R"("total_duration":1500000000,"load_duration":20000000,"prompt_eval_count":6,)"
      R"("prompt_eval_duration":8000000,"eval_count":3,"eval_duration":10000000,"kai":{)"))
      << last;
  EXPECT_TRUE(last.ends_with("}\n"));
  const ollama::Stamp generate{Form::generate, "kai", then};
  EXPECT_NE(ollama::encode_unloaded(generate).find(R"("done_reason":"unload")"), std::string::npos);
  EXPECT_EQ(ollama::encode_loaded(generate),
            R"({"model":"kai","created_at":"1970-01-01T00:16:40.000Z","response":"",)"
            R"("done":true,"done_reason":"load"})"
            "\n");
}

Model model() {
  Model model;
  model.id = ModelId("tiny:1m");
  model.facts.digest = "abcd";
  model.facts.architecture = "llama";
  model.facts.name = "Tiny";
  model.facts.quantisation = "Q4_1";
  model.facts.parameters = 134'000'000;
  model.facts.file = Bytes(77);
  model.facts.context_max = Tokens(2048);
  model.facts.layers = 3;
  return model;
}

TEST(OllamaApi, TellsItsModels) {
  const Model tiny = model();
  EXPECT_EQ(ollama::encode_tags({{"tiny:1m", &tiny}}, then),
            R"({"models":[{"name":"tiny:1m","model":"tiny:1m",)"
            R"("modified_at":"1970-01-01T00:16:40.000Z","size":77,"digest":"abcd",)"
            R"("details":{"parent_model":"","format":"gguf","family":"llama",)"
            R"("families":["llama"],"parameter_size":"134.00M","quantization_level":"Q4_1"}}]})");
  const std::string shown = ollama::encode_show({"tiny:1m", &tiny}, then);
  EXPECT_NE(shown.find(R"("model_info":{"general.architecture":"llama","general.name":"Tiny",)"
                       R"("general.parameter_count":134000000,"llama.context_length":2048,)"
                       R"("llama.block_count":3},"capabilities":["completion","tools"])"),
            std::string::npos)
      << shown;
  EXPECT_NE(ollama::encode_show({"kai:auto", nullptr}, then).find(R"("model_info":{"general)"),
            std::string::npos);
  const std::string ps = ollama::encode_ps({{&tiny, Bytes(5), Bytes(0)}});
  EXPECT_NE(ps.find(R"("size":5,)"), std::string::npos) << ps;
  EXPECT_NE(ps.find(R"("expires_at":"9999-)"), std::string::npos) << ps;
  const std::string leaving = ollama::encode_ps({{&tiny, Bytes(5), Bytes(0), then}});
  EXPECT_NE(leaving.find(R"("expires_at":")" + wire::to_rfc3339(then)), std::string::npos)
      << leaving;
}

TEST(OllamaApi, ShowTakesEitherName) {
  EXPECT_EQ(ollama::decode_show(R"({"model":"a"})").value_or(""), "a");
  EXPECT_EQ(ollama::decode_show(R"({"name":"b"})").value_or(""), "b");
  EXPECT_EQ(ollama::decode_show(R"({"model":"","name":"b"})").value_or(""), "b");
  EXPECT_FALSE(ollama::decode_show("{}"));
}

TEST(OllamaApi, ErrorsAreOneLine) {
  EXPECT_EQ(ollama::encode_error({ErrorCode::internal, "a\nb"}), "{\"error\":\"a\\nb\"}\n");
  EXPECT_EQ(ollama::encode_version("1.2"), R"({"version":"0.13.3","kai":"1.2"})");
}

TEST(Ollama, HowLongModelsStayIsADurationOrSeconds) {
  using namespace std::chrono_literals;
  for (const auto& [said, length] :
       {std::pair<std::string, std::optional<Duration>>{"null", std::nullopt},
        {"0", 0s},
        {"\"0\"", 0s},
        {"\"0s\"", 0s},
        {"1800", 1800s},
        {"\"5m\"", 5min},
        {"\"1h30m\"", 90min},
        {"\"1.5s\"", 1500ms},
        {"\"250ms\"", 250ms},
        {"-1", Duration::max()},
        {"\"-1m\"", Duration::max()},
        {"1e12", 24h * 30}}) {
    const auto request = ollama::decode_chat(
        Form::generate, R"({"model":"kai","prompt":"x","keep_alive":)" + said + "}");
    ASSERT_TRUE(request) << said << request.error().message;
    EXPECT_EQ(request->keep, length) << said;
  }
}

}  // namespace
}  // namespace kai::wire
