#include "domain/skills.h"

#include <algorithm>

namespace kai {

std::string skill_key(const ModelFacts& facts, const ModelId& id) {
  return facts.digest.empty() ? id.text : facts.digest;
}

const ModelSkill* skill_of(const SkillSheet& sheet, const Model& model) {
  const auto found =
      std::ranges::find(sheet.models, skill_key(model.facts, model.id), &ModelSkill::key);
  return found == sheet.models.end() ? nullptr : &*found;
}

}  // namespace kai
