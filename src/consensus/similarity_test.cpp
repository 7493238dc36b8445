#include "consensus/similarity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "consensus/consensus.h"
#include "consensus/testing.h"

namespace kai {
namespace {

using namespace testing_consensus;
using consensus::Gist;
using consensus::gist_of;
using consensus::is_similar;
using consensus::nearness;

// As an embedding model sees it: `angle` apart from the first axis.
Gist pointing(Gist gist, float angle) {
  gist.embedding = {std::cos(angle), std::sin(angle)};
  return gist;
}
constexpr float near = 0.3F, far = 1.5F;  // cosines .96 and .07

TEST(Similarity, EmbeddingsJudgeWhereBothHaveOne) {
  const Gist blue = gist_of(sky, rayleigh), sea = gist_of(sky, ocean);
  ASSERT_FALSE(is_similar(blue, sea));
  EXPECT_TRUE(is_similar(pointing(blue, 0), pointing(sea, near)));
  EXPECT_FALSE(is_similar(pointing(blue, 0), pointing(blue, far)));
}

TEST(Similarity, WordsJudgeWhereOneHasNoneOrAnothersKind) {
  const Gist blue = gist_of(sky, rayleigh), too = gist_of(sky, rayleigh_too);
  ASSERT_TRUE(is_similar(blue, too));
  EXPECT_TRUE(is_similar(pointing(blue, 0), too));
  EXPECT_TRUE(is_similar(too, pointing(blue, 0)));
  Gist longer = pointing(too, far);
  longer.embedding.push_back(0);
  EXPECT_TRUE(is_similar(pointing(blue, 0), longer));
  EXPECT_EQ(nearness(pointing(blue, 0), longer), 0);
}

// What a vector does not tell: real ones of these pairs have cosines of .90 to .997.
struct Turned {
  const char* name;
  const char* one;
  const char* other;
};
class TurnedMeaning : public testing::TestWithParam<Turned> {};

TEST_P(TurnedMeaning, IsNoAgreementHoweverNear) {
  const Gist one = gist_of("Which?", GetParam().one), other = gist_of("Which?", GetParam().other);
  EXPECT_FALSE(is_similar(one, other));
  EXPECT_FALSE(is_similar(pointing(one, 0), pointing(other, 0)));
  EXPECT_TRUE(is_similar(pointing(one, 0), pointing(one, 0)));
}
INSTANTIATE_TEST_SUITE_P(Similarity, TurnedMeaning,
                         testing::Values(Turned{"Negated", "Paris is the capital of France.",
                                                "Paris is not the capital of France."},
                                         Turned{"OtherNumber", "The bridge is 300 metres long.",
                                                "The bridge is 500 metres long."},
                                         Turned{"OtherOrder", "9.11 is larger than 9.9.",
                                                "9.9 is larger than 9.11."}),
                         [](const auto& turned) { return turned.param.name; });

TEST(Similarity, CentralityTakesEmbeddingsOnlyFromAll) {
  auto panel = Panel().said("a", 1, rayleigh).said("b", 1, rayleigh_too).said("c", 1, ocean);
  std::vector<Heard> heard;
  for (const Answer& answer : panel.answers) heard.push_back(hear(Shape::open, sky, answer));
  const auto by_words = open_signs(panel.answers, heard);
  EXPECT_LT(by_words[2].centrality, by_words[0].centrality);
  // By these the ocean lies between the two others.
  heard[0].gist = pointing(heard[0].gist, 0);
  heard[1].gist = pointing(heard[1].gist, 2 * near);
  EXPECT_EQ(open_signs(panel.answers, heard)[0].centrality, by_words[0].centrality);
  heard[2].gist = pointing(heard[2].gist, near);
  const auto by_meaning = open_signs(panel.answers, heard);
  EXPECT_GT(by_meaning[2].centrality, by_meaning[0].centrality);
  EXPECT_GT(by_meaning[2].centrality, by_meaning[1].centrality);
}

RC_GTEST_PROP(Similarity, IsSymmetricWhateverIsGiven, ()) {
  const auto any_gist = [] {
    Gist gist = gist_of("", *rc::gen::arbitrary<std::string>());
    gist.embedding = *rc::gen::container<std::vector<float>>(rc::gen::element(
        -1.0F, 0.5F, 0.0F, std::numeric_limits<float>::max(),
        std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()));
    return gist;
  };
  const Gist a = any_gist(), b = any_gist();
  RC_ASSERT(is_similar(a, b) == is_similar(b, a));
  RC_ASSERT(nearness(a, b) >= -1 && nearness(a, b) <= 1);
  RC_ASSERT(nearness(a, b) == nearness(b, a));
}

}  // namespace
}  // namespace kai
