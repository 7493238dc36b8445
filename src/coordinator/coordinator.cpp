// The story of a question, in the order it happens: tell() from top to bottom, and below it the
// steps it names; one member's part is in asking.cpp. Everything here is one coroutine tree on one
// thread; the decisions are made by the pure functions of planner and consensus.
#include "coordinator/coordinator.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>

#include "consensus/examples.h"
#include "coordinator/documents.h"
#include "coordinator/telling.h"
#include "coordinator/uncounted.h"
#include "domain/tool_form.h"

namespace kai {

namespace {

// After a deadline members still send what they have; whoever is later is cut.
constexpr Duration last_words = std::chrono::milliseconds(400);

}  // namespace

Coordinator::Coordinator(Crew crew, CoordinatorOptions options, std::vector<CostCard> cards)
    : crew_(std::move(crew)),
      options_(std::move(options)),
      cards_(std::move(cards)),
      breaker_(options_.breaker) {
  for (const auto& device : crew_.fleet.devices) {
    if (device.kind == DeviceKind::remote) breaker_.note_host(device.id);
  }
}

Task<Outcome> Coordinator::answer(Query query, OnEvent on_event) {
  const Time asked = query.asked;
  Telling telling;
  telling.outcome.query = std::move(query);
  telling.outcome.asked = crew_.clock.wall();
  telling.emit = [this, asked, &on_event](decltype(Event::what) what) {
    if (on_event) on_event(Event{crew_.clock.now() - asked, std::move(what)});
  };
  const bool recorded = telling.outcome.query.recorded;
  if (recorded) crew_.store.begin(telling.outcome.query, telling.outcome.asked);
  std::exception_ptr fault;
  try {
    co_await tell_watching(telling);
  } catch (const std::exception& error) {
    fault = std::current_exception();
    telling.outcome.error = Error{ErrorCode::internal, error.what()};
  }
  telling.outcome.latency = crew_.clock.now() - asked;
  if (recorded) crew_.store.record(telling.outcome);
  telling.emit(event::Completed{telling.outcome});
  telling.outcome.tokens = std::move(telling.tokens[telling.outcome.verdict.author]);
  if (fault) std::rethrow_exception(fault);
  co_return std::move(telling.outcome);
}

Task<void> Coordinator::tell(Telling& telling) {
  Outcome& outcome = telling.outcome;
  const Query& query = outcome.query;
  const auto end = [&outcome](Error error) { outcome.error = std::move(error); };

  if (auto good = consider(telling); !good) co_return end(good.error());

  const auto machine = co_await crew_.lock.hold(
      devices_here(crew_.fleet), telling.deadline,
      [&telling](std::string why) { telling.emit(event::Waiting{std::move(why)}); });
  if (!machine) co_return end(machine.error());

  end_outages();
  co_await look_at_memory(MemoryWatch::Haste::usual);
  auto room = room_for(telling);
  auto plan = make_plan(plan_input(telling, room), options_.planner);
  if (!plan) co_return end(plan.error());
  study_in_full(telling, room, *plan);
  telling.emit(event::Started{query.id, outcome.complexity, *plan});

  asked_last_ = plan->asks;
  ++planned_;
  outcome.plans.push_back(*plan);
  auto ran = co_await run(telling, *plan);
  // R5: nobody gave a valid answer; try with less while there is time.
  // Not where the question seems to be what kills the workers.
  while (ran && outcome.verdict.voters == 0 && telling.blows < 2 && !ended_as_asked(outcome)) {
    room = crew_.scheduler.rooms(query.asked);
    auto simpler = fallback(plan_input(telling, room), outcome, options_.planner);
    if (!simpler) break;
    telling.emit(event::Fallback{"no valid answer; trying simpler models", *simpler});
    outcome.plans.push_back(*simpler);
    ran = co_await run(telling, *simpler);
  }
  if (!ran) co_return end(ran.error());
  const bool voted = outcome.verdict.voters > 0;
  const bool answered = voted || take_uncounted(outcome);
  if (telling.drafting.begun()) telling.show(telling.drafting.settled(outcome.verdict));
  outcome.drafted = telling.drafting.first();
  if (!answered) co_return end(no_answer(outcome, crew_.clock.now() >= telling.deadline));
  if (voted && query.synthesize && !telling.left) {
    outcome.synthesis = co_await synthesise(telling);
  }
}

Result<> Coordinator::check(const Query& query) const {
  if (query.messages.empty() || query.messages.back().role != Role::user) {
    return fail(ErrorCode::invalid_request, "there is no question to answer");
  }
  const std::string& question = query.question();
  if (question.find_first_not_of(" \t\r\n") == std::string::npos) {
    return fail(ErrorCode::invalid_request,
                "the question is empty; ask one, e.g. \"What is the capital of France?\"");
  }
  for (const auto& message : query.messages) {
    if (!utf8::is_valid(message.text.begin(), message.text.end())) {
      return fail(ErrorCode::invalid_request,
                  "the question is not valid UTF-8; convert it first, "
                  "e.g. with iconv");
    }
    if (message.text.find('\0') != std::string::npos) {
      return fail(ErrorCode::invalid_request,
                  "the question contains a NUL byte; is it a file that "
                  "is not text?");
    }
  }
  if (question.size() > options_.question_chars_max) {
    return fail(ErrorCode::invalid_request,
                fmt::format("the question has {} bytes, the limit is {}", question.size(),
                            options_.question_chars_max));
  }
  return {};
}

// What is known of a question before its plan. Errors: invalid_request.
Result<> Coordinator::consider(Telling& telling) const {
  const Query& query = telling.outcome.query;
  if (auto good = check(query); !good) return good;
  telling.outcome.complexity = assess(query, options_.planner);
  if (is_chat_task(query, options_.planner)) telling.outcome.query.tier = Tier::simple;
  // A document is the same or it is not, whatever was asked for in it.
  telling.shape = query.json_form.empty() ? shape_of(query.question()) : Shape::short_text;
  if (telling.shape == Shape::code) telling.examples = examples_in(query.question());
  look_up_skills(telling);
  const Tier tier = query.tier.value_or(telling.outcome.complexity.tier);
  telling.deadline =
      query.asked +
      query.time_limit.value_or(options_.planner.tiers[static_cast<std::size_t>(tier)].timeout);
  return {};
}

std::vector<DeviceRoom> Coordinator::room_for(const Telling& telling) const {
  const Outcome& outcome = telling.outcome;
  return crew_.scheduler.rooms(wanted_by(outcome.query, outcome.complexity.tier, options_.planner));
}

Result<Forecast> Coordinator::forecast(Query query) const {
  Telling telling;
  telling.outcome.query = std::move(query);
  telling.outcome.query.recorded = false;  // it is not asked: there is nothing to learn from it
  if (auto good = consider(telling); !good) return std::unexpected(good.error());
  const auto room = room_for(telling);
  const PlanInput input = plan_input(telling, room);
  auto plan = make_plan(input, options_.planner);
  Forecast forecast;
  forecast.query = telling.outcome.query;
  forecast.misfit = plan ? misfit_of(*plan, input) : plan.error().message;
  if (!forecast.misfit.empty()) {
    const bool repairable = plan || plan.error().code == ErrorCode::nothing_fits;
    auto nearest = repairable ? nearest_plan(input, options_.planner) : std::nullopt;
    if (!nearest && !plan) return std::unexpected(plan.error());
    if (!nearest) return fail(ErrorCode::nothing_fits, "it does not fit: " + forecast.misfit);
    plan = std::move(nearest->plan);
    forecast.query = std::move(nearest->query);
  }
  forecast.complexity = telling.outcome.complexity;
  forecast.shape = telling.shape;
  forecast.plan = *std::move(plan);
  forecast.memory = memory_of(forecast.plan, cards_, crew_.fleet.devices);
  for (const auto& ask : forecast.plan.asks) {
    forecast.cards.push_back(*card_of(ask.model, ask.device));
  }
  forecast.limit = forecast.plan.deadline - input.now;
  return forecast;
}

// Asks everyone in the plan at once and takes the answers as they end. `group`: empty, and again at
// the end. Errors: cancelled.
Task<Result<>> Coordinator::hear_plan(TaskGroup<Answer>& group, Telling& telling,
                                      const Plan& plan) {
  Outcome& outcome = telling.outcome;
  const std::size_t first = outcome.answers.size();
  // Who was stopped, since what they had stated settles it. Members may outlive this by a turn.
  const auto enough = std::make_shared<std::vector<bool>>(plan.asks.size(), false);
  const auto on_sentence = [this, &telling, &plan, &group, enough](const MemberId& member) {
    if (!would_settle(telling, plan, member)) return;
    const auto ask = std::ranges::find(plan.asks, member, &Ask::member);
    const auto index = static_cast<std::size_t>(ask - plan.asks.begin());
    (*enough)[index] = true;
    group.cancel_soon(index);
  };
  // Where one alone is asked, nobody else can turn out to be the author. A document or a call is
  // shown whole: its words on the way are not for people.
  const bool alone =
      plan.asks.size() == 1 && outcome.query.json_form.empty() && !asks_for_tools(outcome.query);
  if (telling.open() || alone) telling.drafting.begin(plan.asks);
  for (const auto& ask : plan.asks) group.start(ask_member(telling, ask, on_sentence));

  bool settled = false;
  while (auto ended = co_await group.next(crew_.clock, plan.deadline + last_words)) {
    Ending& ending = ended->value.ending;
    if ((*enough)[ended->index] && ending == Ending::cancelled) ending = Ending::stated;
    take(telling, std::move(ended->value));
    judge(telling, plan);
    if (outcome.query.hear_all) continue;
    const Stop stop = may_stop(outcome.verdict, plan.asks, outcome.answers, telling.learned.stop);
    if (stop.now && group.running() > 0) {
      settled = true;
      outcome.stop_why = stop.why;
      telling.emit(event::EarlyStop{stop.why});
      break;
    }
  }
  bool user_left = co_await cancelled();
  // join() would not see that the user leaves meanwhile: who is cut ends before it.
  group.cancel_all();
  std::vector<Answer> cut;
  while (!user_left && group.running() > 0) {
    auto ended = co_await group.next(crew_.clock, Time::max());
    if (ended) cut.push_back(std::move(ended->value));
    user_left = co_await cancelled();
  }
  for (auto& rest : co_await group.join()) cut.push_back(std::move(rest.value));
  for (auto& answer : cut) {
    // Cut by the deadline, not because it was no longer needed.
    if (!settled && !user_left && answer.ending == Ending::cancelled) {
      answer.ending = Ending::deadline;
    }
    take(telling, std::move(answer));
  }
  telling.left = user_left;
  // Who leaves once the outcome is settled has it all the same.
  if (user_left && !settled) co_return fail(ErrorCode::cancelled, "cancelled");
  // What was cut may have said enough already; after an early stop it changes nothing.
  if (!settled) judge(telling, plan);
  outcome.partial = cut_could_matter(telling, plan, first);
  co_return Result<>{};
}

void Coordinator::take(Telling& telling, Answer answer) {
  learn(answer);
  read_document(telling.outcome.query, answer);
  if (crew_.memory != nullptr && note_surplus()) telling.stirred.resume();
  telling.emit(event::Ended{answer});
  telling.heard.push_back(hear(telling.shape, telling.outcome.query.question(), answer));
  const bool fell = !telling.heard.back().form && answer.ending != Ending::cancelled;
  if (telling.open() && fell) hand_over(telling, answer.member);
  telling.outcome.answers.push_back(std::move(answer));
}

// An open answer is written by somebody else: what that one has so far is shown at once.
void Coordinator::hand_over(Telling& telling, const MemberId& fallen) const {
  telling.drafting.fell(fallen);
  for (const auto& [member, text] : telling.streams.all()) {
    telling.show(telling.drafting.written(member, text));
  }
}

// Whether the question is over once this member, which is still writing, is heard as far as it got.
// Nobody else to come: it may as well finish its sentence.
bool Coordinator::would_settle(const Telling& telling, const Plan& plan,
                               const MemberId& member) const {
  const std::string_view text = telling.streams.sentences_of(member);
  const Query& query = telling.outcome.query;
  if (query.hear_all || !query.json_form.empty()) return false;
  if (!states_answer(telling.shape, text)) return false;
  const auto ask = std::ranges::find(plan.asks, member, &Ask::member);
  Answer so_far;
  so_far.member = member;
  so_far.model = ask->model;
  so_far.ending = Ending::stated;
  so_far.text = text;
  auto heard = telling.heard;
  heard.push_back(hear(telling.shape, telling.outcome.query.question(), so_far));
  auto answers = telling.outcome.answers;
  answers.push_back(std::move(so_far));
  const Verdict verdict =
      decide(telling.shape, plan.asks, answers, heard, options_.consensus, telling.learned);
  return may_stop(verdict, plan.asks, answers, telling.learned.stop).now;
}

void Coordinator::judge(Telling& telling, const Plan& plan) {
  Outcome& outcome = telling.outcome;
  outcome.verdict = decide(telling.shape, plan.asks, outcome.answers, telling.heard,
                           options_.consensus, telling.learned);
  telling.emit(event::Agreement{outcome.verdict, static_cast<int>(plan.asks.size()),
                                static_cast<int>(outcome.answers.size())});
}

// Whether the deadline cut members of this plan that could have changed its outcome: what the
// others said does not settle it. `first`: of the plan's answers.
bool Coordinator::cut_could_matter(const Telling& telling, const Plan& plan,
                                   std::size_t first) const {
  std::vector<Answer> whole(telling.outcome.answers.begin() + static_cast<std::ptrdiff_t>(first),
                            telling.outcome.answers.end());
  const auto cut =
      std::erase_if(whole, [](const Answer& one) { return one.ending == Ending::deadline; });
  if (cut == 0) return false;
  const std::string& question = telling.outcome.query.question();
  const Verdict verdict = decide(telling.shape, question, plan.asks, whole, options_.consensus);
  return !may_stop(verdict, plan.asks, whole).now;
}

// A sheet that does not know every model would set priors against what was learned: it is left.
void Coordinator::look_up_skills(Telling& telling) const {
  const auto sheet = skills_.find(telling.shape);
  bool knows_all = sheet != skills_.end();
  for (const auto& model : crew_.fleet.models) {
    const ModelSkill* skill = sheet == skills_.end() ? nullptr : skill_of(sheet->second, model);
    knows_all = knows_all && (skill != nullptr || !model.refused.empty());
    telling.skills.push_back(skill == nullptr ? model.prior : skill->chance);
    telling.says.push_back(skill == nullptr ? 0 : skill->say);
    telling.order.push_back(skill == nullptr ? 0 : skill->order);
    telling.lengths.push_back(skill == nullptr ? AnswerLength{} : skill->length);
  }
  if (knows_all) {
    telling.learned = sheet->second.learned;
  } else {
    telling.says.clear();
  }
  if (!telling.learned.stop.learned) telling.order.clear();
  // The strongest member's open answer is shown while it is written: it starts first.
  if (telling.open()) {
    const auto& strength = telling.says.empty() ? telling.skills : telling.says;
    telling.order.assign(strength.size(), 0);
    for (std::size_t model = 0; model < strength.size(); ++model) {
      telling.order[model] = static_cast<int>(
          std::ranges::count_if(strength, [&](double other) { return other > strength[model]; }));
    }
  }
  const int full = knows_all ? sheet->second.full : 0;
  telling.study = study_of(telling.outcome.query, telling.shape, full, options_.study);
  if (telling.study == Study::order && knows_all) study_order(telling);
}

// Another order, and then only the exact stop, so that the outcome is the full vote's in any order.
void Coordinator::study_order(Telling& telling) const {
  std::vector<ModelSkill> skills;
  for (const auto& model : crew_.fleet.models) {
    const ModelSkill* skill = skill_of(skills_.at(telling.shape), model);
    skills.push_back(skill == nullptr ? ModelSkill{.key = model.id.text} : *skill);
  }
  telling.order = drawn_order(skills, telling.outcome.query.seed);
  telling.learned.stop = {};
  telling.outcome.asked_why = "asked in an order drawn by chance, to learn more of the models";
}

// The plan's members to their end, where it asks all models; else all models once, where that keeps
// the deadline.
void Coordinator::study_in_full(Telling& telling, const std::vector<DeviceRoom>& room,
                                Plan& plan) const {
  if (telling.study != Study::in_full) return;
  const PlanInput input = plan_input(telling, room);
  if (!asks_all(plan, crew_.fleet, input.now, options_.planner)) {
    Query all = telling.outcome.query;
    all.mode = Mode::all;
    auto full = make_plan(with_query(input, all), options_.planner);
    if (!full || !asks_all(*full, crew_.fleet, input.now, options_.planner)) return;
    plan = *std::move(full);
  }
  telling.outcome.query.hear_all = true;
  telling.outcome.asked_why = "asked in full, to learn when to stop";
}

PlanInput Coordinator::plan_input(Telling& telling, const std::vector<DeviceRoom>& room) const {
  telling.usable = usable_now(telling);
  return {.query = telling.outcome.query,
          .complexity = telling.outcome.complexity,
          .fleet = telling.usable.fleet,
          .room = room,
          .cards = telling.usable.cards,
          .skills = telling.skills,
          .now = crew_.clock.now(),
          .says = telling.says,
          .lengths = telling.lengths,
          .order = telling.order};
}

}  // namespace kai
