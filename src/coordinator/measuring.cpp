// Measuring a model on purpose: alone on its device, with a short and a long prompt.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/coordinator.h"

namespace kai {

namespace {

constexpr Tokens context_max(1024);
constexpr Tokens answer_max(48);
constexpr std::int64_t answer_min = 4;  // tokens; fewer tell no rate

// A greedy model goes on for a while after these. No sentence is like another, and no two voyages
// with other first days are, so that nothing read for the one prompt serves the other.
std::string prompt_of(int sentences, int first_day) {
  std::string text;
  for (int number = first_day; number < first_day + sentences; ++number) {
    text += fmt::format("On day {} the ship sailed {} miles and met {} gulls. ", number,
                        (number * 37) % 90 + 10, (number * 53) % 40 + 2);
  }
  return text + fmt::format("Tell the whole story of this voyage of {} days.", sentences);
}

constexpr std::int64_t sentence_tokens = 20;  // about
// A GPU's backend makes its programs when it first meets a shape of work, which took up to 10 s
// (Vulkan); the first prompt of a kind is not timed there.
constexpr int warm_up_day = 1001;

// What is left of a small context is for the answer.
int long_sentences(Tokens context) {
  return std::clamp(static_cast<int>((context.count - 200) / 35), 2, 20);
}

void put_in(Measurement& measured, const Residence::Loaded& loaded) {
  CostCard& card = measured.after;
  if (loaded.weights > Bytes{}) {
    card.weights = loaded.weights;
    card.kv_per_token = loaded.kv_per_token;
    card.buffers = std::max(card.buffers, loaded.buffers);
  }
  if (loaded.load > Duration::zero()) card.load = loaded.load;
  Tokens read{}, written{};
  Duration prefill{}, decode{};
  for (const auto& reading : measured.readings) {
    read += reading.prompt;
    written += reading.answer;
    prefill += reading.prefill;
    decode += reading.decode;
  }
  card.prefill_rate = static_cast<double>(read.count) / seconds(prefill);
  card.decode_rate = static_cast<double>(written.count) / seconds(decode);
  card.measured = static_cast<int>(measured.readings.size());
  constexpr double measured_spread = 0.2;  // until answers tell more
  card.spread = measured_spread;
}

// A timed prompt, or why it tells nothing.
void note(Measurement& measured, const Answer& answer, Duration limit) {
  const Timings& times = answer.timings;
  if (answer.error) {
    measured.fault = answer.error->message;
  } else if (answer.usage.answer.count < answer_min || times.prefill <= Duration::zero() ||
             times.decode <= Duration::zero()) {
    measured.fault =
        answer.ending == Ending::deadline
            ? fmt::format("{:.0f} s were not enough; allow more with --deadline", seconds(limit))
            : "it wrote too little to tell a rate";
  } else {
    measured.readings.push_back(
        {answer.usage.prompt, answer.usage.answer, times.prefill, times.decode});
  }
}

}  // namespace

Task<Result<Measurement>> Coordinator::measure(ModelId model, DeviceId device, Duration limit,
                                               std::function<void(std::string)> on_step) {
  const Model& known = *model_named(model);
  CostCard* card = card_of(model, device);
  ensure(card != nullptr, "a model is measured that cannot be asked");
  Measurement measured{*card, *card, {}, {}};
  Ask ask;
  ask.member = MemberId(model.text);
  ask.model = model;
  ask.device = device;
  ask.context = known.facts.context_max > Tokens(0) ? std::min(context_max, known.facts.context_max)
                                                    : context_max;
  ask.answer_max = answer_max;

  const bool on_gpu = std::ranges::any_of(crew_.fleet.devices, [&](const Device& one) {
    return one.id == device && one.kind == DeviceKind::gpu;
  });
  const auto machine =
      co_await crew_.lock.hold(devices_here(crew_.fleet), crew_.clock.now() + limit, on_step);
  if (!machine) co_return std::unexpected(machine.error());
  ask.deadline = crew_.clock.now() + limit;
  const auto lease = co_await crew_.scheduler.acquire(ask, known, *card,
                                                      {[] {}, [&](double) { on_step("loading"); }});
  if (!lease) {
    if (lease.error().code == ErrorCode::cancelled) co_return std::unexpected(lease.error());
    measured.fault = lease.error().message;
    co_return measured;
  }
  const auto prompted = [&](int sentences, int first_day) {
    ask.prompt = Tokens(sentence_tokens * (sentences + 1));
    return crew_.engine.ask({{Role::user, prompt_of(sentences, first_day)}}, ask, known, *lease,
                            [](auto&&) {});
  };
  for (const int sentences : {1, long_sentences(ask.context)}) {
    if (on_gpu) {
      on_step("warming up");
      co_await prompted(sentences, warm_up_day);
    }
    on_step(sentences == 1 ? "a short prompt" : "a long prompt");
    const Answer answer = co_await prompted(sentences, 1);
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled");
    note(measured, answer, limit);
  }
  // One prompt that went well is a measurement too.
  if (measured.readings.empty()) co_return measured;
  measured.fault.clear();
  put_in(measured, lease->loaded());
  *card_of(model, device) = measured.after;
  crew_.store.put_card(measured.after);
  co_return measured;
}

}  // namespace kai
