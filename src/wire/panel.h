// panel: a line of a file of recorded answers: one question and what each model wrote.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/verdict.h"

namespace kai::wire {

struct PanelAnswer {
  std::string model;    // as its source names it
  double billions = 0;  // of parameters, > 0
  std::string text;     // raw, as the model wrote it
  double score = 0;     // 0..1: right or wrong, or a judge's preference
};

struct PanelQuestion {
  std::string id;
  Shape shape = Shape::open;  // as its source says
  std::string question;       // the options, "A) …" one a line, below it
  std::optional<std::string> gold;
  std::vector<PanelAnswer> answers;
};

// {id, kind: number|short|choice|code|open, question, options?, gold?, answers: [{model, params_b,
// text, correct | score}]}; at most 26 options and 1,000 answers.
// Errors: invalid_request, naming the field.
Result<PanelQuestion> decode_panel_line(std::string_view line);

}  // namespace kai::wire
