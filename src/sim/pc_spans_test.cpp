#include <gtest/gtest.h>

#include <algorithm>

#include "sim/naive.h"
#include "sim/pc_testing.h"
#include "sim/pc_trial.h"

namespace kai {
namespace {

const Pc pc = reference_pc();

PcTrial a_trial() {
  const PcFleet fleet =
      fleet_of(pc, *find_models(pc, {"gemma:2b", "llama3.2:3b", "mistral:7b", "codellama:13b"}));
  Query how;
  how.mode = Mode::all;
  how.hear_all = true;
  return try_question(fleet, written_question(fleet, "Explain how machine learning works"), how,
                      without_timeouts())
      .trial;
}

TEST(PcSpans, EachModelLoadsReadsAndWritesInThisOrder) {
  const PcTrial trial = a_trial();
  ASSERT_TRUE(trial.answered());
  for (const auto* spans : {&trial.kai_spans, &trial.same_spans}) {
    ASSERT_EQ(spans->size(), 4u);
    for (const auto& span : *spans) {
      SCOPED_TRACE(span.model);
      EXPECT_LT(span.load_from, span.load_to);
      EXPECT_LE(span.load_to, span.read_from);
      EXPECT_LT(span.read_from, span.read_to);
      EXPECT_LT(span.read_to, span.write_to);
      EXPECT_GE(span.share, 0);  // the smallest one is the CPU's
      EXPECT_LE(span.share, 1);
    }
  }
  const auto end = [](const std::vector<PcSpan>& spans) {
    return std::ranges::max(spans, {}, &PcSpan::write_to).write_to;
  };
  EXPECT_EQ(end(trial.kai_spans), trial.kai.time);
  EXPECT_EQ(end(trial.same_spans), trial.same.time);
}

TEST(PcSpans, WhoNeverRanHasNone) {
  EXPECT_TRUE(spans_of(std::span<const Event>()).empty());
  EXPECT_TRUE(spans_of(PcRun{}).empty());
  Answer answer;
  answer.member = MemberId("late");
  const Event ended{std::chrono::seconds(5), event::Ended{answer}};
  EXPECT_TRUE(spans_of(std::span(&ended, 1)).empty());
}

}  // namespace
}  // namespace kai
