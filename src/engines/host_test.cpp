#include "engines/host.h"

#include <gtest/gtest.h>

#include "engines/host_testing.h"

namespace kai {
namespace {

using namespace testing_hosts;

using HostAnswers = HostTest;
using HostFaults = HostTest;

const Script good{stream + sse("Pa") + sse("ris") + finished};

void expect_failed(const Answer& answer, ErrorCode code, std::string_view words) {
  EXPECT_EQ(answer.ending, Ending::failed);
  ASSERT_TRUE(answer.error.has_value());
  EXPECT_EQ(answer.error->code, code) << answer.error->message;
  EXPECT_TRUE(answer.error->message.contains(words)) << answer.error->message;
}

TEST_F(HostAnswers, WordByWord) {
  answers({stream + sse("Pa"), 30ms, sse("ris") + finished});
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_EQ(answer.text, "Paris");
  EXPECT_EQ(answer.usage.prompt, Tokens(7));
  EXPECT_EQ(answer.usage.answer, Tokens(2));
  EXPECT_GT(answer.timings.ttft, Duration::zero());
  EXPECT_GE(answer.timings.decode, 25ms);
  ASSERT_EQ(steps_.size(), 3u);
  EXPECT_EQ(std::get<event::Token>(steps_[1]).text, "Pa");
  EXPECT_EQ(std::get<event::Token>(steps_[2]).text, "ris");
}

TEST_F(HostAnswers, AreAskedForAsOpenAiHasIt) {
  key_ = "sk-secret";
  ask_.sampling.temperature = 0.5;
  ask_.sampling.stop = {"END"};
  answers(good);
  ask();
  const std::string sent = there_.last(post);
  EXPECT_TRUE(sent.contains("\r\nAuthorization: Bearer sk-secret\r\n")) << sent;
  EXPECT_TRUE(sent.contains("\r\nHost: 127.0.0.1:" + std::to_string(there_.port()) + "\r\n"));
  for (const std::string field :
       {R"("model":"m")", R"("stream":true)", R"("include_usage":true)", R"("max_tokens":8)",
        R"("temperature":0.5)", R"("stop":["END"])", R"([{"role":"user","content":"Why?"}])"}) {
    EXPECT_TRUE(sent.contains(field)) << field << " in " << sent;
  }
}

TEST_F(HostAnswers, EndAtTheirLengthWithoutUsage) {
  answers({stream + sse("a") + sse("b") +
           "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"length\"}]}\n\n"
           "data: [DONE]\n\n"});
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::token_limit);
  EXPECT_EQ(answer.usage.prompt, Tokens(5));  // as estimated
  EXPECT_EQ(answer.usage.answer, Tokens(2));  // by its pieces
}

TEST_F(HostAnswers, EndWithoutADoneThatIsToCome) {
  answers({stream + sse("a") + finished.substr(0, finished.find("data: [DONE]")), {}, "", true});
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_LT(answer.timings.total, 3s);
}

TEST_F(HostAnswers, TellHowLikelyTheirTokensWere) {
  ask_.sampling.top_logprobs = 2;
  const std::string told =
      R"(data: {"choices":[{"index":0,"delta":{"content":"Paris"},"logprobs":{"content":)"
      R"([{"token":"Par","logprob":-0.5,"top_logprobs":[{"token":"Par","logprob":-0.5}]},)"
      R"({"token":"is","logprob":-0.25,"top_logprobs":[]}]}}]})"
      "\n\n";
  answers({stream + told + finished});
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::complete);
  ASSERT_EQ(answer.tokens.size(), 2u);
  EXPECT_EQ(answer.tokens[0].written, (TokenChance{"Par", -0.5}));
  EXPECT_EQ(answer.tokens[0].likeliest.size(), 1u);
  const std::string sent = there_.last(post);
  EXPECT_TRUE(sent.contains(R"("logprobs":true,"top_logprobs":2)")) << sent;
  ask_.sampling.top_logprobs.reset();
  EXPECT_TRUE(ask().tokens.empty());
  EXPECT_FALSE(there_.last(post).contains("logprobs"));
}

TEST_F(HostFaults, WhoTellsNoLogprobsIsRefusedByName) {
  ask_.sampling.top_logprobs = 0;
  answers(good);
  expect_failed(ask(), ErrorCode::model_refused, "tells no logprobs");
  EXPECT_FALSE(there_.last(post).contains("top_logprobs"));
}

TEST_F(HostAnswers, TakesTheModelsThatAreListed) {
  lists({reply("200 OK", "application/json",
               R"({"data":[{"id":"a","max_model_len":4096},{"id":"kai:auto"},{"id":"b"}]})")});
  look();
  ASSERT_EQ(host().view().models.size(), 2u);
  EXPECT_EQ(host().view().models[0].name, "a");
  EXPECT_EQ(host().view().models[0].context_max, Tokens(4096));
  EXPECT_EQ(host().view().models[1].name, "b");
}

TEST_F(HostAnswers, NamedModelsNeedNoList) {
  options_.models = {"kai:auto", "x"};
  look();  // 404
  EXPECT_EQ(host().view().out, "");
  ASSERT_EQ(host().view().models.size(), 2u);
  EXPECT_EQ(host().view().models[0].name, "kai:auto");
}

TEST_F(HostFaults, RefusedIsOutUntilItIsBack) {
  there_.close();
  expect_failed(ask(), ErrorCode::device_lost, "box is out: Nobody answers at 127.0.0.1:");
  EXPECT_FALSE(host().view().out.empty());
  ScriptedHost again(io_, *clock_, options_.port);
  again.on("GET /v1/models", {list});
  look();
  EXPECT_EQ(host().view().out, "");
  EXPECT_EQ(host().view().models.size(), 2u);
  again.close();
}

TEST_F(HostFaults, SlowIsWaitedForWhileItIsThere) {
  lists({list});
  answers({"", 300ms, good.bytes});
  EXPECT_EQ(ask().text, "Paris");
  EXPECT_GE(there_.count("GET /v1/models"), 2);
}

TEST_F(HostFaults, SlowAfterItsHeadToo) {
  lists({list});
  answers({stream + ": busy\n\n", 400ms, sse("Paris") + finished});
  EXPECT_EQ(ask().text, "Paris");
}

TEST_F(HostFaults, HangsBeforeItsFirstWord) {
  lists({"", {}, "", true});
  answers({"", {}, "", true});
  const Time start = clock_->now();
  expect_failed(ask(), ErrorCode::device_lost, "does not answer at http://127.0.0.1:");
  EXPECT_LT(clock_->now() - start, 2s);
}

TEST_F(HostFaults, HangsMidStream) {
  lists({list});
  answers({stream + sse("Pa"), {}, "", true});
  const Answer answer = ask();
  expect_failed(answer, ErrorCode::host_lost, "wrote nothing more for 0.2 s");
  EXPECT_EQ(answer.text, "Pa");
  EXPECT_EQ(there_.count(post), 1);  // what was streamed is not asked for again
}

TEST_F(HostFaults, SpeaksNoHttp) {
  lists({list});
  answers({"220 mail.example ESMTP\r\n"});
  expect_failed(ask(), ErrorCode::host_lost, "broke off");
  EXPECT_EQ(there_.count(post), 3);
}

TEST_F(HostFaults, GarbageInTheStream) {
  lists({list});
  for (const std::string garbage : {"data: {\"choices\":[\n\n", "data: 3\n\n", "hello\n\n"}) {
    answers({stream + garbage});
    expect_failed(ask(), ErrorCode::host_lost, "wrote nonsense");
  }
}

TEST_F(HostFaults, WrongContentType) {
  lists({list});
  answers({reply("200 OK", "text/html", "<html>hello</html>")});
  expect_failed(ask(), ErrorCode::host_lost, "answers with text/html, not with a stream");
}

TEST_F(HostFaults, A500IsTriedAgain) {
  answers({reply("500 Internal Server Error", "application/json", "{}")});
  answers(good);
  EXPECT_EQ(ask().text, "Paris");
  EXPECT_EQ(there_.count(post), 2);
}

TEST_F(HostFaults, A500ThatStaysIsToldInItsWords) {
  lists({list});
  answers({reply("500 Internal Server Error", "application/json",
                 R"({"error":{"message":"CUDA error\nout of memory"}})")});
  expect_failed(ask(), ErrorCode::host_lost, "box answers 500: CUDA error out of memory");
  EXPECT_EQ(there_.count(post), options_.tries);
}

TEST_F(HostFaults, A429IsWaitedForAsItWishes) {
  answers({reply("429 Too Many Requests", "application/json", "{}", "Retry-After: 1\r\n")});
  answers(good);
  const Answer answer = ask();
  EXPECT_EQ(answer.text, "Paris");
  EXPECT_GE(answer.timings.total, 1s);
}

TEST_F(HostFaults, A429BeyondTheDeadlineIsNotWaitedFor) {
  answers({reply("429 Too Many Requests", "application/json", R"({"error":"slow down"})",
                 "Retry-After: 30\r\n")});
  const Answer answer = ask(5s);
  expect_failed(answer, ErrorCode::overloaded, "too much to do (429): slow down");
  EXPECT_LT(answer.timings.total, 2s);
  EXPECT_EQ(there_.count(post), 1);
}

TEST_F(HostFaults, ARedirectIsNotFollowed) {
  ScriptedHost elsewhere(io_, *clock_);
  answers({reply("307 Temporary Redirect", "text/plain", "",
                 "Location: http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/\r\n")});
  expect_failed(ask(), ErrorCode::model_refused, "redirects, which is not followed");
  EXPECT_EQ(elsewhere.count(""), 0);
  EXPECT_EQ(there_.count(post), 1);
  elsewhere.close();
}

TEST_F(HostFaults, AListThatRedirectsIsOut) {
  lists({reply("302 Found", "text/plain", "", "Location: http://127.0.0.1:1/\r\n")});
  look();
  EXPECT_TRUE(host().view().out.contains("redirects")) << host().view().out;
}

TEST_F(HostFaults, AWrongKeyIsNamedNeverShown) {
  key_ = "sk-secret";
  options_.key_env = "BOX_KEY";
  answers({reply("401 Unauthorized", "application/json", R"({"error":{"message":"no"}})")});
  lists({reply("401 Unauthorized", "application/json", "{}")});
  const Answer answer = ask();
  expect_failed(answer, ErrorCode::model_refused, "refuses its key (401: no); check key_env");
  look();
  EXPECT_TRUE(host().view().out.contains("check key_env")) << host().view().out;
  EXPECT_FALSE((answer.error->message + host().view().out).contains("secret"));
  EXPECT_EQ(there_.count(post), 1);
}

TEST_F(HostFaults, AKeyThatItQuotesIsHidden) {
  key_ = "sk-secret";
  options_.key_env = "BOX_KEY";
  answers({reply("400 Bad Request", "application/json",
                 R"({"error":{"message":"no such token: sk-secret, sk-secret"}})")});
  expect_failed(ask(), ErrorCode::model_refused, "no such token: [key], [key]");
}

TEST_F(HostFaults, AnEndlessAnswerIsCut) {
  answers({stream, {}, sse(std::string(500, 'x')), false, false, true});
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::token_limit);
  EXPECT_LT(answer.text.size(), 6000u);
  const Time until = clock_->now() + 5s;
  while (there_.left == 0 && clock_->now() < until) io_.run_one_for(10ms);
  EXPECT_EQ(there_.left, 1);
}

TEST_F(HostFaults, AnEndlessLineIsDropped) {
  lists({list});
  answers({stream, {}, std::string(65536, 'x'), false, false, true});
  expect_failed(ask(), ErrorCode::host_lost, "broke off");
}

TEST_F(HostFaults, DiesBetweenTwoTokens) {
  lists({list});
  answers({stream + sse("Pa"), 20ms, "", false, true});
  const Answer answer = ask();
  expect_failed(answer, ErrorCode::host_lost, "broke off in the middle of its answer");
  EXPECT_EQ(answer.text, "Pa");
  EXPECT_EQ(there_.count(post), 1);
}

TEST_F(HostFaults, IsCutBetweenTwoBytesOfACharacter) {
  lists({list});
  const std::string word = sse("\xc3\xa9");
  answers({stream + sse("caf") + word.substr(0, word.find('\xc3') + 1)});
  const Answer answer = ask();
  EXPECT_EQ(answer.ending, Ending::failed);
  EXPECT_EQ(answer.text, "caf");
}

TEST_F(HostFaults, GivesUpInItsOwnWords) {
  lists({list});
  answers({stream + sse("Pa") + "data: {\"error\":{\"message\":\"engine died\"}}\n\n"});
  expect_failed(ask(), ErrorCode::host_lost, "box gave up: engine died");
}

TEST_F(HostFaults, ANameThatDoesNotResolve) {
  options_.host = "no-such-host.invalid";
  options_.reach_max = 2s;
  const Time start = clock_->now();
  expect_failed(ask(), ErrorCode::device_lost, "its name no-such-host.invalid is not known here");
  EXPECT_LT(clock_->now() - start, 9s);  // three attempts and a look, each within reach_max
}

TEST_F(HostFaults, ANameThatDoesNotResolveIsNoSlowLookUp) {
  options_.host = "no-such-host.invalid";
  options_.reach_max = 5s;  // longer than a resolver takes that has nobody to ask
  const Time start = clock_->now();
  look();
  if (clock_->now() - start >= options_.reach_max) GTEST_SKIP() << "this resolver does not answer";
  EXPECT_TRUE(host().view().out.contains("its name no-such-host.invalid is not known here;"))
      << host().view().out;
}

// It may mean ::1 as well, where nobody listens.
TEST_F(HostFaults, ItsNameIsLookedUp) {
  options_.host = "localhost";
  answers(good);
  const Answer answer = ask();
  EXPECT_EQ(answer.text, "Paris");
  EXPECT_TRUE(there_.last(post).contains("\r\nHost: localhost:"));
}

TEST_F(HostFaults, OfAddressesTheOneThatAnswersIsTaken) {
  options_.host = "box.example";
  lists({list});
  answers(good);
  host().remember({{}, "", {"::1", "127.0.0.2", "127.0.0.1"}});  // only the last is listened at
  look();
  EXPECT_EQ(host().view().out, "");
  EXPECT_EQ(host().view().numbers.front(), "127.0.0.1");
  host().remember({{}, "", {"127.0.0.2", "127.0.0.1"}});
  EXPECT_EQ(ask().text, "Paris");
}

TEST_F(HostFaults, AFormThatItHasNoWordsForIsNotIgnored) {
  ask_.sampling.form.grammar = "root ::= \"yes\"";
  expect_failed(ask(), ErrorCode::model_refused, "has no words for this form of answer");
  EXPECT_EQ(there_.count(post), 0);
}

TEST_F(HostFaults, ThatAFormFailsAtIsTheQuestionsOwn) {
  ask_.sampling.form = {"root ::= \"1\"", R"({"const":1})"};
  options_.tries = 1;
  lists({list});
  answers({reply("500 Internal Server Error", "application/json",
                 R"({"error":"invalid JSON schema in format"})")});
  expect_failed(ask(), ErrorCode::model_refused, "it was asked for a form of answer");
}

TEST_F(HostFaults, TheDeadlineCutsItWithWhatItSaid) {
  answers({stream + sse("Pa"), {}, "", true});
  options_.silence_max = 10s;
  const Answer answer = ask(300ms);
  EXPECT_EQ(answer.ending, Ending::deadline);
  EXPECT_FALSE(answer.error);
  EXPECT_EQ(answer.text, "Pa");
}

TEST_F(HostFaults, WhoLeavesIsSeenThereAtOnce) {
  answers({stream + sse("Pa"), {}, "", true});
  options_.silence_max = 10s;
  ask_.deadline = clock_->now() + 10s;
  TaskGroup<Answer> group(io_.get_executor());
  group.start(host().ask({{Role::user, "Why?"}}, ask_, model_, [&](const auto& step) {
    if (std::holds_alternative<event::Token>(step)) group.cancel_soon(0);
  }));
  const Time start = clock_->now();
  while (there_.left == 0 && clock_->now() < start + 5s) io_.run_one_for(10ms);
  EXPECT_LT(clock_->now() - start, 500ms);
  const auto rest = run(group.join());
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].value.ending, Ending::cancelled);
}

TEST_F(HostFaults, TheWatchTellsWhenItGoesAndComes) {
  options_.look_every = 20ms;
  lists({reply("500 No", "text/plain", "down")});
  lists({list});
  std::vector<std::string> told;
  TaskGroup<bool> group(io_.get_executor());
  group.start(host().watch([&](std::string notice) { told.push_back(std::move(notice)); }));
  const Time start = clock_->now();
  while (told.size() < 2 && clock_->now() < start + 5s) io_.run_one_for(10ms);
  run(group.join());
  ASSERT_EQ(told.size(), 2u);
  EXPECT_TRUE(told[0].starts_with("box is out: answers 500 at /v1/models: down")) << told[0];
  EXPECT_EQ(told[1], "box is back");
}

}  // namespace
}  // namespace kai
