// Skills: what was learned about the models on one shape of question.
#pragma once

#include <string>
#include <vector>

#include "domain/learned.h"
#include "domain/model.h"
#include "domain/verdict.h"

namespace kai {

// What a prior counts as, in questions of known answer.
inline constexpr double prior_questions = 40;

// How long a model's answers are, in tokens: their logarithms' mean and standard deviation.
struct AnswerLength {
  double log_mean = 0;
  double log_sd = 0;  // >= 0
  int answers = 0;    // behind it; 0: unknown
  bool operator==(const AnswerLength&) const = default;
};

struct ModelSkill {
  std::string key;    // skill_key() of its model
  double chance = 0;  // 0..1: that its answer is right
  double say = 0;     // >= 0: the weight of its voice in a vote
  int labels = 0;     // questions of known answer that it was judged by
  int order = 0;      // when it is asked, from 0, where the stop rule was learned
  AnswerLength length{};
  bool operator==(const ModelSkill&) const = default;
};

// Of answers about as sure as one another: how sure they were said to be, and how many were right.
struct Reliability {
  double said = 0;   // 0..1, mean
  double right = 0;  // 0..1, share
  int answers = 0;
  bool operator==(const Reliability&) const = default;
};

struct SkillSheet {
  Shape shape = Shape::open;
  std::vector<ModelSkill> models;  // those that could be asked when it was made
  int lessons = 0;                 // questions it was made from
  int labels = 0;                  // of them, with feedback
  int full = 0;                    // of them, that every one of the models answered
  QueryId newest;                  // of them; empty: there was none
  bool guarded = false;            // the most skilled model alone decides, until a vote beats it
  bool rolled_back = false;        // what was learned did harm: priors in its place
  bool frozen = false;  // without a new word of the user another model would have got the most say
  Learned learned;
  std::vector<Reliability> reliability;  // least sure first; empty: not calibrated
  bool operator==(const SkillSheet&) const = default;
};

// What a model's skill is kept by: its file's digest, so that it outlives a renaming and begins
// anew with another file; its id where there is none.
std::string skill_key(const ModelFacts& facts, const ModelId& id);

// Nothing: the sheet does not know the model.
const ModelSkill* skill_of(const SkillSheet& sheet, const Model& model);

}  // namespace kai
