#include "cli/question.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kai {

Result<std::string> question_of(const std::vector<std::string>& words,
                                const std::optional<std::string>& input) {
  constexpr std::string_view blank = " \t\r\n";
  std::string question = fmt::format("{}", fmt::join(words, " "));
  if (question.find_first_not_of(blank) == std::string::npos) question.clear();
  if (input && input->find_first_not_of(blank) != std::string::npos) {
    if (!question.empty()) question += "\n\n";
    question += input->substr(0, input->find_last_not_of(blank) + 1);
  }
  if (question.empty()) {
    return fail(ErrorCode::invalid_request,
                "there is no question; type one, e.g. kai \"What is the capital of France?\", or "
                "see kai --help");
  }
  return question;
}

}  // namespace kai
