#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using std::chrono::seconds;
using testing_planner::error_for;
using testing_planner::members;
using testing_planner::Pc;
using testing_planner::plan_for;
using testing_planner::start;
using testing_planner::why_left_out;
using Names = std::vector<std::string>;

TEST(MakePlan, TakesTheTierOfTheQuestionUnlessTheUserChose) {
  Pc pc;
  pc.add_models(3);
  EXPECT_EQ(plan_for(pc).tier, Tier::simple);
  pc.query.tier = Tier::medium;
  EXPECT_EQ(plan_for(pc).tier, Tier::medium);
}

TEST(MakePlan, AsksAsManyMembersAsTheTierAllows) {
  for (const auto& [tier, wanted] : {std::pair{Tier::simple, 3UZ},
                                     {Tier::medium, 6UZ},
                                     {Tier::complex, 8UZ},
                                     {Tier::expert, 12UZ}}) {
    Pc pc;
    pc.add_models(14);
    for (auto& card : pc.cards) card.weights = Bytes(0);
    pc.query.tier = tier;
    const Plan plan = plan_for(pc);
    EXPECT_EQ(plan.asks.size(), wanted) << to_string(tier);
    EXPECT_EQ(plan.left_out.size(), 14 - wanted) << to_string(tier);
  }
}

TEST(MakePlan, TokensThatAreToldBoundTheAnswer) {
  Pc pc;
  pc.add_models(1);
  pc.query.answer_max = Tokens(2000);
  pc.query.top_logprobs = 20;
  const Ask ask = plan_for(pc).asks.at(0);
  EXPECT_EQ(ask.answer_max, Tokens(975));
  EXPECT_EQ(ask.sampling.top_logprobs, 20);
  pc.query.top_logprobs = 0;
  EXPECT_EQ(plan_for(pc).asks.at(0).answer_max, Tokens(2000));
}

TEST(MakePlan, PrefersTheSkilled) {
  Pc pc;
  pc.add_model("weak", 0.2);
  pc.add_model("strong", 0.9);
  pc.add_model("middle", 0.5);
  pc.add_model("good", 0.7);
  EXPECT_EQ(members(plan_for(pc)), (Names{"strong", "good", "middle"}));
  EXPECT_EQ(why_left_out(plan_for(pc), "weak"), "not needed: 3 are asked");
}

TEST(MakePlan, OneMemberAnswersAChatProgramsOwnTask) {
  Pc pc("\n### Task:\nGenerate a concise title for the chat.");
  pc.add_models(6);
  PlannerOptions options;
  const auto asked = [&] {
    pc.complexity = assess(pc.query, options);
    return plan_for(pc, options).asks.size();
  };
  EXPECT_EQ(asked(), 1U);
  EXPECT_EQ(pc.complexity.tier, Tier::simple);
  EXPECT_EQ(pc.complexity.why, "a chat program's own task");
  options.chat_tasks = {"Name this chat"};
  EXPECT_GT(asked(), 1U);
  EXPECT_NE(pc.complexity.why, "a chat program's own task");
  pc.query.messages.back().text = "Name this chat, please.";
  EXPECT_EQ(asked(), 1U);
  options.chat_tasks.clear();
  EXPECT_GT(asked(), 1U);
  options.chat_tasks = {"Name this chat"};
  pc.query.models = {ModelId("m1"), ModelId("m2")};
  EXPECT_EQ(asked(), 2U) << "whom the user names is asked";
}

TEST(MakePlan, PrefersTheResidentAmongNearEquals) {
  Pc pc;
  pc.add_models(4);
  pc.add_model("here", 0.48);
  pc.room[0].resident = {ModelId("here")};
  EXPECT_EQ(plan_for(pc).asks.front().member.text, "here");
  EXPECT_EQ(plan_for(pc).asks.front().load, Duration(0));
}

TEST(MakePlan, FillsUpWithFurtherSamplesWhereModelsAreFew) {
  Pc pc;
  pc.add_model("a", 0.5);
  pc.add_model("b", 0.6);
  EXPECT_EQ(members(plan_for(pc)), (Names{"b", "b#2", "a"}));
}

TEST(MakePlan, OneModelHasAtMostSoManySamples) {
  Pc pc;
  pc.add_model("a", 0.5);
  pc.query.tier = Tier::expert;
  EXPECT_EQ(members(plan_for(pc)), (Names{"a", "a#2", "a#3", "a#4"}));
  PlannerOptions options;
  options.samples_per_model_max = 2;
  EXPECT_EQ(members(plan_for(pc, options)), (Names{"a", "a#2"}));
}

TEST(MakePlan, FirstSamplesAreGreedyAndFurtherOnesDrawn) {
  Pc pc;
  pc.add_model("a", 0.5);
  const Plan plan = plan_for(pc);
  ASSERT_EQ(plan.asks.size(), 3U);
  EXPECT_EQ(plan.asks[0].sampling.temperature, 0);
  EXPECT_EQ(plan.asks[1].sampling.temperature, PlannerOptions{}.sample_temperature);
  EXPECT_NE(plan.asks[1].sampling.seed, plan.asks[2].sampling.seed);
  for (const auto& ask : plan.asks) {
    EXPECT_EQ(ask.sampling.seed, derive_seed(pc.query.seed, ask.member.text));
    EXPECT_EQ(ask.sequences, 3);
    EXPECT_EQ(ask.device, plan.asks[0].device);
    EXPECT_EQ(ask.weight, plan.asks[0].weight);
  }
}

TEST(MakePlan, TheUsersWishesOnWritingGoToEveryVoice) {
  Pc pc;
  pc.add_model("a", 0.5);
  pc.query.stop = {"END"};
  pc.query.temperature = 0.3;
  pc.query.top_p = 0.5;
  const Plan plan = plan_for(pc);
  ASSERT_GT(plan.asks.size(), 1u);
  for (const auto& ask : plan.asks) {
    EXPECT_EQ(ask.sampling.stop, Names{"END"});
    EXPECT_EQ(ask.sampling.top_p, 0.5);
  }
  EXPECT_EQ(plan.asks[0].sampling.temperature, 0.3);
  EXPECT_EQ(plan.asks[1].sampling.temperature, PlannerOptions{}.sample_temperature);
  pc.query.temperature = 1.5;
  EXPECT_EQ(plan_for(pc).asks[1].sampling.temperature, 1.5);
}

TEST(MakePlan, ModeAllAsksEveryModelOnceLateOrNot) {
  Pc pc;
  pc.add_models(5);
  pc.card("m3").decode_rate = 0.01;
  pc.query.mode = Mode::all;
  EXPECT_EQ(plan_for(pc).asks.size(), 5U);
  EXPECT_EQ(plan_for(pc).mode, Mode::all);
}

TEST(MakePlan, ModeBestAsksTheMostSkilledThatFits) {
  Pc pc;
  pc.add_model("good", 0.7, 1000);
  pc.add_model("best", 0.75, 1);
  pc.query.mode = Mode::best;
  EXPECT_EQ(members(plan_for(pc)), (Names{"best"}));
  pc.card("best").weights = Bytes(17'000'000'000);
  EXPECT_EQ(members(plan_for(pc)), (Names{"good"}));
}

TEST(MakePlan, NamedModelsAreAskedAndNoOthers) {
  Pc pc;
  pc.add_models(4);
  pc.query.models = {ModelId("m4"), ModelId("m2"), ModelId("m4")};
  EXPECT_EQ(members(plan_for(pc)), (Names{"m2", "m4", "m4#2"}));
  EXPECT_EQ(why_left_out(plan_for(pc), "m1"), "the question names other models");
}

TEST(MakePlan, AnUnknownNameIsRefusedWithTheNearest) {
  Pc pc;
  for (const auto* id : {"smollm2:135m", "gemma3:270m", "smollm2:360m", "qwen3:8b"}) {
    pc.add_model(id, 0.5);
  }
  pc.query.models = {ModelId("smolm2:135m")};
  EXPECT_EQ(error_for(pc).code, ErrorCode::not_found);
  EXPECT_EQ(error_for(pc).message,
            "no model is called \"smolm2:135m\"; the nearest: \"smollm2:135m\", \"smollm2:360m\", "
            "\"gemma3:270m\"; `kai models` and /v1/models list all");
  pc.query.models = {ModelId(std::string(1'000'000, '\xff') + "\n")};
  EXPECT_LT(error_for(pc).message.size(), 500U);
}

TEST(MakePlan, TooManySamplesByNameAreRefused) {
  Pc pc;
  pc.add_models(1);
  pc.query.models.assign(5, ModelId("m1"));
  EXPECT_EQ(error_for(pc).code, ErrorCode::invalid_request);
}

TEST(MakePlan, NoUsableModelIsAnErrorWithTheRemedy) {
  Pc pc;
  EXPECT_EQ(error_for(pc).code, ErrorCode::no_members);
  pc.add_models(2);
  for (auto& model : pc.fleet.models) model.refused = "the file is broken";
  EXPECT_EQ(error_for(pc).code, ErrorCode::no_members);
  EXPECT_NE(error_for(pc).message.find("kai models"), std::string::npos);
}

TEST(MakePlan, RefusedModelsAreLeftOutWithTheirReason) {
  Pc pc;
  pc.add_models(3);
  pc.model("m2").refused = "the file is cut";
  EXPECT_EQ(why_left_out(plan_for(pc), "m2"), "the file is cut");
}

TEST(MakePlan, LeavesOutWhoWouldBeLate) {
  Pc pc;
  pc.add_model("quick", 0.5);
  pc.add_model("slow", 0.9, 2);
  const Plan plan = plan_for(pc);
  EXPECT_EQ(plan.asks.front().member.text, "quick");
  EXPECT_EQ(why_left_out(plan, "slow"), "would finish at 33 s of 30 s");
}

TEST(MakePlan, KeepsAMarginBeforeTheDeadline) {
  Pc pc;
  pc.add_model("quick", 0.5);
  pc.add_model("slow", 0.9, 2.3);
  EXPECT_EQ(why_left_out(plan_for(pc), "slow"),
            "would finish at 29 s of 30 s, too close to the deadline");
}

TEST(MakePlan, AsksOneEvenIfItWillBeLate) {
  Pc pc;
  pc.add_model("slow", 0.9, 1);
  pc.add_model("slower", 0.95, 0.5);
  EXPECT_EQ(members(plan_for(pc)), (Names{"slow"}));
}

TEST(MakePlan, TakesQuickOnesWhereTheStrongOneLeavesTooFewMembers) {
  Pc pc;
  pc.fleet.devices[0].lanes = 1;
  pc.add_model("strong", 0.9, 2.5);  // nearly all of the 27 s that may be planned
  pc.add_model("quick1", 0.5, 200);
  pc.add_model("quick2", 0.5, 200);
  const Plan plan = plan_for(pc);
  EXPECT_GE(plan.asks.size(), 2U);
  EXPECT_NE(why_left_out(plan, "strong"), "");
}

TEST(MakePlan, NoTimeLeftIsSaid) {
  Pc pc;
  pc.add_models(1);
  pc.now = start + seconds(30);
  EXPECT_EQ(error_for(pc).code, ErrorCode::nothing_fits);
}

TEST(MakePlan, CheapFirstWhereSkillsAreEvenStrongFirstWhereOneLeads) {
  Pc pc;
  pc.fleet.devices[0].lanes = pc.fleet.devices[0].running = 1;
  pc.add_model("slow", 0.58, 40);
  pc.add_model("quick", 0.5, 100);
  pc.add_model("middle", 0.55, 60);
  EXPECT_EQ(members(plan_for(pc)), (Names{"quick", "middle", "slow"}));
  pc.skills[0] = 0.9;
  EXPECT_EQ(members(plan_for(pc)), (Names{"slow", "middle", "quick"}));
}

TEST(MakePlan, AColdStartIsInsideTheMembersDeadline) {
  Pc pc;
  pc.query.tier = Tier::expert;
  PlannerOptions options;
  options.tiers[3].member_timeout = seconds(30);
  pc.add_model("m1", 0.5);
  pc.card("m1").load = seconds(20);
  EXPECT_EQ(plan_for(pc, options).asks.front().deadline, start + seconds(2 * 20 + 30));
  pc.card("m1").load = seconds(50);
  EXPECT_EQ(plan_for(pc, options).asks.front().deadline, start + seconds(120));
}

TEST(MakePlan, TheDeadlineIsTheUsersOrTheTiers) {
  Pc pc;
  pc.add_models(1);
  EXPECT_EQ(plan_for(pc).deadline, start + seconds(30));
  pc.query.time_limit = seconds(12);
  EXPECT_EQ(plan_for(pc).deadline, start + seconds(12));
}

TEST(MakePlan, PredictsTheEndOfTheLastMember) {
  Pc pc;
  pc.query.answer_max = Tokens(200);
  pc.fleet.devices[0].lanes = 1;
  pc.add_model("m1", 0.5);
  pc.query.mode = Mode::best;
  const Plan plan = plan_for(pc);
  const Ask& ask = plan.asks.front();
  EXPECT_EQ(ask.load, seconds(1));
  EXPECT_EQ(ask.decode, seconds(1));  // half of 200 tokens at 100 a second
  EXPECT_EQ(plan.predicted, ask.load + ask.prefill + ask.decode);
  EXPECT_EQ(ask.context, ask.prompt + ask.answer_max);
}

TEST(MakePlan, WeightsAreLogOdds) {
  for (const auto& [skill, weight] : {std::pair{0.5, std::log(4.0)},
                                      {0.8, std::log(16.0)},
                                      {0.1, 0.01},
                                      {0.0, 0.01},
                                      {1.0, std::log(99 * 4.0)}}) {
    Pc pc;
    pc.add_model("m1", skill);
    EXPECT_NEAR(plan_for(pc).asks.front().weight, weight, 1e-6) << skill;
  }
}

TEST(MakePlan, WhatWasLearnedSetsWeightsAndOrder) {
  Pc pc;
  pc.add_models(3);
  const std::vector<double> says{0.5, 2, 1.25};
  const std::vector<int> order{2, 0, 1};
  auto input = pc.input();
  input.says = says;
  input.order = order;
  const auto plan = make_plan(input);
  ASSERT_TRUE(plan);
  EXPECT_EQ(members(*plan), (std::vector<std::string>{"m2", "m3", "m1"}));
  EXPECT_EQ(plan->asks[0].weight, 2);
  EXPECT_EQ(plan->asks[1].weight, 1.25);
}

TEST(MakePlan, AsksForBrevityOnlyWhereItHelps) {
  Pc pc;
  pc.add_model("chat", 0.5);
  pc.query.mode = Mode::best;
  const auto instruction = [&] { return plan_for(pc).asks.front().instruction; };
  EXPECT_EQ(instruction(), "Answer briefly and directly.");
  pc.query.tier = Tier::medium;
  EXPECT_EQ(instruction(), "");
  pc.query.tier.reset();
  pc.query.messages.insert(pc.query.messages.begin(), {Role::system, "Speak like a pirate."});
  EXPECT_EQ(instruction(), "");
  pc.query.messages.erase(pc.query.messages.begin());
  pc.model("chat").facts.parameters = 135'000'000;  // it would rather speak French
  EXPECT_EQ(instruction(), "");
  pc.model("chat").facts.parameters = 8'000'000'000;
  pc.model("chat").chat.user = {"Question: ", "\n"};  // a base model's own frames
  EXPECT_EQ(instruction(), "");
}

TEST(MakePlan, ALongQuestionHasAsManyMembersAsItsPrefillLeavesTimeFor) {
  Pc pc(std::string(10'000, 'x'));
  pc.add_models(3);
  pc.card("m1").prefill_rate = 20;
  const Plan plan = plan_for(pc);
  EXPECT_GE(plan.asks.size(), 2U);
  EXPECT_NE(why_left_out(plan, "m1"), "");
  for (auto& card : pc.cards) card.prefill_rate = 20;
  EXPECT_EQ(plan_for(pc).asks.size(), 1U);
}

TEST(MakePlan, AQuestionBeyondTheContextLeavesTheMemberOut) {
  Pc pc(std::string(10'000, 'x'));
  pc.add_models(2);
  pc.model("m1").facts.context_max = Tokens(2048);
  EXPECT_EQ(why_left_out(plan_for(pc), "m1"),
            "the question takes about 3342 tokens, its context is 2048");
}

TEST(MakePlan, TheAnswerShrinksBeforeAMemberIsLeftOut) {
  Pc pc(std::string(5'700, 'x'));
  pc.query.tier = Tier::expert;
  pc.add_models(1);
  pc.model("m1").facts.context_max = Tokens(2048);
  const Ask ask = plan_for(pc).asks.front();
  EXPECT_EQ(ask.context, Tokens(2048));
  EXPECT_EQ(ask.answer_max, Tokens(2048) - ask.prompt);
}

}  // namespace
}  // namespace kai
