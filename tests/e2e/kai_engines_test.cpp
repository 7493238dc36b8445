// Engines of others: one kai answers as an OpenAI-compatible host of another one, both of them
// real.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class Engines : public Kai {
 protected:
  void SetUp() override {
    Kai::SetUp();
    if (IsSkipped()) return;
    all_models_ = ::getenv("KAI_MODELS");
    std::filesystem::create_directories(path("none"));
    begin_house("0");
    write("config/kai/kai.toml",
          "[[engines]]\nname = \"house\"\naddress = \"" + address_ + "\"\nlook_every = \"1s\"\n");
  }

  // The kai that is asked: with folders of its own, since both share this machine.
  void begin_house(const std::string& port) {
    set("KAI_DATA_FOLDER", path("house"));
    set("KAI_RUNTIME_FOLDER", path("house-run"));
    set("KAI_CONFIG", path("house.toml"));
    const std::string models = ::getenv("KAI_MODELS");
    set("KAI_MODELS", all_models_);
    write("house.toml", "");
    house_ = start({"serve", "--set", "serve.port=" + port});
    ::unsetenv("KAI_CONFIG");
    set("KAI_MODELS", models);
    set("KAI_DATA_FOLDER", path("data"));
    set("KAI_RUNTIME_FOLDER", runtime());
    address_ = address_of(*house_);
    ASSERT_TRUE(until(
        [&] {
          return shell("curl -s -o /dev/null -w '%{http_code}' " + address_ + "/readyz").out ==
                 "200";
        },
        60s));
  }
  // Whether the lines of Python hold of an answer over HTTP.
  Ran replied(const std::string& body, const std::string& python) const {
    write("reply.json", body);
    return shell("python3 - <<'E'\nimport json\ndocument = json.load(open('" + path("reply.json") +
                 "'))\n" + python + "E");
  }
  std::string port() const { return address_.substr(address_.rfind(':') + 1); }
  void without_models_here() const { set("KAI_MODELS", path("none")); }

  std::unique_ptr<Process> house_;
  std::string all_models_;
  std::string address_;  // "http://127.0.0.1:1234"
};

TEST_F(Engines, AnswerWhereNoModelIsHere) {
  without_models_here();
  const Ran ran = shell(
      "\"$KAI\" ask --json --deadline 80s --members house/smollm2:135m,house/gemma3:270m "
      "'What is the capital of France?'");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Ran held = holds(ran.out,
                         "assert 'Paris' in document['text'], document['text']\n"
                         "assert [a['device'] for a in document['members']] == ['house'] * 2\n"
                         "assert all(a['model_digest'] is None for a in document['members'])\n");
  EXPECT_EQ(held.status, 0) << held.err << ran.out;
}

TEST_F(Engines, AnswerBesideModelsHere) {
  const Ran ran = shell(
      "\"$KAI\" ask --json --deadline 80s --members smollm2:135m,house/gemma3:270m "
      "'What is the capital of France?'");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Ran held = holds(ran.out,
                         "devices = {a['device'] for a in document['members']}\n"
                         "assert set(devices) == {'cpu', 'house'}, devices\n");
  EXPECT_EQ(held.status, 0) << held.err << ran.out;
}

TEST_F(Engines, AreListedPlannedAndExamined) {
  without_models_here();
  const Ran models = shell("\"$KAI\" models && \"$KAI\" models show house/smollm2:135m");
  EXPECT_TRUE(models.out.contains("house/gemma3:270m")) << models.out << models.err;
  EXPECT_TRUE(models.out.contains("openai at " + address_ + "/v1, which calls it smollm2:135m"))
      << models.out;
  EXPECT_FALSE(models.out.contains("kai:auto")) << models.out;
  const Ran plan = shell("\"$KAI\" plan 'What is the capital of France?'");
  EXPECT_EQ(plan.status, 0) << plan.err;
  EXPECT_TRUE(plan.out.contains("waits 0.3 s")) << plan.out;
  EXPECT_FALSE(plan.out.contains("loads 0")) << plan.out;
  EXPECT_FALSE(plan.out.contains("memory    ")) << plan.out;
  const Ran doctor = shell("\"$KAI\" doctor --json >'" + path("doctor.json") + "'");
  EXPECT_EQ(doctor.status, 0) << doctor.err;
  const Ran held = holds_of(path("doctor.json"), "doctor",
                            "found = [f for f in document['findings'] if f['about'] == 'engines']\n"
                            "assert len(found) == 1 and found[0]['level'] == 'good', found\n"
                            "assert '2 usable models' in found[0]['text'], found\n");
  EXPECT_EQ(held.status, 0) << held.err;
}

TEST_F(Engines, ThatAreOutFailNoQuestionAndComeBack) {
  house_->kill();
  ASSERT_TRUE(until([&] { return house_->dead(); }));
  const Ran out = shell("\"$KAI\" models; \"$KAI\" ask 'What is the capital of France?'");
  EXPECT_TRUE(out.err.contains("house is out: Nobody answers at " + address_.substr(7))) << out.err;
  EXPECT_TRUE(out.out.contains("Paris")) << out.out << out.err;
  without_models_here();
  const Ran alone = shell("\"$KAI\" ask 'What is the capital of France?'");
  EXPECT_EQ(alone.status, 6) << alone.err;
  EXPECT_TRUE(alone.err.contains("no engine lists a model; house is out")) << alone.err;
  begin_house(port());
  EXPECT_TRUE(shell("\"$KAI\" ask 'What is the capital of France?'").out.contains("Paris"));
}

TEST_F(Engines, AreWatchedByAServerThatStays) {
  auto server = start({"serve", "--set", "serve.port=0"});
  ASSERT_TRUE(until([&] { return read(path("background.err")).contains("ready"); }, 60s));
  house_->kill();
  EXPECT_TRUE(until([&] { return read(path("background.err")).contains("house is out"); }, 10s));
}

TEST_F(Engines, MayBeginAfterTheServerThatAsksThem) {
  without_models_here();
  house_->kill();
  ASSERT_TRUE(until([&] { return house_->dead(); }));
  auto server = start({"serve", "--set", "serve.port=0"});
  ASSERT_TRUE(until([&] { return read(path("background.err")).contains("ready, 0 of 0"); }, 60s));
  const std::string said = read(path("background.err"));
  EXPECT_TRUE(said.contains("no engine lists a model yet") && said.contains("house is out"))
      << said;
  begin_house(port());
  // By the server, which looks again: of the models here there are none.
  std::string answer;
  EXPECT_TRUE(until(
      [&] {
        answer = shell("\"$KAI\" ask 'What is the capital of France?'").out;
        return answer.contains("Paris");
      },
      30s))
      << answer << read(path("background.err"));
}

TEST_F(Engines, KeepToAFormAndCallTools) {
  without_models_here();
  auto server = start({"serve", "--set", "serve.port=0"});
  const std::string here = address_of(*server);
  ASSERT_TRUE(until([&] { return read(path("background.err")).contains("ready, 2 of 2"); }, 60s));
  const std::string city =
      R"({"type":"object","properties":{"city":{"enum":["Rome","Oslo"]}},"required":["city"],)"
      R"("additionalProperties":false})";
  const auto ask = [&](const std::string& more) {
    write("body", R"({"model":"house/smollm2:135m","messages":[{"role":"user","content":)"
                  R"("Where is it warm?"}],)" +
                      more + "}");
    return shell("curl -s " + here + "/v1/chat/completions -d @'" + path("body") + "'").out;
  };
  const std::string form =
      ask(R"("response_format":{"type":"json_schema","json_schema":{"name":"c","schema":)" + city +
          "}}");
  const Ran formed = replied(form,
                             "said = json.loads(document['choices'][0]['message']['content'])\n"
                             "assert said in ({'city': 'Rome'}, {'city': 'Oslo'}), said\n");
  EXPECT_EQ(formed.status, 0) << formed.err << form;
  const std::string any = ask(R"("response_format":{"type":"json_object"})");
  const Ran object = replied(any,
                             "said = json.loads(document['choices'][0]['message']['content'])\n"
                             "assert isinstance(said, dict), said\n");
  EXPECT_EQ(object.status, 0) << object.err << any;
  const std::string call =
      ask(R"("tool_choice":"required","tools":[{"type":"function","function":{"name":"weather",)"
          R"("parameters":)" +
          city + "}}]");
  const Ran called =
      replied(call,
              "call = document['choices'][0]['message']['tool_calls'][0]['function']\n"
              "assert call['name'] == 'weather', call\n"
              "assert json.loads(call['arguments'])['city'] in ('Rome', 'Oslo'), call\n");
  EXPECT_EQ(called.status, 0) << called.err << call;
}

TEST_F(Engines, HearThatTheClientLeft) {
  without_models_here();
  shell(
      "\"$KAI\" ask --members house/smollm2:135m --deadline 2s "
      "'Explain at length how the tides come about, in every detail'");
  const std::string ending =
      "KAI_DATA_FOLDER='" + path("house") +
      "' \"$KAI\" logs --json -n 1 | python3 -c 'import json,sys; "
      "print((json.loads(sys.stdin.readline())[\"error\"] or {}).get(\"code\"), end=\"\")'";
  EXPECT_TRUE(until([&] { return shell(ending).out == "cancelled"; }, 5s)) << shell(ending).out;
}

}  // namespace
}  // namespace kai
