// Answers read while they are still written: what a member has stated, against what it gives in the
// end. The texts come in pieces of the size of a token, through the story's own streams.
#include <fmt/format.h>

#include <algorithm>

#include "bench/quality/report.h"
#include "coordinator/streams.h"

namespace kai::bench {

namespace {

constexpr std::size_t piece_bytes = 4;  // about a token

struct Stated {
  std::optional<std::string> form;  // nothing: it never stated its answer before its end
  std::size_t at = 0;               // bytes written by then
};

Stated stated_in(const Question& question, const Answer& answer) {
  Streams streams;
  const std::string_view text = answer.text;
  for (std::size_t from = 0; from + piece_bytes < text.size(); from += piece_bytes) {
    if (!streams.add(answer.member, text.substr(from, piece_bytes))) continue;
    const auto so_far = streams.sentences_of(answer.member);
    if (!states_answer(question.shape, so_far)) continue;
    Answer cut = answer;
    cut.ending = Ending::stated;
    cut.text = so_far;
    if (auto heard = hear(question.shape, question.text, cut); heard.form) {
      return {std::move(heard.form), from + piece_bytes};
    }
  }
  return {};
}

}  // namespace

std::vector<Row> stated_rows(const Panel& panel) {
  double answers = 0, stated = 0, same = 0, bytes = 0, saved = 0, early_right = 0, right = 0;
  for (const Question& question : panel.questions) {
    for (std::size_t voter = 0; voter < question.answers.size(); ++voter) {
      const Answer& answer = question.answers[voter];
      if (question.ballot.groups[voter] == Ballot::not_asked) continue;
      ++answers;
      bytes += static_cast<double>(answer.text.size());
      const Stated early = stated_in(question, answer);
      if (!early.form) continue;
      ++stated;
      same += early.form == question.heard[voter].form;
      early_right += question.gold && early.form == question.gold;
      right += is_right(question, voter);
      saved += static_cast<double>(answer.text.size() - early.at);
    }
  }
  if (answers == 0 || bytes == 0) return {};
  const std::string of_stated = fmt::format("of {} answers stated before their end", stated);
  std::vector<Row> rows;
  rows.push_back({.what = panel.name + ": stated before its end",
                  .value = 100 * stated / answers,
                  .unit = "%",
                  .compared_with = fmt::format("of {} answers; {:.1f} % of all text comes after",
                                               answers, 100 * saved / bytes)});
  if (stated == 0) return rows;
  rows.push_back(
      {.what = panel.name + ": the end says what was stated",
       .value = 100 * same / stated,
       .unit = "%",
       .compared_with = fmt::format("of {} answers; right as stated {:.2f} %, in the end {:.2f} %",
                                    stated, 100 * early_right / stated, 100 * right / stated)});
  return rows;
}

}  // namespace kai::bench
