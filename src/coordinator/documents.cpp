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

}  // namespace

void read_document(const Query& query, Answer& answer) {
  if (query.json_form.empty() || answer.ending == Ending::failed) return;
  if (!asks_for_tools(query)) {
    answer.document = wire::canonical_json(answer.text).value_or("");
    return;
  }
  auto said = wire::tool_answer(answer.text);
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
