#include "cli/skill_sheets.h"

#include <fmt/format.h>

#include "learning/lessons.h"
#include "wire/skills.h"

namespace kai {

Result<SkillSheet> learn_again(Shape shape, const std::vector<Model>& models, Store& store) {
  const auto lessons = store.lessons(shape, lessons_max);
  if (!lessons) return std::unexpected(lessons.error());
  SkillSheet sheet = learn(shape, models, *lessons);
  store.put_learned(shape, wire::encode_skills(sheet));
  return sheet;
}

SkillSheets skill_sheets(const std::vector<Model>& models, Store& store) {
  SkillSheets sheets;
  const auto kept = store.learned();
  for (const Shape shape :
       {Shape::choice, Shape::number, Shape::short_text, Shape::code, Shape::open}) {
    SkillSheet& sheet = sheets.by_shape[shape];
    const bool known = kept && kept->contains(shape);
    if (known) {
      if (auto read = wire::decode_skills(kept->at(shape)); read && read->shape == shape) {
        sheet = *std::move(read);
        if (covers(sheet, models)) continue;
      } else {
        sheets.notes.push_back(
            fmt::format("what was learned of {} questions is damaged; it is learned again from "
                        "history",
                        to_string(shape)));
      }
      if (auto again = learn_again(shape, models, store)) {
        sheet = *std::move(again);
        continue;
      }
    }
    sheet = learn(shape, models, {});
  }
  return sheets;
}

}  // namespace kai
