#include "api/spine.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http/fixture.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

Query query_of(std::string id) {
  Query query;
  query.id = QueryId(std::move(id));
  query.messages = {{Role::user, "Why?"}};
  return query;
}

event::Token word(std::string member, std::string text) {
  return {MemberId(std::move(member)), std::move(text)};
}

TEST(EventBatch, WordsOfAMemberAndTheLastProgress) {
  EventBatch batch;
  EXPECT_TRUE(batch.take({1ms, event::Loading{MemberId("a"), 0.1}}));
  EXPECT_TRUE(batch.take({2ms, event::Loading{MemberId("a"), 0.9}}));
  EXPECT_TRUE(batch.take({3ms, word("b", "x")}));
  EXPECT_TRUE(batch.take({4ms, word("a", "y")}));
  EXPECT_TRUE(batch.take({5ms, word("b", "z")}));
  EXPECT_FALSE(batch.take({6ms, event::EarlyStop{}}));
  const auto events = batch.empty_out();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(std::get<event::Loading>(events[0].what).progress, 0.9);
  EXPECT_EQ(std::get<event::Token>(events[1].what).text, "xz");
  EXPECT_EQ(std::get<event::Token>(events[2].what).text, "y");
  EXPECT_EQ(events[1].at, 5ms);
  EXPECT_TRUE(batch.empty());
}

TEST(EventBatch, ADraftAnewIsAllThatCounts) {
  EventBatch batch;
  batch.take({1ms, event::Draft{MemberId("a"), "one ", true}});
  batch.take({2ms, event::Draft{MemberId("a"), "two", false}});
  EXPECT_EQ(std::get<event::Draft>(batch.empty_out()[0].what).text, "one two");
  batch.take({3ms, event::Draft{MemberId("a"), "three", false}});
  batch.take({4ms, event::Draft{MemberId("b"), "other", true}});
  const auto events = batch.empty_out();
  ASSERT_EQ(events.size(), 1u);
  const auto& draft = std::get<event::Draft>(events[0].what);
  EXPECT_TRUE(draft.anew && draft.text == "other" && draft.member == MemberId("b"));
}

TEST(Recap, OfAMemberItsLastStepAndItsWords) {
  Recap recap;
  recap.take({1ms, event::Started{}});
  recap.take({2ms, event::Queued{MemberId("a")}});
  recap.take({3ms, event::Loading{MemberId("a"), 0.5}});
  EXPECT_EQ(recap.events().size(), 2u);
  recap.take({4ms, word("a", "x")});
  recap.take({5ms, word("a", "y")});
  recap.take({6ms, word("b", "z")});
  ASSERT_EQ(recap.events().size(), 3u);
  EXPECT_EQ(std::get<event::Token>(recap.events()[1].what).text, "xy");
  Answer answer;
  answer.member = MemberId("a");
  recap.take({7ms, event::Ended{answer}});
  recap.take({8ms, event::Agreement{{}, 2, 1}});
  recap.take({9ms, event::Agreement{{}, 2, 2}});
  EXPECT_EQ(recap.events().size(), 4u);
  recap.take({10ms, event::Completed{}});
  EXPECT_EQ(recap.events().size(), 1u);
}

class SpineTest : public http::HttpTest {};

TEST_F(SpineTest, HoldsNoMoreThanItsBound) {
  Spine spine(io.get_executor(), *clock, {.kept_max = Bytes(4000)});
  const auto tell = [&](const std::string& id) {
    spine.expect(query_of(id));
    spine.refuse(query_of(id), {ErrorCode::overloaded, std::string(500, 'x')});
  };
  tell("q_1");
  const auto first = spine.find(QueryId("q_1"));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->whole && first->over);
  EXPECT_EQ(first->first + 1, first->last);
  EXPECT_TRUE(spine.reaches(first->first - 1));
  for (int n = 2; n < 50; ++n) tell(fmt::format("q_{}", n));
  EXPECT_FALSE(spine.find(QueryId("q_1"))) << "nothing of it is held";
  EXPECT_FALSE(spine.reaches(first->first));
  EXPECT_TRUE(spine.reaches(spine.last()));
  EXPECT_LT(spine.read(0, nullptr, 1 << 20).text.size(), 8000u);
  EXPECT_EQ(spine.read(0, nullptr, 1 << 20).last, spine.last());
}

TEST_F(SpineTest, ARunningOneIsNeverForgotten) {
  Spine spine(io.get_executor(), *clock, {.kept_max = Bytes(4000)});
  spine.expect(query_of("q_1"));
  for (int n = 2; n < 50; ++n) spine.tell_beside([](auto) { return std::string(300, 'x'); });
  const auto told = spine.find(QueryId("q_1"));
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->whole || told->over);
  ASSERT_EQ(spine.recap().size(), 1u);
  EXPECT_TRUE(spine.recap()[0].contains("query.asked"));
  EXPECT_EQ(spine.whole_id(QueryId("q_")), QueryId("q_1"));
  spine.expect(query_of("q_2"));
  EXPECT_EQ(spine.whole_id(QueryId("q_")), QueryId("q_"));
  EXPECT_FALSE(spine.stop(QueryId("q_1"))) << "it is not being answered yet";
}

}  // namespace
}  // namespace kai
