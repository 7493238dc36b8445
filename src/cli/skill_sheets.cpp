#include "cli/skill_sheets.h"

#include <fmt/format.h>

#include "learning/lessons.h"
#include "wire/skills.h"

namespace kai {

Result<SkillSheet> learn_again(Shape shape, const std::vector<Model>& models, Store& store) {
  const auto lessons = store.lessons(shape, LessonRows{});
  if (!lessons) return std::unexpected(lessons.error());
  SkillSheet sheet = learn(shape, models, *lessons);
  store.put_learned(shape, wire::encode_skills(sheet));
  return sheet;
}

int answers_since(const SkillSheet& sheet, Store& store) {
  return store.answered_since(sheet.shape, sheet.newest).value_or(0);
}

std::optional<LearnedMore> learn_more(const SkillSheet& before, const std::vector<Model>& models,
                                      Store& store) {
  if (answers_since(before, store) < learned_every || !covers(before, models)) return std::nullopt;
  const auto lessons = store.lessons(before.shape, LessonRows{});
  if (!lessons) return std::nullopt;
  LearnedMore more{settled(before, learn(before.shape, models, *lessons)), {}};
  store.put_learned(before.shape, wire::encode_skills(more.sheet));
  if (more.sheet.rolled_back && !before.rolled_back) {
    more.notes.push_back(
        fmt::format("what was learned of {} questions did harm; the priors count again",
                    to_string(before.shape)));
  }
  if (more.sheet.frozen && !before.frozen) {
    more.notes.push_back(fmt::format(
        "what was learned of {} questions stays as it was: without feedback another model would "
        "have got the most say; `kai skills` shows it",
        to_string(before.shape)));
  }
  return more;
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
