#include "coordinator/documents.h"

#include <utility>

#include "domain/tool_form.h"
#include "wire/json_form.h"
#include "wire/tools.h"

namespace kai {

namespace {

// Without what engines that hold nobody to a form often put around it: ```json and ```.
std::string without_fence(std::string text) {
  constexpr std::string_view fence = "```";
  const auto begin = text.find_first_not_of(" \n\r\t");
  const auto end = text.find_last_not_of(" \n\r\t");
  if (begin == std::string::npos || text.compare(begin, fence.size(), fence) != 0) return text;
  const auto line = text.find('\n', begin);
  const auto close = text.rfind(fence);
  if (line == std::string::npos || close < line || close + fence.size() != end + 1) return text;
  return text.substr(line + 1, close - line - 1);
}

}  // namespace

void read_document(const Query& query, Answer& answer) {
  if (query.json_form.empty() || answer.ending == Ending::failed) return;
  answer.text = without_fence(std::move(answer.text));
  if (!asks_for_tools(query)) {
    answer.document = wire::canonical_json(answer.text).value_or("");
    return;
  }
  auto said = wire::tool_answer(answer.text, query.json_form);
  answer.text = std::move(said.text);
  answer.document = std::move(said.document);
}

}  // namespace kai
