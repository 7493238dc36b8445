#include "bench/machine/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <filesystem>

#include "base/task_group.h"

namespace kai::bench {

namespace {

constexpr Tokens context(128);
constexpr Duration patience = std::chrono::minutes(5);

// The vocabulary has a token for each byte and no words that a question uses.
Model model_of(const std::string& path, const ModelFacts& facts) {
  Model model;
  model.id = ModelId(std::filesystem::path(path).stem());
  model.path = path;
  model.facts = facts;
  model.facts.digest.clear();
  model.chat.system = model.chat.user = {"", "\n"};
  model.chat.assistant = {"A:", "\n"};
  return model;
}

CoordinatorOptions coordinator_options() {
  CoordinatorOptions options;
  for (auto& tier : options.planner.tiers) {
    tier.timeout = tier.member_timeout = patience;
    tier.answer_max = Tokens(Machine::answer_tokens);
  }
  options.planner.expected_answer = 1;  // who says nothing never stops before the limit
  options.planner.chars_per_token = 1;
  return options;
}

// Nothing: it has its full length.
std::optional<Error> short_of(const Answer& answer) {
  if (answer.error || answer.usage.answer.count == Machine::answer_tokens) return answer.error;
  return Error{
      ErrorCode::internal,
      fmt::format("{} ended after {} of {} tokens ({}); try another --seed", answer.model.text,
                  answer.usage.answer.count, Machine::answer_tokens, to_string(answer.ending))};
}

std::string question(int number) {
  return fmt::format("Q{}?", number);
}

}  // namespace

Machine::Machine(const Members& members, const Site& site, Duration overtaken_max) {
  Device device{.id = site.device};
  device.threads_per_lane = site.threads;
  if (site.device.text != "cpu") {  // as fleet/devices.cpp does: one loads while one answers
    device.kind = DeviceKind::gpu;
    device.lanes = 2;
    device.running = 1;
  }
  std::vector<CostCard> cards;
  Bytes need;
  for (const auto& path : members.paths) {
    const Model& model = fleet_.models.emplace_back(model_of(path, members.facts));
    cards.push_back({.model = model.id,
                     .device = device.id,
                     .weights = model.facts.weights,
                     .kv_per_token = model.facts.kv_per_token,
                     .buffers = model.facts.buffers,
                     .load = std::chrono::seconds(1),
                     .prefill_rate = 30,
                     .decode_rate = 15});
    need = std::max(need, memory_need(cards.back(), context, 1));
  }
  device.capacity = need * site.holds + Bytes(need.count / 2);  // and never for one more
  fleet_.devices.push_back(device);
  LaneOptions options;
  options.worker = KAI_WORKER;
  options.folder = members.folder;
  engine_.emplace(io_.get_executor(), *clock_, fleet_.devices, options);
  scheduler_.emplace(fleet_.devices, *engine_, *clock_,
                     SchedulerOptions{.overtaken_max = overtaken_max});
  engine_->on_lane_lost([this](const LaneId& lane) { scheduler_->lane_lost(lane); });
  coordinator_.emplace(
      Crew{io_.get_executor(), *clock_, fleet_, *scheduler_, *engine_, store_, lock_},
      coordinator_options(), std::move(cards));
}

Machine::~Machine() = default;

template <class T>
T Machine::drive(Task<T> task) {
  std::optional<T> value;
  boost::asio::co_spawn(io_, std::move(task),
                        [&](std::exception_ptr, T result) { value.emplace(std::move(result)); });
  io_.restart();
  while (!value) io_.run_one();
  return *std::move(value);
}

Result<std::vector<Served>> Machine::ask_all(int questions) {
  return drive(ask_group(questions));
}

Task<Result<std::vector<Served>>> Machine::ask_group(int questions) {
  TaskGroup<Result<Served>> group(io_.get_executor());
  for (int count = 0; count < questions; ++count) {
    ++asked_;
    for (const auto& model : fleet_.models) group.start(ask_one(model, question(asked_)));
  }
  std::vector<Served> all;
  std::optional<Error> error;
  while (auto done = co_await group.next(*clock_, Time::max())) {
    if (done->value) all.push_back(*std::move(done->value));
    if (!done->value && !error) error = done->value.error();
  }
  if (error) co_return std::unexpected(*error);
  co_return all;
}

Task<Result<Served>> Machine::ask_one(const Model& model, std::string question) {
  const auto card = std::ranges::find(cards(), model.id, &CostCard::model);
  Ask ask;
  ask.member = MemberId(model.id.text);
  ask.model = model.id;
  ask.device = card->device;
  ask.context = context;
  ask.answer_max = Tokens(answer_tokens);
  ask.deadline = clock_->now() + patience;
  const auto lease = co_await scheduler_->acquire(ask, model, *card, {});
  if (!lease) co_return std::unexpected(lease.error());
  const std::vector<Message> messages{{Role::user, std::move(question)}};
  Answer answer = co_await engine_->ask(messages, ask, model, *lease, [](const auto&) {});
  if (auto error = short_of(answer)) co_return std::unexpected(*error);
  co_return Served{std::move(answer), lease->loaded().load};
}

Result<Machine::Finish> Machine::ask_planned(std::vector<ModelId> members) {
  Query query;
  query.id = QueryId(fmt::format("q_{}", ++asked_));
  query.messages = {{Role::user, fmt::format("Explain rivers {}", asked_)}};
  query.asked = clock_->now();
  query.models = std::move(members);
  query.hear_all = true;
  // Of the first plan: what random words are worth does not matter here.
  std::size_t asks = 0;
  Finish finish;
  std::optional<Error> error;
  const auto watch = [&](const Event& event) {
    if (const auto* started = std::get_if<event::Started>(&event.what)) {
      asks = started->plan.asks.size();
      finish = {started->plan.predicted, -event.at};
    }
    const auto* ended = std::get_if<event::Ended>(&event.what);
    if (ended == nullptr || asks == 0) return;
    if (!error) error = short_of(ended->answer);
    if (--asks == 0) finish.real += event.at;
  };
  const Outcome outcome = drive(coordinator_->answer(std::move(query), watch));
  if (!error && outcome.plans.empty()) error = outcome.error;
  if (error) return std::unexpected(*error);
  return finish;
}

}  // namespace kai::bench
