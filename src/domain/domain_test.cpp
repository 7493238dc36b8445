#include <gtest/gtest.h>

#include <set>

#include "domain/answer.h"
#include "domain/checkup.h"
#include "domain/model.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {
namespace {

// The names of an enum's values 0..last are different words.
template <class E>
void expect_names(E last) {
  std::set<std::string_view> names;
  for (int value = 0; value <= static_cast<int>(last); ++value) {
    const auto name = to_string(static_cast<E>(value));
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), name.npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Names, AreOneWordForEachValue) {
  expect_names(Tier::expert);
  expect_names(Mode::best);
  expect_names(Role::assistant);
  expect_names(Ending::failed);
  expect_names(Shape::open);
  expect_names(DeviceKind::gpu);
  expect_names(Fit::too_long);
  expect_names(Mark::note);
  expect_names(About::sandbox);
  expect_names(ErrorCode::internal);
}

TEST(Names, AreReadBack) {
  for (const Tier tier : {Tier::simple, Tier::medium, Tier::complex, Tier::expert}) {
    EXPECT_EQ(tier_named(to_string(tier)), tier);
  }
  for (const Mode mode : {Mode::adaptive, Mode::all, Mode::best}) {
    EXPECT_EQ(mode_named(to_string(mode)), mode);
  }
  for (const Ending ending : {Ending::complete, Ending::token_limit, Ending::deadline,
                              Ending::cancelled, Ending::failed}) {
    EXPECT_EQ(ending_named(to_string(ending)), ending);
  }
}

TEST(Names, OthersAreNone) {
  for (const std::string_view name : {"", "auto", "Simple", "simple ", "complete\n"}) {
    EXPECT_FALSE(tier_named(name)) << name;
    EXPECT_FALSE(mode_named(name)) << name;
    EXPECT_FALSE(ending_named(name)) << name;
  }
}

TEST(NamesDeathTest, AValueOutsideTheEnumStopsTheProcess) {
  EXPECT_DEATH(to_string(static_cast<Tier>(9)), "an enum value without a name");
}

TEST(MemoryNeed, GrowsWithContextAndSequencesOnly) {
  CostCard card;
  card.weights = Bytes(1000);
  card.buffers = Bytes(100);
  card.kv_per_token = Bytes(2);
  EXPECT_EQ(memory_need(card, Tokens(0), 1), Bytes(1100));
  EXPECT_EQ(memory_need(card, Tokens(10), 1), Bytes(1120));
  EXPECT_EQ(memory_need(card, Tokens(10), 3), Bytes(1160));
  EXPECT_EQ(memory_need(card, Tokens(30), 1), Bytes(1160));
}

TEST(MemoryNeed, OfTheLargestIsNoOverflow) {
  CostCard card;
  card.weights = Bytes(std::int64_t{1} << 42);
  card.kv_per_token = Bytes(1 << 24);
  EXPECT_EQ(memory_need(card, Tokens(1 << 20), 64).count,
            (std::int64_t{1} << 42) + (std::int64_t{1} << 50));
}

}  // namespace
}  // namespace kai
