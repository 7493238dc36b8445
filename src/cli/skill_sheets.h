// skill_sheets: what was learned, out of the store and, where that is missing or damaged, learned
// again from history.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/skills.h"
#include "store/store.h"

namespace kai {

inline constexpr int lessons_max = 2000;  // of one shape, the newest

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

}  // namespace kai
