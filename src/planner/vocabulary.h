// The words that tell what a question asks for. English only: a question in another language is
// judged by its length, numbers, lists and code alone, and its user may choose the tier.
// A star ends a stem: "analy*" covers analyse, analyzing, analysis.
#pragma once

#include <array>
#include <string_view>

namespace kai::vocabulary {

using namespace std::string_view_literals;

// How a question opens that one looked-up fact would answer.
inline constexpr std::array fact_openers{
    "what is"sv, "what's"sv, "what are"sv, "what was"sv, "what were"sv, "what does"sv, "what do"sv,
    "what did"sv, "what year"sv, "what color"sv, "what colour"sv, "what time"sv, "what day"sv,
    "who"sv, "who's"sv, "whose"sv, "when"sv, "where"sv, "which"sv, "how many"sv, "how much"sv,
    "how old"sv, "how tall"sv, "how far"sv, "how long"sv, "how big"sv, "how fast"sv, "how high"sv,
    "how deep"sv, "how often"sv, "is"sv, "are"sv, "was"sv, "were"sv, "does"sv, "did"sv, "do"sv,
    "has"sv, "have"sv, "can"sv, "define"sv, "name"sv, "list"sv, "translate"sv, "spell"sv,
    "convert"sv, "in what year"sv, "in which"sv};

inline constexpr std::array yes_no_openers{"is"sv,  "are"sv, "can"sv,  "could"sv, "do"sv,
                                           "does"sv, "did"sv, "will"sv, "was"sv,   "were"sv};

// These look like "how do …?" and are looked up all the same.
inline constexpr std::array wordings{"how do you spell"sv, "how do you say"sv, "how do i spell"sv,
                                     "how do i say"sv, "how do you pronounce"sv};

// Verbs, where they ask for something: at the start of a sentence, after "please", "you", "and".
inline constexpr std::array explaining{
    "explain"sv, "describe"sv, "summari*"sv, "outline"sv, "illustrate"sv, "clarify"sv,
    "elaborate"sv, "teach"sv, "walk"sv, "show"sv, "understand"sv};
inline constexpr std::array comparing{
    "compare"sv, "contrast"sv, "distinguish"sv, "differentiate"sv, "rank"sv};
inline constexpr std::array making{
    "write"sv, "create"sv, "implement"sv, "build"sv, "compose"sv, "draft"sv, "generate"sv,
    "make"sv, "code"sv, "program"sv, "refactor"sv, "debug"sv, "fix"sv, "plan"sv, "suggest"sv,
    "recommend"sv, "solve"sv, "rewrite"sv, "improve"sv, "simplify"sv, "prepare"sv, "develop"sv,
    "propose"sv};
inline constexpr std::array analysing{
    "analy*"sv, "evaluate"sv, "assess"sv, "critique"sv, "critici*"sv, "discuss"sv, "examine"sv,
    "argue"sv, "debate"sv, "justify"sv, "interpret"sv, "design"sv, "architect"sv, "devise"sv,
    "diagnose"sv, "troubleshoot"sv, "weigh the"sv, "weigh up"sv, "reflect"sv, "explore"sv,
    "optimi*"sv, "estimate"sv, "predict"sv, "appraise"sv, "defend"sv, "review"sv,
    "work through"sv, "think through"sv, "reason through"sv, "work out"sv, "figure out"sv,
    "lay out"sv};
inline constexpr std::array researching{
    "research"sv, "investigate"sv, "survey"sv, "synthesi*"sv, "formulate"sv, "hypothesi*"sv,
    "theori*"sv, "generali*"sv, "axiomati*"sv, "unify"sv};
inline constexpr std::array proving{
    "prove"sv, "derive"sv, "disprove"sv, "show that"sv, "formali*"sv, "deduce"sv};

// Wherever they stand.
inline constexpr std::array explanation{
    "how do"sv, "how does"sv, "how did"sv, "how can"sv, "how to"sv, "how is"sv, "how are"sv,
    "how was"sv, "how should"sv, "how would"sv, "why"sv, "what happens"sv, "what causes"sv,
    "what caused"sv, "what makes"sv, "reason for"sv, "reasons for"sv, "the process of"sv,
    "steps"sv, "help me understand"sv, "tell me about"sv, "mean by"sv, "meant by"sv,
    "when should"sv, "when do you"sv, "when to"sv, "overview"sv, "summary"sv, "introduction to"sv,
    "examples"sv, "tips"sv, "impact of"sv, "impacts of"sv, "effects of"sv, "role of"sv,
    "limitations"sv, "relationship between"sv, "challenges"sv};
inline constexpr std::array comparison{
    "compare*"sv, "comparison"sv, "contrast"sv, "difference*"sv, "differ"sv, "versus"sv, "vs"sv,
    "advantages"sv, "disadvantages"sv, "similarities"sv, "better than"sv,
    "strengths and weaknesses"sv, "pros and cons"sv};
inline constexpr std::array analysis{
    "analysis"sv, "implication*"sv, "consequences"sv, "ramification*"sv, "trade off*"sv,
    "tradeoff*"sv, "to what extent"sv, "critically"sv, "arguments for"sv, "for and against"sv,
    "case for"sv, "case against"sv, "best case"sv, "both sides"sv, "each side"sv, "how strong"sv,
    "holds up"sv, "hold up"sv, "convinc*"sv, "persuasive"sv, "evaluation"sv, "critique"sv,
    "weighing"sv, "likely causes"sv, "root cause*"sv, "what if"sv, "what would happen"sv,
    "what would you do"sv, "what you would do"sv, "mattered most"sv, "matters most"sv};
inline constexpr std::array research{
    "literature"sv, "novel approach*"sv, "novel method*"sv, "novel framework*"sv, "novel theor*"sv,
    "novel algorithm*"sv, "state of the art"sv, "state of research"sv, "open problem*"sv,
    "open question*"sv, "unsolved"sv, "research on"sv, "research agenda"sv, "research program*"sv,
    "research proposal"sv, "research question*"sv, "theoretical framework"sv, "unified"sv,
    "interdisciplinary"sv, "multidisciplinary"sv, "current research"sv, "review of"sv,
    "meta analysis"sv, "hypotheses"sv, "methodolog*"sv, "peer reviewed"sv};
inline constexpr std::array proof{
    "proof"sv, "proofs"sv, "theorem*"sv, "lemma*"sv, "corollar*"sv, "rigorous*"sv, "formally"sv,
    "axiom*"sv, "conjecture*"sv, "lower bound*"sv, "upper bound*"sv,
    "necessary and sufficient"sv, "first principles"sv, "converge*"sv};
inline constexpr std::array scope{
    "comprehensive*"sv, "in depth"sv, "in detail"sv, "detailed"sv, "thorough*"sv, "rigorous*"sv,
    "systematic*"sv, "extensive*"sv, "critically"sv, "exhaustive*"sv, "end to end"sv,
    "complete"sv, "full"sv, "step by step"sv, "holistic*"sv};
inline constexpr std::array brevity{
    "brief*"sv, "in one word"sv, "one word"sv, "in one sentence"sv, "one sentence"sv,
    "a sentence"sv, "in short"sv, "short answer"sv, "yes or no"sv, "simple terms"sv,
    "simple words"sv, "simply"sv, "tl dr"sv, "quick"sv, "quickly"sv, "eli5"sv, "a few words"sv,
    "two sentences"sv, "to a child"sv, "for kids"sv, "just the"sv, "just tell"sv,
    "no explanation"sv, "no need to"sv};
inline constexpr std::array constraint{
    "must"sv, "without"sv, "at least"sv, "at most"sv, "no more than"sv, "exactly"sv,
    "such that"sv, "subject to"sv, "assuming"sv, "given"sv, "constraint*"sv, "requirement*"sv,
    "considering"sv, "while"sv, "within"sv, "in terms of"sv, "with respect to"sv, "including"sv,
    "except"sv, "unless"sv, "only"sv, "for each"sv, "taking into account"sv, "under"sv,
    "less than"sv, "more than"sv, "as well as"sv, "both"sv, "across"sv};

// A proof or a derivation is what is wanted, whatever the verb.
inline constexpr std::array proof_wanted{
    "proof of"sv, "proof that"sv, "proof for"sv, "derivation of"sv, "derivation for"sv};

// Things people make on demand; a look-up may mention them without asking for one.
inline constexpr std::array product{
    "routine"sv, "recipe"sv, "schedule"sv, "itinerary"sv, "guide"sv, "tutorial"sv, "template"sv,
    "checklist"sv, "essay"sv, "poem"sv, "advice"sv};

// Notions on which reasonable people differ: "is …?" about one of them is no look-up.
inline constexpr std::array contested{
    "free will"sv, "determinis*"sv, "moral*"sv, "ethic*"sv, "immoral*"sv, "unethical"sv,
    "conscious*"sv, "sentien*"sv, "justice"sv, "justified"sv, "unjust"sv, "fair"sv, "unfair"sv,
    "democra*"sv, "capitalis*"sv, "socialis*"sv, "god"sv, "religion"sv, "human rights"sv,
    "human nature"sv, "meaning of life"sv, "compatible with"sv, "objective truth"sv};

// Fields and notions that take study.
inline constexpr std::array depth{
    "mathematic*"sv, "foundation*"sv, "theor*"sv, "quantum"sv, "relativi*"sv, "algorithm*"sv,
    "architect*"sv, "philosoph*"sv, "ethic*"sv, "moral*"sv, "conscious*"sv, "epistem*"sv,
    "ontolog*"sv, "metaphys*"sv, "neural"sv, "deep learning"sv, "machine learning"sv,
    "artificial intelligence"sv, "ai"sv, "cryptograph*"sv, "encrypt*"sv, "distributed"sv,
    "concurren*"sv, "consensus"sv, "scalab*"sv, "topolog*"sv, "algebra*"sv, "differential"sv,
    "stochastic"sv, "probabilis*"sv, "bayes*"sv, "statistic*"sv, "thermodynamic*"sv, "entrop*"sv,
    "genom*"sv, "genetic*"sv, "molecul*"sv, "protein*"sv, "neuro*"sv, "cogniti*"sv, "econom*"sv,
    "macroeconom*"sv, "monetary"sv, "geopolit*"sv, "politic*"sv, "sociolog*"sv, "societ*"sv,
    "socio*"sv, "psycholog*"sv, "constitution*"sv, "jurispruden*"sv, "regulat*"sv, "policy"sv,
    "policies"sv, "historiograph*"sv, "climate"sv, "sustainab*"sv, "gradient*"sv, "transformer*"sv,
    "reinforcement"sv, "causal*"sv, "complexity"sv, "computab*"sv, "compiler*"sv, "latency"sv,
    "throughput"sv, "fault toleran*"sv, "security"sv, "privacy"sv, "blockchain*"sv,
    "microservice*"sv, "systemic"sv, "structural"sv, "paradigm*"sv, "empiric*"sv, "hermeneutic*"sv,
    "linguistic*"sv, "semantic*"sv, "immun*"sv, "pathophysiolog*"sv, "pharmac*"sv, "evolution*"sv,
    "ecolog*"sv, "manifold*"sv, "tensor*"sv, "eigen*"sv, "fourier"sv, "galois"sv, "riemann*"sv,
    "information theor*"sv, "hypothes*"sv, "asymptotic*"sv, "optimi*"sv, "inference"sv,
    "nonlinear"sv, "dynamic*"sv, "geometr*"sv, "topos"sv, "category theory"sv};

}  // namespace kai::vocabulary
