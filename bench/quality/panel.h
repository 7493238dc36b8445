// panel: recorded answers of real models, heard as if each had just answered.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "consensus/consensus.h"
#include "domain/answer.h"
#include "learning/learning.h"
#include "wire/panel.h"

namespace kai::bench {

struct Question {
  std::string id;
  Shape shape = Shape::open;       // as the panel says
  Shape shape_read = Shape::open;  // as kai reads the question
  std::string text;
  std::optional<std::string> gold;  // canonical
  std::vector<Answer> answers;      // one a voter, in their order; failed: it has none
  std::vector<Heard> heard;         // of each
  std::vector<double> scores;       // of each, 0..1: the source's judgement
  Ballot ballot;                    // costs: bytes written times billions of parameters
};

struct Panel {
  std::string name;
  std::vector<Voter> voters;     // by the source's names; priors from kai's own table
  std::vector<double> billions;  // of parameters, one a voter
  std::vector<Question> questions;
  bool open() const { return !questions.empty() && questions[0].shape == Shape::open; }
};

// Every NAME*.jsonl.gz or NAME*.jsonl in `folder`, by name. Errors: not_found (no such folder, or
// none in it), invalid_request (a line that cannot be read, named).
Result<std::vector<std::filesystem::path>> panel_files(const std::filesystem::path& folder);
Result<Panel> read_panel(const std::filesystem::path& file);

// Whether an answer says what is right; false where the panel has no gold.
bool is_right(const Question& question, std::size_t voter);

}  // namespace kai::bench
