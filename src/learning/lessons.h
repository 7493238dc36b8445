// lessons: what questions answered before, and what the user said of them, teach about the models
// that can be asked now. Pure.
#pragma once

#include <span>

#include "domain/model.h"
#include "domain/recorded.h"
#include "domain/skills.h"

namespace kai {

// The sheet of one shape. Lessons of other shapes and answers of other models say nothing; without
// lessons it is made from the priors. Of each model its first voice is judged. "good" says that the
// winning answer was right, "bad" that it was wrong and nothing of the others, an answer what would
// have been right. Of an open question only its winner is judged. Confidence is learned from both
// verdicts of a question, stopped and in full, where all models answered. A shape whose recorded
// answers were worse than its most skilled model's alone (one side, 95 %, of the newest 200 labels
// where they differed) goes back to the priors. Cost: some 20 us a lesson, milliseconds for the
// fits.
SkillSheet learn(Shape shape, std::span<const Model> models, std::span<const Lesson> lessons);

// What follows `before` once the same models were learned again with nothing new said by the user:
// where that would hand the most say to another model, `before` stays, frozen. Otherwise `after`.
SkillSheet settled(const SkillSheet& before, SkillSheet after);

// Whether the sheet is about these very models.
bool covers(const SkillSheet& sheet, std::span<const Model> models);

}  // namespace kai
