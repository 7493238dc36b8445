// skill_sheets: what was learned, out of the store and, where that is missing or damaged, learned
// again from history.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/skills.h"
#include "store/store.h"

namespace kai {

struct SkillSheets {
  std::map<Shape, SkillSheet> by_shape;  // all shapes
  std::vector<std::string> notes;        // sentences for people: what was damaged
};

// For these models, by the store: a sheet that was kept is used where it is about these very
// models. Another, or a damaged one (noted), is learned again from history and kept; where nothing
// was ever learned, it is made from the priors. A store that fails costs the learning, no question.
SkillSheets skill_sheets(const std::vector<Model>& models, Store& store);

// Learns a shape again from the newest questions, and keeps it. Errors: storage.
Result<SkillSheet> learn_again(Shape shape, const std::vector<Model>& models, Store& store);

// To be called after an answer was shown: what needs no word of the user, when to stop and in what
// order to ask, is learned again after every 20 answered questions of a shape, and kept. Nothing:
// not yet, or the store cannot tell. Cost: a count; when due, 0.1 ms a question of 12 answers
// of 1,500 characters: 56 ms for the newest 500 and those with feedback (LessonRows).
inline constexpr int learned_every = 20;  // questions
// Of the sheet's shape, since it was learned; 0 where the store cannot tell.
int answers_since(const SkillSheet& sheet, Store& store);
struct LearnedMore {
  SkillSheet sheet;
  std::vector<std::string> notes;  // sentences for people, each told once
};
std::optional<LearnedMore> learn_more(const SkillSheet& before, const std::vector<Model>& models,
                                      Store& store);

}  // namespace kai
