// The story of a question, in the order it happens: tell() from top to bottom, and below it the
// steps it names. Everything here is one coroutine tree on one thread; the decisions are made by
// the pure functions of planner and consensus.
#include "coordinator/coordinator.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>

#include "consensus/examples.h"

namespace kai {

namespace {

// After a deadline members still send what they have; whoever is later is cut.
constexpr Duration last_words = std::chrono::milliseconds(400);
// A member whose worker died is asked once more if at least this much time is left.
constexpr Duration retry_time_min = std::chrono::seconds(2);
// How much a new measurement moves a cost card: old ones fade as models and machine change.
constexpr double measurement_weight = 0.3;

Result<> check(const Query& query, std::size_t chars_max) {
  if (query.messages.empty() || query.messages.back().role != Role::user) {
    return fail(ErrorCode::invalid_request, "there is no question to answer");
  }
  const std::string& question = query.question();
  if (question.find_first_not_of(" \t\r\n") == std::string::npos) {
    return fail(ErrorCode::invalid_request,
                "the question is empty; type one, e.g. "
                "kai \"What is the capital of France?\"");
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
  if (question.size() > chars_max) {
    return fail(
        ErrorCode::invalid_request,
        fmt::format("the question has {} bytes, the limit is {}", question.size(), chars_max));
  }
  return {};
}

double blended(double old, double measured, int count) {
  return count == 0 ? measured : old + measurement_weight * (measured - old);
}

}  // namespace

// Invariants: `emit` is called with rising times; `heard` has what each of outcome.answers says.
struct Coordinator::Telling {
  Outcome outcome;
  std::vector<Heard> heard;
  Shape shape = Shape::open;
  std::vector<double> skills, says;  // one per model of the fleet; says may be empty
  std::vector<int> order;            // the same; empty: none was learned
  Learned learned;
  std::vector<Example> examples;  // of a question for code
  Time deadline{};
  std::function<void(decltype(Event::what))> emit;
};

Coordinator::Coordinator(Crew crew, CoordinatorOptions options, std::vector<CostCard> cards)
    : crew_(std::move(crew)), options_(std::move(options)), cards_(std::move(cards)) {}

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
  co_await tell(telling);
  telling.outcome.latency = crew_.clock.now() - asked;
  if (recorded) crew_.store.record(telling.outcome);
  telling.emit(event::Completed{telling.outcome});
  co_return std::move(telling.outcome);
}

Task<void> Coordinator::tell(Telling& telling) {
  Outcome& outcome = telling.outcome;
  const Query& query = outcome.query;
  const auto end = [&outcome](Error error) { outcome.error = std::move(error); };

  if (auto good = check(query, options_.question_chars_max); !good) co_return end(good.error());
  outcome.complexity = assess(query.question());
  telling.shape = shape_of(query.question());
  if (telling.shape == Shape::code) telling.examples = examples_in(query.question());
  look_up_skills(telling);
  const Tier tier = query.tier.value_or(outcome.complexity.tier);
  telling.deadline =
      query.asked +
      query.time_limit.value_or(options_.planner.tiers[static_cast<std::size_t>(tier)].timeout);

  std::vector<DeviceId> devices;
  for (const auto& device : crew_.fleet.devices) devices.push_back(device.id);
  const auto machine = co_await crew_.lock.hold(
      devices, telling.deadline,
      [&telling](std::string why) { telling.emit(event::Waiting{std::move(why)}); });
  if (!machine) co_return end(machine.error());

  auto room = crew_.scheduler.rooms();
  auto plan = make_plan(plan_input(telling, room), options_.planner);
  if (!plan) co_return end(plan.error());
  telling.emit(event::Started{query.id, outcome.complexity, *plan});

  outcome.plans.push_back(*plan);
  auto ran = co_await run(telling, *plan);
  // R5: nobody gave a valid answer; try with less while there is time.
  while (ran && outcome.verdict.voters == 0) {
    room = crew_.scheduler.rooms();
    auto simpler = fallback(plan_input(telling, room), outcome, options_.planner);
    if (!simpler) break;
    telling.emit(event::Fallback{"no valid answer; trying simpler models", *simpler});
    outcome.plans.push_back(*simpler);
    ran = co_await run(telling, *simpler);
  }
  if (!ran) co_return end(ran.error());
  if (outcome.verdict.voters > 0) co_return;

  std::string tried;
  for (const auto& answer : outcome.answers) {
    tried += fmt::format("; {}: {}", answer.member.text,
                         answer.error ? answer.error->message : to_string(answer.ending));
  }
  const bool late = crew_.clock.now() >= telling.deadline;
  end({late ? ErrorCode::deadline : ErrorCode::internal,
       fmt::format("no model gave an answer{}{}",
                   late ? " before the deadline; allow more time with --deadline" : "", tried)});
}

// Asks everyone in the plan at once and takes the answers as they end. Errors: cancelled.
Task<Result<>> Coordinator::run(Telling& telling, const Plan& plan) {
  Outcome& outcome = telling.outcome;
  const std::size_t first = outcome.answers.size();
  TaskGroup<Answer> group(crew_.executor);
  for (const auto& ask : plan.asks) group.start(ask_member(telling, ask));

  bool settled = false;
  while (auto ended = co_await group.next(crew_.clock, plan.deadline + last_words)) {
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
  const bool user_left = co_await cancelled();
  for (auto& rest : co_await group.join()) {
    // Cut by the deadline, not because it was no longer needed.
    if (!settled && !user_left && rest.value.ending == Ending::cancelled) {
      rest.value.ending = Ending::deadline;
    }
    take(telling, std::move(rest.value));
  }
  if (user_left) co_return fail(ErrorCode::cancelled, "cancelled");
  // What was cut may have said enough already; after an early stop it changes nothing.
  if (!settled) judge(telling, plan);
  outcome.partial = cut_could_matter(telling, plan, first);
  co_return Result<>{};
}

// One member from its turn on a lane to its last token. A worker that dies under it is replaced
// and asked once more, if there is time.
Task<Answer> Coordinator::ask_member(const Telling& telling, Ask ask) {
  const Model* model = model_named(ask.model);
  Answer answer = co_await try_member(telling, ask, *model);
  const bool lane_died = answer.error && answer.error->code == ErrorCode::lane_lost;
  if (lane_died && ask.deadline - crew_.clock.now() >= retry_time_min && !co_await cancelled()) {
    answer = co_await try_member(telling, ask, *model);
  }
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

Task<Answer> Coordinator::try_member(const Telling& telling, Ask ask, const Model& model) {
  Answer answer;
  answer.member = ask.member;
  answer.model = ask.model;
  answer.digest = model.facts.digest;
  answer.sample = ask.sample;
  answer.device = ask.device;
  const Time start = crew_.clock.now();
  const auto tell_step = telling.emit;
  const auto lease = co_await crew_.scheduler.acquire(
      ask, model, *card_of(ask.model, ask.device),
      {[&] { tell_step(event::Queued{ask.member}); },
       [&](double done) { tell_step(event::Loading{ask.member, done}); }});
  if (!lease) {
    const ErrorCode code = lease.error().code;
    answer.ending = code == ErrorCode::cancelled  ? Ending::cancelled
                    : code == ErrorCode::deadline ? Ending::deadline
                                                  : Ending::failed;
    if (answer.ending == Ending::failed) answer.error = lease.error();
    answer.timings.total = crew_.clock.now() - start;
    co_return answer;
  }
  const Duration before = crew_.clock.now() - start;
  auto messages = conversation(telling.outcome.query, ask, model, options_.planner);
  Answer said = co_await crew_.engine.ask(std::move(messages), ask, model, *lease, tell_step);
  said.member = answer.member;
  said.model = answer.model;
  said.digest = answer.digest;
  said.sample = answer.sample;
  said.device = answer.device;
  said.timings.queued = lease->queued();
  said.timings.load = lease->loaded().load;
  if (said.timings.ttft > Duration::zero()) said.timings.ttft += before;
  said.timings.total = crew_.clock.now() - start;
  said.weights = lease->loaded().weights;
  said.kv_per_token = lease->loaded().kv_per_token;
  said.buffers = lease->loaded().buffers;
  co_return said;
}

void Coordinator::take(Telling& telling, Answer answer) {
  learn(answer);
  telling.emit(event::Ended{answer});
  telling.heard.push_back(hear(telling.shape, telling.outcome.query.question(), answer));
  telling.outcome.answers.push_back(std::move(answer));
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
  }
  if (knows_all) {
    telling.learned = sheet->second.learned;
  } else {
    telling.says.clear();
  }
  if (!telling.learned.stop.learned) telling.order.clear();
}

PlanInput Coordinator::plan_input(const Telling& telling,
                                  const std::vector<DeviceRoom>& room) const {
  return {.query = telling.outcome.query,
          .complexity = telling.outcome.complexity,
          .fleet = crew_.fleet,
          .room = room,
          .cards = cards_,
          .skills = telling.skills,
          .now = crew_.clock.now(),
          .says = telling.says,
          .order = telling.order};
}

// Measured costs replace estimates. A prompt taken over from a fellow sample was not read, so its
// rate says nothing.
void Coordinator::learn(const Answer& answer) {
  CostCard* card = card_of(answer.model, answer.device);
  if (card == nullptr) return;
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

QueryId new_query_id(WallTime now, Random& random) {
  // Crockford's base 32, as ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random.
  constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  std::string text = "q_";
  for (int shift = 45; shift >= 0; shift -= 5) {
    text += digits[static_cast<std::size_t>(since.count() >> shift & 31)];
  }
  for (int count = 0; count < 16; ++count) text += digits[random.below(32)];
  return QueryId(text);
}

}  // namespace kai
