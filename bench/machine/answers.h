// answers: how well kai predicts when real models' answers end, whose lengths differ.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bench/rows.h"

namespace kai::bench {

struct AnswersOptions {
  std::string models;       // folder of the models that are asked, all of them
  std::size_t count = 240;  // questions at most, 21..
  double minutes = 60;      // > 0: no question is begun later
};

// The questions of a text file, one a line, or of every panel of recorded answers in a folder, in
// turn: the first of each, the second … Each once; none longer than 2,000 bytes.
// Errors: not_found, invalid_request (a panel that cannot be read).
Result<std::vector<std::string>> read_questions(const std::string& path);

// Each question is asked by `kai ask --mode all --tier simple`, in a data folder that begins empty
// and goes at the end: a cold start each time, costs and lengths learned as they come. The first 20
// only teach; nor does a question count that was cut short. Rows: how many were over by the time
// that is kept nine times in ten, and the median error of the expected time.
// Errors: not_found (fewer than 21 questions), deadline (none counted in time), internal (kai ended
// without a document).
Result<std::vector<Row>> answers_rows(const std::vector<std::string>& questions,
                                      const AnswersOptions& options);

}  // namespace kai::bench
