#include "scheduler/batching.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

const CostCard card{.model = ModelId("m"),
                    .device = DeviceId("gpu0"),
                    .weights = Bytes(1000),
                    .kv_per_token = Bytes(1),
                    .buffers = Bytes(100)};

Claim claim_of(std::int64_t context, int sequences = 1) {
  return {card.device, card.model, memory_need(card, Tokens(context), sequences), Tokens(context),
          sequences};
}

TEST(Widened, AloneStaysAsItIs) {
  const Claim own = claim_of(50);
  const Claim wider = widened(own, {&own, 1}, card, Bytes(1'000'000));
  EXPECT_EQ(wider.sequences, 1);
  EXPECT_EQ(wider.bytes, own.bytes);
}

TEST(Widened, HasASequenceForEachThatWaitsOfTheLongestContext) {
  const std::vector<Claim> waiting{claim_of(50), claim_of(80), claim_of(30)};
  const Claim wider = widened(waiting[0], waiting, card, Bytes(1'000'000));
  EXPECT_EQ(wider.sequences, 3);
  EXPECT_EQ(wider.context, Tokens(80));
  EXPECT_EQ(wider.bytes, memory_need(card, Tokens(80), 3));
}

TEST(Widened, TakesOnlyWhatIsFree) {
  const std::vector<Claim> waiting{claim_of(50), claim_of(80), claim_of(30)};
  const Claim own = waiting[0];
  EXPECT_EQ(widened(own, waiting, card, Bytes(0)).sequences, 1);
  const Claim two = widened(own, waiting, card, Bytes(50));
  EXPECT_EQ(two.sequences, 2);
  EXPECT_EQ(two.context, Tokens(50));
  EXPECT_LE(two.bytes, own.bytes + Bytes(50));
}

TEST(Widened, NeverGivesUpWhatTheClaimHas) {
  const Claim own = claim_of(90, 4);
  const Claim other = claim_of(10);
  const std::vector<Claim> waiting{own, other};
  const Claim wider = widened(own, waiting, card, Bytes(1'000'000));
  EXPECT_EQ(wider.sequences, 4);
  EXPECT_EQ(wider.context, Tokens(90));
}

TEST(Widened, IsBounded) {
  const std::vector<Claim> waiting(50, claim_of(50));
  EXPECT_EQ(widened(waiting[0], waiting, card, Bytes(1'000'000)).sequences, batch_max);
}

TEST(Widened, ASplitModelIsLeftAsItIs) {
  Claim own = claim_of(50);
  own.share = 0.5;
  const std::vector<Claim> waiting{own, own};
  EXPECT_EQ(widened(own, waiting, card, Bytes(1'000'000)).sequences, 1);
}

}  // namespace
}  // namespace kai
