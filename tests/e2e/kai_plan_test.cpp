// kai plan and kai bench models on real models.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

class KaiPlan : public Kai {};

TEST_F(KaiPlan, ShowsWhoRunsWhenAndStartsNoModel) {
  const Ran ran = shell("\"$KAI\" plan 'What is Python?' </dev/null");
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* part : {"What is Python?", "simple: asks for a fact", "gemma3:270m",
                           "smollm2:135m", "█ writes", "memory", "estimated"}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in\n" << ran.out;
  }
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(shell("\"$KAI\" logs --json").out, "");
}

TEST_F(KaiPlan, IsThePlanThatIsAsked) {
  const Ran ran = shell(
      "\"$KAI\" plan --json 'What is the capital of France?' </dev/null >" + path("plan.json") +
      "; \"$KAI\" ask --json --seed 1 'What is the capital of France?' </dev/null >" +
      path("outcome.json") +
      "; python3 - <<'E'\n"
      "import json\n"
      "plan = json.load(open('" +
      path("plan.json") +
      "'))\n"
      "outcome = json.load(open('" +
      path("outcome.json") +
      "'))\n"
      "assert plan['schema'] == 'kai.plan.v1' and plan['fits'], plan\n"
      "assert plan['tier'] == outcome['tier'], (plan, outcome)\n"
      "assert plan['predicted_ms'] == max(one['end_ms'] for one in plan['members']), plan\n"
      "planned = sorted(one['member'] for one in plan['members'])\n"
      "assert planned == sorted(one['member'] for one in outcome['members']), (plan, outcome)\n"
      "assert 0 < plan['devices'][0]['needed_bytes'] < plan['devices'][0]['capacity_bytes'], plan\n"
      "E");
  EXPECT_EQ(ran.status, 0) << ran.err;
}

TEST_F(KaiPlan, OfALateQuestionIsTheNearestThatFits) {
  const Ran ran = shell(
      "\"$KAI\" plan --tier expert --members gemma3:270m --deadline 5s 'What is Python?' "
      "</dev/null");
  EXPECT_EQ(ran.status, 6) << ran.err;
  EXPECT_NE(ran.err.find("does not fit: it would take"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("kai ask --tier "), std::string::npos) << ran.err;
  EXPECT_NE(ran.out.find("the deadline is 5.0 s"), std::string::npos) << ran.out;
}

TEST_F(KaiPlan, ThatNothingFitsIsAnError) {
  const Ran ran = shell("\"$KAI\" plan --json --deadline 100ms 'What is Python?' </dev/null");
  EXPECT_EQ(ran.status, 6) << ran.err;
  EXPECT_NE(ran.out.find("\"nothing_fits\""), std::string::npos) << ran.out;
  const Ran unknown = shell("\"$KAI\" plan -m nobody 'What is Python?' </dev/null");
  EXPECT_EQ(unknown.status, 2) << unknown.err;
}

TEST_F(KaiPlan, CountsWithWhatWasMeasured) {
  const Ran bench = shell("\"$KAI\" bench models smollm2:135m");
  EXPECT_EQ(bench.status, 0) << bench.err;
  EXPECT_NE(bench.out.find("smollm2:135m"), std::string::npos) << bench.out;
  EXPECT_NE(bench.out.find("estimated"), std::string::npos) << bench.out;
  EXPECT_EQ(bench.out.find("gemma3"), std::string::npos) << bench.out;
  const Ran plan = shell("\"$KAI\" plan 'What is Python?' </dev/null");
  EXPECT_NE(plan.out.find("measured on 2 answers"), std::string::npos) << plan.out;
  EXPECT_EQ(shell("\"$KAI\" logs --json").out, "");
}

TEST_F(KaiPlan, WhatCannotBeMeasuredIsToldAndKeepsItsFigures) {
  const Ran late = shell("\"$KAI\" bench models --json --deadline 100ms gemma3:270m");
  EXPECT_EQ(late.status, 1) << late.out << late.err;
  EXPECT_NE(late.out.find("\"after\":null"), std::string::npos) << late.out;
  EXPECT_EQ(shell("\"$KAI\" bench models nobody").status, 2);
}

TEST_F(KaiPlan, AnInterruptEndsMeasuring) {
  const std::string words = "\"$0\" bench models </dev/null; echo $? >\"$1\"";
  const auto process =
      Process::start({"/bin/sh", "-c", words, KAI_BINARY, path("status")}, path("background.err"));
  ASSERT_TRUE(process) << process.error().message;
  pid_t measuring = 0;  // once a worker of it lives
  const auto begun = [&] {
    for (const pid_t shell : children("bench models")) {
      for (const pid_t kai : children_of(shell, "bench")) {
        if (!children_of(kai, "--socket").empty()) measuring = kai;
      }
    }
    return measuring != 0;
  };
  ASSERT_TRUE(until(begun, std::chrono::seconds(60))) << read(path("background.err"));
  ASSERT_EQ(::kill(measuring, SIGINT), 0);
  EXPECT_TRUE(until([&] { return read(path("status")).ends_with('\n'); }));
  EXPECT_EQ(read(path("status")), "130\n");
  const std::string said = read(path("background.err"));
  EXPECT_NE(said.find("interrupted; "), std::string::npos) << said;
}

}  // namespace
}  // namespace kai
