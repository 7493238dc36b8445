#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "planner/planner.h"

namespace kai {
namespace {

struct Case {
  Tier tier;
  std::string question;
};

// The share of cases with their tier; what was got wrong is printed where it is too low.
double hit_rate(const std::vector<Case>& cases, double wanted) {
  std::string wrong;
  std::map<std::pair<Tier, Tier>, int> confusion;
  std::size_t right = 0;
  for (const auto& [tier, question] : cases) {
    const Complexity complexity = assess(question);
    ++confusion[{tier, complexity.tier}];
    if (complexity.tier == tier) {
      ++right;
      continue;
    }
    wrong += std::string(to_string(tier)) + " taken for " +
             std::string(to_string(complexity.tier)) + " (" +
             std::to_string(complexity.difficulty) + ", " + complexity.why + "): " + question +
             "\n";
  }
  const double rate = static_cast<double>(right) / static_cast<double>(cases.size());
  if (rate < wanted) {
    std::cout << right << " of " << cases.size() << " right\n" << wrong;
    for (const auto& [pair, count] : confusion) {
      std::cout << to_string(pair.first) << " -> " << to_string(pair.second) << ": " << count
                << "\n";
    }
  }
  return rate;
}

std::vector<Case> read_table() {
  std::ifstream file(KAI_SOURCE "/tests/golden/tiers.tsv");
  std::vector<Case> cases;
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos) continue;
    const auto tier = tier_named(line.substr(0, tab));
    EXPECT_TRUE(tier) << line;
    if (tier) cases.push_back({*tier, line.substr(tab + 1)});
  }
  return cases;
}

TEST(Assess, GivesTheFourKnownQuestionsTheirTiers) {
  const std::vector<Case> known{
      {Tier::simple, "What is Python?"},
      {Tier::medium, "Explain how machine learning works"},
      {Tier::complex, "Analyze the ethical implications of AI consciousness"},
      {Tier::expert,
       "Research and analyze the mathematical foundations of deep learning architectures"}};
  for (const auto& [tier, question] : known) EXPECT_EQ(assess(question).tier, tier) << question;
}

// Written by somebody who did not know the rules.
TEST(Assess, AgreesWithTheTableOfTiers) {
  const auto cases = read_table();
  ASSERT_GE(cases.size(), 60U) << "tests/golden/tiers.tsv is missing or cut";
  EXPECT_GE(hit_rate(cases, 0.85), 0.85);
}

// Written beside the rules, before the table was looked at.
TEST(Assess, IsSaneOutsideTheTable) {
  const std::vector<Case> cases{
      {Tier::simple, "hi"},
      {Tier::simple, "Who painted the Mona Lisa?"},
      {Tier::simple, "How many legs does a spider have?"},
      {Tier::simple, "What is 17 * 23?"},
      {Tier::simple, "Translate 'good morning' into Spanish"},
      {Tier::simple, "Is the earth flat?"},
      {Tier::simple, "When did the Second World War end?"},
      {Tier::simple, "What is the Riemann hypothesis?"},
      {Tier::simple, "Name three primary colours"},
      {Tier::simple, "Which is larger, 9.11 or 9.9?"},
      {Tier::medium, "Why is the sky blue?"},
      {Tier::medium, "How does a refrigerator work?"},
      {Tier::medium, "Write a Python function that reverses a linked list"},
      {Tier::medium, "What is the difference between a process and a thread?"},
      {Tier::medium, "Summarize the plot of Hamlet"},
      {Tier::medium, "Can you explain what recursion is to me?"},
      {Tier::medium, "How do I set up a virtual environment?"},
      {Tier::medium, "Compare SQL and NoSQL databases"},
      {Tier::medium, "Plan a three-day trip to Lisbon with two children"},
      {Tier::medium, "Describe the water cycle and why it matters"},
      {Tier::complex, "Discuss the causes of the fall of the Western Roman Empire"},
      {Tier::complex, "Evaluate the arguments for and against a universal basic income"},
      {Tier::complex, "Design a rate limiter for a web API that serves many regions"},
      {Tier::complex, "To what extent did geography shape the economy of ancient Egypt?"},
      {Tier::complex, "Critically assess the role of social media in modern elections"},
      {Tier::complex, "Examine how remote work changes cities and the housing market"},
      {Tier::complex, "I need to design a database schema for a hospital. Discuss trade-offs."},
      {Tier::complex, "Should society regulate genetic engineering? Argue for one side."},
      {Tier::complex, "What are the long-term consequences of automation for employment?"},
      {Tier::complex, "Analyse the symbolism of the green light in The Great Gatsby"},
      {Tier::expert, "Prove that every bounded monotone sequence of reals converges, rigorously"},
      {Tier::expert,
       "Derive the Navier-Stokes equations from first principles and discuss when "
       "smooth solutions are known to exist"},
      {Tier::expert,
       "Investigate and critically evaluate the theoretical limits of quantum error "
       "correction"},
      {Tier::expert, "Develop a comprehensive research agenda for aligning autonomous agents"},
      {Tier::expert,
       "Synthesize the literature on causal inference and propose a unified "
       "framework"},
      {Tier::expert,
       "Formulate and prove a lower bound for comparison sorting, then generalise it "
       "to randomised algorithms"},
      {Tier::expert,
       "Survey current research on protein folding, compare the competing methods "
       "and analyse their open problems"},
      {Tier::expert,
       "Design a Byzantine fault tolerant consensus protocol, prove its safety and "
       "derive its message complexity"},
      {Tier::expert,
       "Research the epistemological foundations of statistical inference and "
       "evaluate the Bayesian position in depth"},
      {Tier::expert,
       "Conduct a systematic investigation of macroeconomic policy under stochastic "
       "shocks and formally derive the optimal response"}};
  ASSERT_EQ(cases.size(), 40U);
  EXPECT_GE(hit_rate(cases, 0.85), 0.85);
}

// Written after the rules had been widened on the table, and right in 26 of 30 when first run.
TEST(Assess, IsSaneOnASecondSetOutsideTheTable) {
  const std::vector<Case> cases{
      {Tier::simple, "capital of mongolia"},
      {Tier::simple, "What's the boiling point of ethanol?"},
      {Tier::simple, "Can penguins fly?"},
      {Tier::simple, "How do you spell necessary?"},
      {Tier::simple, "Give me a synonym for happy"},
      {Tier::simple, "Convert 72 fahrenheit to celsius"},
      {Tier::simple, "Who is the current secretary general of the UN?"},
      {Tier::simple, "Is 91 a prime number?"},
      {Tier::medium, "How do vaccines train the immune system?"},
      {Tier::medium, "What's the difference between affect and effect?"},
      {Tier::medium, "Write a polite email declining a meeting"},
      {Tier::medium, "Why do leaves change colour in autumn?"},
      {Tier::medium, "Please summarise the French Revolution for a school class"},
      {Tier::medium, "How can I center a div with CSS?"},
      {Tier::medium, "Create a weekly workout schedule for a beginner"},
      {Tier::medium, "Explain inflation and how central banks respond to it"},
      {Tier::complex, "Assess whether nuclear power should be part of a low-carbon grid"},
      {Tier::complex, "Discuss how the printing press changed European politics and religion"},
      {Tier::complex, "Is it ethical to eat meat?"},
      {Tier::complex, "What are the trade-offs between event sourcing and plain tables?"},
      {Tier::complex, "Design a curriculum for teaching programming to adults in prison"},
      {Tier::complex, "Should cities ban private cars from their centres?"},
      {Tier::complex, "Interpret the ending of Kafka's The Trial"},
      {Tier::complex, "Evaluate three ways to price a subscription product for small firms"},
      {Tier::expert, "Prove the Cauchy-Schwarz inequality in a general inner product space"},
      {Tier::expert, "Derive the Kalman filter from Bayesian principles"},
      {Tier::expert,
       "Research the thermodynamic limits of computation and analyse what they "
       "imply for reversible architectures"},
      {Tier::expert,
       "Write a research proposal on gut microbiome effects in Parkinson's disease "
       "with hypotheses, methodology and statistical analysis"},
      {Tier::expert,
       "Survey and critique the literature on monetary policy at the zero lower "
       "bound"},
      {Tier::expert,
       "Formulate a rigorous theoretical framework for emergent behaviour in "
       "multi-agent systems"}};
  EXPECT_GE(hit_rate(cases, 0.85), 0.85);
}

TEST(Assess, LongMaterialDoesNotDrownTheDemand) {
  std::string essay = "Summarize this text:\n";
  while (essay.size() < 6000) essay += "Scholars analyze and prove a great deal about theorems. ";
  essay += "That was the text.";
  EXPECT_LT(assess(essay).difficulty, 0.85);
  EXPECT_GE(assess(essay).difficulty, 0.25);
}

TEST(Assess, LengthAloneRaisesTheTier) {
  std::string notes;
  while (notes.size() < 4000) notes += "the cat sat on the mat and it was warm. ";
  EXPECT_GT(assess(notes).difficulty, assess("the cat sat on the mat").difficulty);
}

TEST(Assess, SaysWhyInWordsForPeople) {
  EXPECT_EQ(assess("What is Python?").why, "asks for a fact");
  EXPECT_EQ(assess("Analyze the ethical implications of AI consciousness").why,
            "asks to analyse; a deep subject");
}

TEST(Assess, TakesAnyBytes) {
  const std::string zip("PK\x03\x04\x14\x00\x00\x00\x08\x00\xff\xfe\xe2\x80", 14);
  for (const auto& text : {std::string(), std::string("?"), std::string("\xf0\x9f\x98\x80"), zip,
                           std::string("\xe2"), std::string("\xe2\x80"), std::string(10000, 'a'),
                           std::string(10000, '?'), std::string(10000, '\n')}) {
    const Complexity complexity = assess(text);
    EXPECT_GE(complexity.difficulty, 0);
    EXPECT_LE(complexity.difficulty, 1);
    EXPECT_FALSE(complexity.why.empty());
  }
}

RC_GTEST_PROP(Assess, DependsOnTheTextAloneAndStaysInRange, (const std::string& text)) {
  const Complexity first = assess(text);
  const Complexity second = assess(text);
  RC_ASSERT(first.difficulty == second.difficulty);
  RC_ASSERT(first.why == second.why);
  RC_ASSERT(first.difficulty >= 0 && first.difficulty <= 1);
}

}  // namespace
}  // namespace kai
