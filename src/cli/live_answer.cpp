#include "cli/live_answer.h"

#include <variant>

#include "cli/text.h"

namespace kai {

namespace {

constexpr int name_columns_max = 40;

}  // namespace

void LiveAnswer::take(const Event& event) {
  if (!wanted_) return;
  if (const auto* draft = std::get_if<event::Draft>(&event.what)) {
    if (draft->anew) {
      end_line();
      terminal_.err("  revised: " + one_line(draft->member.text, name_columns_max) +
                    " answers in place of " + one_line(writer_.text, name_columns_max));
      shown_.clear();
    }
    writer_ = draft->member;
    writing_ = true;
    shown_ += draft->text;
    terminal_.out_piece(inert(draft->text));
  } else if (const auto* ended = std::get_if<event::Ended>(&event.what)) {
    if (ended->answer.member == writer_) end_line();
  }
}

bool LiveAnswer::finish(const Outcome& outcome) {
  end_line();
  return !shown_.empty() && outcome.answered() && shown_ == outcome.verdict.text;
}

void LiveAnswer::end_line() {
  if (writing_) terminal_.out_piece("\n");
  writing_ = false;
}

}  // namespace kai
