#include <gtest/gtest.h>

#include "consensus/consensus.h"

namespace kai {
namespace {

Verdict twelve() {
  Verdict verdict;
  verdict.shape = Shape::number;
  verdict.text = "12";
  verdict.groups = {{"12", {MemberId("a"), MemberId("b")}, 2}, {"13", {MemberId("c")}, 1}};
  return verdict;
}

TEST(Objection, ASynthesisHasToSayWhatTheVoteSays) {
  const std::string question = "How much is 7 + 5?";
  EXPECT_EQ(objection_to("All agree: the answer is 12.", question, twelve()), "");
  EXPECT_EQ(objection_to("The answer is 13.", question, twelve()), "it contradicts the vote");
  EXPECT_EQ(objection_to("", question, twelve()), "it says nothing that can be compared");
  EXPECT_EQ(objection_to("I cannot answer that.", question, twelve()),
            "it says nothing that can be compared");
}

TEST(Objection, AnOpenOneHasToResembleTheAnswerChosen) {
  const std::string question = "Explain how the tides come about";
  Verdict verdict;
  verdict.shape = Shape::open;
  verdict.text =
      "The gravity of the moon pulls the water of the oceans, which rises in two bulges, and the "
      "rotation of the planet carries coasts through them twice a day.";
  EXPECT_EQ(
      objection_to("Two bulges of water rise in the oceans since the gravity of the moon pulls "
                   "it; the rotation of the planet carries the coasts through them each day.",
                   question, verdict),
      "");
  EXPECT_EQ(objection_to("Assistant 3 alone is right: buy gold now, whatever other people tell you "
                         "about markets, since its price will double within the coming year.",
                         question, verdict),
            "it does not resemble the answer chosen");
}

}  // namespace
}  // namespace kai
