#include "wire/bench_rows.h"

#include <gtest/gtest.h>

#include "wire/documents.h"

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

// A document whose members' first words came after these times; 0: never.
std::string document(const std::vector<Duration>& ttfts) {
  Outcome outcome;
  outcome.query.messages = {{Role::user, "What is 7 + 5?"}};
  outcome.asked = WallTime(1'772'366'400s);
  for (const Duration ttft : ttfts) {
    Answer answer;
    answer.ending = Ending::complete;
    answer.timings.ttft = ttft;
    answer.timings.load = ttft / 2;
    answer.timings.prefill = ttft / 4;
    outcome.answers.push_back(answer);
  }
  return encode_outcome(outcome);
}

TEST(BenchRows, AreOneLineOfJson) {
  EXPECT_EQ(
      encode(std::vector<BenchRow>{{"decode", 99.5, "tokens/s", "bare: 100", 0.995, ">= 0.98"},
                                   {"start", 3, "ms", "", 0, "", false}}),
      R"([{"what":"decode","value":99.5,"unit":"tokens/s","compared_with":"bare: 100",)"
      R"("ratio":0.995,"reach":">= 0.98","met":true},)"
      R"({"what":"start","value":3,"unit":"ms","compared_with":"","ratio":null,)"
      R"("reach":"","met":false}])");
  EXPECT_EQ(encode(std::vector<BenchRow>{}), "[]");
}

TEST(BenchRows, FirstTokenIsTheEarliestMembers) {
  const auto first = first_token_of(document({3s, 0s, 1s, 2s}));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->ttft, 1s);
  EXPECT_EQ(first->load, 500ms);
  EXPECT_EQ(first->prefill, 250ms);
  EXPECT_EQ(first->asked, WallTime(1'772'366'400s));
}

TEST(BenchRows, NoFirstTokenIsNotFound) {
  for (const auto& silent : {document({}), document({0s})}) {
    const auto first = first_token_of(silent);
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, ErrorCode::not_found);
  }
}

TEST(BenchRows, WhatIsNoDocumentIsRefused) {
  for (const std::string_view text :
       {"", "{}", "[]", R"({"asked":"2026-03-01T12:00:00.000Z"})",
        R"({"asked":"2026-03-01T12:00:00.000Z","members":[1]})",
        R"({"asked":"yesterday","members":[{"ttft_ms":1,"load_ms":1,"prefill_ms":1}]})",
        R"({"asked":"2026-03-01T12:00:00.000Z",)"
        R"("members":[{"ttft_ms":1,"load_ms":"x","prefill_ms":1}]})"}) {
    const auto first = first_token_of(text);
    ASSERT_FALSE(first) << text;
    EXPECT_EQ(first.error().code, ErrorCode::invalid_request) << text;
  }
}

}  // namespace
}  // namespace kai::wire
