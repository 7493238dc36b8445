#include "coordinator/documents.h"

#include <algorithm>
#include <utility>

#include "domain/tool_form.h"
#include "wire/json_form.h"
#include "wire/tools.h"

namespace kai {

namespace {

double weight_of(const Outcome& outcome, const MemberId& member) {
  for (const auto& plan : outcome.plans) {
    const auto ask = std::ranges::find(plan.asks, member, &Ask::member);
    if (ask != plan.asks.end()) return ask->weight;
  }
  return 0;
}

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

bool take_cut_document(Outcome& outcome) {
  if (outcome.query.json_form.empty()) return false;
  const Answer* strongest = nullptr;
  for (const auto& answer : outcome.answers) {
    if (answer.ending != Ending::token_limit || answer.text.empty()) continue;
    if (strongest == nullptr ||
        weight_of(outcome, answer.member) > weight_of(outcome, strongest->member)) {
      strongest = &answer;
    }
  }
  if (strongest == nullptr) return false;
  outcome.verdict.text = strongest->text;
  outcome.verdict.author = strongest->member;
  outcome.verdict.method = "single";
  return true;
}

}  // namespace kai
