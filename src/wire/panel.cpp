#include "wire/panel.h"

#include <fmt/format.h>

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr std::size_t options_max = 26;
constexpr std::size_t answers_max = 1000;
constexpr double billions_max = 100'000;

std::optional<Shape> shape_of_kind(std::string_view kind) {
  if (kind == "number") return Shape::number;
  if (kind == "short") return Shape::short_text;
  if (kind == "choice") return Shape::choice;
  if (kind == "code") return Shape::code;
  if (kind == "open") return Shape::open;
  return std::nullopt;
}

PanelAnswer read_answer(Fields& fields) {
  PanelAnswer answer;
  answer.model = fields.text("model");
  answer.billions = fields.number("params_b", 0, billions_max);
  answer.text = fields.text("text");
  answer.score = fields.number(fields.has("correct") ? "correct" : "score", 0, 1);
  return answer;
}

}  // namespace

Result<PanelQuestion> decode_panel_line(std::string_view line) {
  return decode(line, [](Fields& fields) {
    PanelQuestion panel;
    panel.id = fields.text("id");
    panel.shape = fields.one_of("kind", shape_of_kind);
    panel.question = fields.text("question");
    if (fields.has("options")) {
      const auto options = fields.texts("options");
      if (options.size() > options_max) fields.reject("options", "more than 26 options");
      for (std::size_t at = 0; at < options.size() && at < options_max; ++at) {
        panel.question += fmt::format("\n{}) {}", static_cast<char>('A' + at), options[at]);
      }
    }
    if (fields.has("gold")) panel.gold = fields.text("gold");
    auto answers = fields.objects("answers");
    if (answers.size() > answers_max) {
      fields.reject("answers", "more than 1,000 answers");
      answers.clear();
    }
    for (auto& answer : answers) panel.answers.push_back(read_answer(answer));
    return panel;
  });
}

}  // namespace kai::wire
