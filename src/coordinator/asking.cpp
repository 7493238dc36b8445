// One member at a time: its turn, its words, what it cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "coordinator/coordinator.h"
#include "coordinator/telling.h"
#include "planner/synthesis.h"

namespace kai {

namespace {

// A member whose worker died is asked once more if at least this much time is left.
constexpr Duration retry_time_min = std::chrono::seconds(2);
// How often a member is asked on another device, since the one before had no room for it.
constexpr int moves_max = 2;
// How much a new measurement moves a cost card: old ones fade as models and machine change.
constexpr double measurement_weight = 0.3;

bool has_no_room(const Answer& answer) {
  return answer.error && (answer.error->code == ErrorCode::no_memory ||
                          answer.error->code == ErrorCode::device_lost ||
                          answer.error->code == ErrorCode::nothing_fits);
}

// For its turn and its load a member has the question's time: a cold start is no hang, which the
// engine tells by its steps. Its own time begins with its turn.
struct Limits {
  Time latest{};
  Duration own{};
};

Limits limits_of(const Ask& ask, const Plan& plan, const PlannerOptions& options) {
  return {std::max(ask.deadline, plan.deadline),
          options.tiers[static_cast<std::size_t>(plan.tier)].member_timeout};
}

// What the engine does not know of an answer: whose it is, and what came before.
void note_asked(Answer& said, const Answer& asked, const Lease& lease) {
  said.member = asked.member;
  said.model = asked.model;
  said.digest = asked.digest;
  said.sample = asked.sample;
  said.device = asked.device;
  said.share = asked.share;
  said.timings.queued = lease.queued();
  said.timings.load = lease.loaded().load;
  said.weights = lease.loaded().weights;
  said.kv_per_token = lease.loaded().kv_per_token;
  said.buffers = lease.loaded().buffers;
}

double blended(double old, double measured, int count) {
  return count == 0 ? measured : old + measurement_weight * (measured - old);
}

// How far the card was from what it took to read and write this. first: before it read.
void note_spread(CostCard& card, const Answer& answer, Duration first) {
  constexpr double first_spread = 0.3;  // of a card that one answer has made
  if (card.measured == 0) {
    card.spread = first_spread;
    return;
  }
  const auto tokens = [](Tokens count) { return static_cast<double>(count.count); };
  const double read = answer.sample == 1 ? tokens(answer.usage.prompt) / card.prefill_rate : 0;
  const double expected = seconds(first) + read + tokens(answer.usage.answer) / card.decode_rate;
  const Timings& times = answer.timings;
  const double took = (answer.sample == 1 ? seconds(times.prefill) : 0) + seconds(times.decode);
  const double off = std::log(std::max(took, 1e-6) / std::max(expected, 1e-6));
  card.spread = std::sqrt(blended(card.spread * card.spread, off * off, card.measured));
}

}  // namespace

// One member from its turn on a lane to its last token. A worker that dies under it is replaced
// and asked once more, if there is time.
Task<Answer> Coordinator::ask_member(Telling& telling, Ask ask, OnSentence on_sentence) {
  const Model* model = model_named(ask.model);
  telling.moved.erase(ask.member);
  const auto messages = conversation(telling.outcome.query, ask, *model, options_.planner);
  Answer answer = co_await try_member(telling, ask, *model, messages, on_sentence);
  const bool lane_died = answer.error && answer.error->code == ErrorCode::lane_lost;
  // One that kills whoever reads it gets no second chance.
  const Time latest = std::max(ask.deadline, telling.outcome.plans.back().deadline);
  if (lane_died && telling.blows < 2 && latest - crew_.clock.now() >= retry_time_min &&
      !co_await cancelled()) {
    answer = co_await try_member(telling, ask, *model, messages, on_sentence);
  }
  for (int moves = 0; moves < moves_max && has_no_room(answer) && !co_await cancelled(); ++moves) {
    telling.waiting.insert_or_assign(ask.member, ask);
    if (!telling.moved.contains(ask.member)) co_await look_at_memory(MemoryWatch::Haste::now);
    auto elsewhere = asked_elsewhere(telling, ask, *answer.error);
    if (!elsewhere) break;
    ask = *std::move(elsewhere);
    if (moves + 1 == moves_max) telling.stays.insert(ask.member);
    answer = co_await try_member(telling, ask, *model, messages, on_sentence);
  }
  telling.waiting.erase(ask.member);
  co_await try_code(telling, answer);
  co_return answer;
}

// Runs a code answer on the examples of its question, where running code is switched on.
Task<void> Coordinator::try_code(const Telling& telling, Answer& answer) {
  if (!crew_.sandbox || telling.examples.empty() || answer.ending == Ending::failed) co_return;
  answer.run = RunResult{};
  if (answer.ending == Ending::cancelled) co_return;
  telling.emit(event::Testing{answer.member});
  answer.run =
      co_await crew_.sandbox->run({python_in(answer.text), telling.examples, telling.deadline});
}

Task<Answer> Coordinator::try_member(Telling& telling, Ask ask, const Model& model,
                                     std::vector<Message> messages, OnSentence on_sentence) {
  telling.streams.begin(ask.member);
  Answer answer;
  answer.member = ask.member;
  answer.model = ask.model;
  answer.digest = model.facts.digest;
  answer.sample = ask.sample;
  answer.device = ask.device;
  answer.share = ask.share;
  const Time start = crew_.clock.now();
  const auto tell_step = telling.emit;
  const Limits limits = limits_of(ask, telling.outcome.plans.back(), options_.planner);
  telling.waiting.insert_or_assign(ask.member, ask);
  Ask turn = ask;
  turn.deadline = limits.latest;
  const auto lease =
      co_await crew_.scheduler.acquire(turn, model, *card_of(ask.model, ask.device),
                                       {[&] { tell_step(event::Queued{ask.member}); },
                                        [&](double done) {
                                          telling.waiting.erase(ask.member);
                                          tell_step(event::Loading{ask.member, done});
                                        },
                                        [&] { return telling.moved.contains(ask.member); }});
  telling.waiting.erase(ask.member);
  if (lease) telling.moved.erase(ask.member);
  if (!lease) {
    note_no_turn(telling, ask, lease.error(), answer);
    answer.timings.total = crew_.clock.now() - start;
    co_return answer;
  }
  crew_.scheduler.stay(ask.model, telling.outcome.query.keep);
  const Duration before = crew_.clock.now() - start;
  ask.deadline = std::min(limits.latest, std::max(ask.deadline, crew_.clock.now() + limits.own));
  const auto on_step = [&](decltype(Event::what) what) {
    const auto* token = std::get_if<event::Token>(&what);
    const bool ripe = token != nullptr && telling.streams.add(ask.member, token->text);
    telling.emit(std::move(what));
    if (token == nullptr) return;
    if (telling.drafting.begun()) {
      telling.show(telling.drafting.written(ask.member, telling.streams.text_of(ask.member)));
    }
    if (ripe) on_sentence(ask.member);
  };
  Answer said = co_await crew_.engine.ask(std::move(messages), ask, model, *lease, on_step);
  // A lane that kai ended itself is nobody's fault.
  if (!lease->lane_ended()) note_said(telling, ask, said);
  note_asked(said, answer, *lease);
  if (said.timings.ttft > Duration::zero()) said.timings.ttft += before;
  said.timings.total = crew_.clock.now() - start;
  // Events and history do without.
  if (!said.tokens.empty()) telling.tokens[ask.member] = std::exchange(said.tokens, {});
  co_return said;
}

// The model of the chosen answer's author makes one text of all answers, in what time is left.
Task<Synthesis> Coordinator::synthesise(Telling& telling) {
  Outcome& outcome = telling.outcome;
  Synthesis synthesis;
  synthesis.answer.member = synthesis_member;
  const auto refuse = [&synthesis](std::string why) {
    synthesis.refused = std::move(why);
    return synthesis;
  };
  const auto& asks = outcome.plans.back().asks;
  const auto author = std::ranges::find(asks, outcome.verdict.author, &Ask::member);
  if (author == asks.end()) co_return refuse("the answer's author is not asked any more");
  if (telling.deadline - crew_.clock.now() < retry_time_min) co_return refuse("no time is left");
  const Model& model = *model_named(author->model);
  const auto plan = plan_synthesis(outcome.query, *author, outcome.answers, model, telling.deadline,
                                   options_.planner);
  if (!plan) co_return refuse("there are no two answers that fit its context");
  synthesis.merged = plan->merged;
  telling.stays.insert(synthesis_member);
  synthesis.answer =
      co_await try_member(telling, plan->ask, model, plan->messages, [](const MemberId&) {});
  learn(synthesis.answer);
  telling.emit(event::Ended{synthesis.answer});
  const Ending ending = synthesis.answer.ending;
  if (ending != Ending::complete && ending != Ending::token_limit) {
    co_return refuse(fmt::format("it was not finished: {}", to_string(ending)));
  }
  co_return refuse(objection_to(synthesis.answer.text, outcome.query.question(), outcome.verdict));
}

// Measured costs replace estimates. A prompt taken over from a fellow sample was not read, so its
// rate says nothing.
void Coordinator::learn(const Answer& answer) {
  CostCard* card = card_of(answer.model, answer.device);
  if (card == nullptr || answer.share < 1) return;
  if (is_host(crew_.fleet, answer.device)) return learn_of_host(*card, answer);
  const Timings& times = answer.timings;
  bool measured = false;
  if (times.load > Duration::zero() && answer.weights > Bytes{}) {
    card->load = from_seconds(blended(seconds(card->load), seconds(times.load), card->measured));
    card->weights = answer.weights;
    card->kv_per_token = answer.kv_per_token;
    card->buffers = std::max(card->buffers, answer.buffers);
    measured = true;
  }
  if (answer.usage.answer.count >= 4 && times.decode > Duration::zero()) {
    note_spread(*card, answer, Duration::zero());
    const double decode = static_cast<double>(answer.usage.answer.count) / seconds(times.decode);
    card->decode_rate = blended(card->decode_rate, decode, card->measured);
    if (answer.sample == 1 && times.prefill > Duration::zero()) {
      const double prefill =
          static_cast<double>(answer.usage.prompt.count) / seconds(times.prefill);
      card->prefill_rate = blended(card->prefill_rate, prefill, card->measured);
    }
    measured = true;
  }
  if (!measured) return;
  ++card->measured;
  crew_.store.put_card(*card);
}

// What passes before a host's first token has a part that every prompt has and one that grows with
// it: long prompts tell of the second, short ones of the first.
void Coordinator::learn_of_host(CostCard& card, const Answer& answer) {
  constexpr std::int64_t long_prompt = 256;  // tokens
  const Timings& times = answer.timings;
  if (answer.usage.answer.count < 4 || times.decode <= Duration::zero()) return;
  note_spread(card, answer, answer.sample == 1 ? card.load : Duration::zero());
  const double decode = static_cast<double>(answer.usage.answer.count) / seconds(times.decode);
  card.decode_rate = blended(card.decode_rate, decode, card.measured);
  const auto prompt = static_cast<double>(answer.usage.prompt.count);
  const double before = seconds(times.prefill);
  const double reading = before - seconds(card.load);
  if (answer.usage.prompt.count >= long_prompt && reading > 0) {
    // A prompt that the host knew from before is read in no time, which says nothing of the next.
    const double least = before / 4;
    card.prefill_rate =
        blended(card.prefill_rate, prompt / std::max(reading, least), card.measured);
  } else {
    const double first = std::max(0.0, before - prompt / card.prefill_rate);
    card.load = from_seconds(blended(seconds(card.load), first, card.measured));
  }
  ++card.measured;
  crew_.store.put_card(card);
}

const Model* Coordinator::model_named(const ModelId& id) const {
  const auto found = std::ranges::find(crew_.fleet.models, id, &Model::id);
  ensure(found != crew_.fleet.models.end(), "the plan asks a model that is not in the fleet");
  return &*found;
}

CostCard* Coordinator::card_of(const ModelId& model, const DeviceId& device) {
  const auto found = std::ranges::find_if(
      cards_, [&](const CostCard& card) { return card.model == model && card.device == device; });
  return found == cards_.end() ? nullptr : &*found;
}

const CostCard* Coordinator::card_of(const ModelId& model, const DeviceId& device) const {
  const auto found = std::ranges::find_if(
      cards_, [&](const CostCard& card) { return card.model == model && card.device == device; });
  return found == cards_.end() ? nullptr : &*found;
}

}  // namespace kai
