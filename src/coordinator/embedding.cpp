#include "coordinator/embedding.h"

#include <algorithm>

namespace kai {

namespace {

constexpr Tokens context_usual(512);  // where the file does not say
constexpr Tokens context_max(2048);

}  // namespace

Task<Result<Embedded>> embed(EmbeddingCrew crew, Model model, CostCard card,
                             std::vector<std::string> texts, Time until) {
  Ask ask;
  ask.member = MemberId(model.id.text);
  ask.model = model.id;
  ask.device = card.device;
  ask.context = model.facts.context_max > Tokens(0) ? std::min(context_max, model.facts.context_max)
                                                    : context_usual;
  ask.prompt = ask.context;
  ask.deadline = ask.wanted_by = until;
  const auto machine = co_await crew.lock.hold({card.device}, until, [](auto&&) {});
  if (!machine) co_return std::unexpected(machine.error());
  const auto lease = co_await crew.scheduler.acquire(ask, model, card, {[] {}, [](double) {}});
  if (!lease) co_return std::unexpected(lease.error());
  auto embedded = co_await crew.engine.embed(std::move(texts), std::move(ask), *lease);
  if (embedded) embedded->load = lease->loaded().load;
  co_return embedded;
}

}  // namespace kai
