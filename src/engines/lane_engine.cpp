#include "engines/lane_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "wire/worker_protocol.h"

namespace kai {

namespace {

// The worker ends an answer at its limit by itself, with what it measured; this much later kai
// stops listening.
constexpr Duration last_words = std::chrono::milliseconds(250);

// A change of who shares the cores is seen after so long.
constexpr Duration shares_look = std::chrono::milliseconds(100);

// Without a step for so many times as long as the card says of all of it, something has hung: cards
// may be ten times off, and a step is a small part of the whole.
constexpr int loads_max = 3;
constexpr int prompts_max = 10;
constexpr int tokens_max = 100;

Ending ending_of(const Error& error) {
  return error.code == ErrorCode::cancelled  ? Ending::cancelled
         : error.code == ErrorCode::deadline ? Ending::deadline
                                             : Ending::failed;
}

// Of a split model.
std::optional<int> gpu_layers(const Claim& claim, const Model& model) {
  if (claim.share == 1) return std::nullopt;
  return static_cast<int>(std::lround(claim.share * static_cast<double>(model.facts.layers)));
}

CoreShares cores_of(std::span<const Device> devices) {
  const auto cpu = std::ranges::find(devices, DeviceKind::cpu, &Device::kind);
  // Where the CPU is left out, a split model's layers on it have one thread.
  if (cpu == devices.end()) return {1, 1};
  return {cpu->threads_per_lane * cpu->running, cpu->threads_per_lane};
}

}  // namespace

LaneEngine::LaneEngine(Executor executor, Clock& clock, std::span<const Device> devices,
                       const LaneOptions& options)
    : clock_(clock), options_(options), cores_(cores_of(devices)) {
  for (const auto& device : devices) {
    if (device.kind == DeviceKind::remote) continue;
    if (device.kind == DeviceKind::gpu) gpus_.push_back(device.id);
    for (int index = 0; index < device.lanes; ++index) {
      lanes_.emplace(LaneId{device.id, index},
                     make_lane(executor, clock, fmt::format("{}.{}", device.id.text, index),
                               device.id.text, device.threads_per_lane, options));
    }
  }
}

LaneEngine::~LaneEngine() = default;

Lane& LaneEngine::lane(const LaneId& id) {
  const auto found = lanes_.find(id);
  ensure(found != lanes_.end(), "a lane that the engine does not have");
  return *found->second;
}

// How long no step may be seen where all of it is expected to take so long (0: nobody knows). A
// hang is found while half of the time is left, so that another worker may still answer.
Duration LaneEngine::patience(Duration expected, Time until) const {
  if (expected <= Duration::zero()) expected = options_.step_max;
  const Duration half = std::max((until - clock_.now()) / 2, options_.silence_max);
  return std::min(std::clamp(expected, options_.step_min, options_.step_max), half);
}

void LaneEngine::note_lost(const LaneId& lane, const Error& error) {
  const bool lost = error.code == ErrorCode::lane_lost || error.code == ErrorCode::device_lost;
  if (lost && lane_lost_) lane_lost_(lane);
}

Task<Result<Residence::Loaded>> LaneEngine::load(LaneId id, const Model& model, Claim claim,
                                                 Time until, OnProgress on_progress) {
  const auto lost = [&](const Error& error) {
    note_lost(id, error);
    return std::unexpected(error);
  };
  const Time start = clock_.now();
  // The worker's start and a large vocabulary take their time before the first progress.
  if (on_progress) on_progress(0);
  const wire::LoadRequest request{.model = model.id,
                                  .path = model.path,
                                  .context = claim.context,
                                  .sequences = claim.sequences,
                                  .gpu_layers = gpu_layers(claim, model)};
  auto stream = co_await lane(id).open({"POST", "/load", wire::encode(request)}, until);
  if (!stream) co_return lost(stream.error());
  (*stream)->allow(patience(claim.load * loads_max, until));
  for (;;) {
    const auto event = co_await (*stream)->next(until);
    if (!event) co_return lost(event.error());
    if (const auto* progress = std::get_if<wire::Progress>(&*event)) {
      if (on_progress) on_progress(progress->done);
    } else if (const auto* failed = std::get_if<wire::Failed>(&*event)) {
      co_return std::unexpected(failed->error);
    } else if (const auto* loaded = std::get_if<wire::Loaded>(&*event)) {
      const auto& footprint = loaded->footprint;
      co_return Loaded{footprint.weights, footprint.kv_per_token, footprint.buffers,
                       clock_.now() - start};
    }
  }
}

Task<bool> LaneEngine::unload(LaneId id, ModelId model, Time until) {
  // What died unnoticed holds nothing: no worker is started to say so.
  if (lane(id).starts() > 0 && !lane(id).runs()) {
    if (lane_lost_) lane_lost_(id);
    co_return false;
  }
  auto stream = co_await lane(id).open({"POST", "/unload", wire::encode_unload(model)}, until);
  Error why = stream ? Error{} : stream.error();
  if (stream) {
    const auto gone = co_await (*stream)->next(until);
    if (gone) co_return false;
    why = gone.error();
  }
  // One that lives is cut by kai's own impatience; what broke off was dying already.
  const bool lived = why.code == ErrorCode::deadline || why.code == ErrorCode::cancelled;
  // Dead, hung, late or cancelled: whatever kept it from saying so, the memory must be free now,
  // and a process that ends gives it back.
  lane(id).kill();
  if (lane_lost_) lane_lost_(id);
  co_return lived;
}

Task<std::vector<MemoryReading>> LaneEngine::read(Time until) {
  std::vector<MemoryReading> readings;
  // One after the other: a machine has few.
  for (const auto& gpu : gpus_) {
    MemoryReading reading = co_await read_gpu(gpu, until);
    if (reading.processes > 0) readings.push_back(std::move(reading));
  }
  co_return readings;
}

// Any of its workers will do: the driver tells all of them the same.
Task<MemoryReading> LaneEngine::read_gpu(DeviceId device, Time until) {
  MemoryReading reading;
  reading.device = device;
  std::vector<Lane*> running;
  for (const auto& [id, lane] : lanes_) {
    if (id.device == device && lane->runs()) running.push_back(lane.get());
  }
  reading.processes = static_cast<int>(running.size());
  for (Lane* one : running) {
    const auto status = co_await one->status(until);
    if (!status && !one->runs()) {  // it was retired meanwhile
      --reading.processes;
      continue;
    }
    if (!status) {
      reading.fault = status.error().message;
      continue;
    }
    reading.free = status->free;
    reading.total = status->total;
    reading.fault = status->total > Bytes{} ? "" : "the driver does not answer";
    break;
  }
  co_return reading;
}

bool LaneEngine::on_cpu(const LaneId& id) const {
  return std::ranges::find(gpus_, id.device) == gpus_.end();
}

// Of a lane that shares the cores: it is told of a change at once where it gets on, and soon where
// it reads a prompt. Until its next step it has too many or too few; of too many on the CPU alone
// it takes fewer by itself (worker/thread_pace.h).
Task<Result<wire::WorkerEvent>> LaneEngine::next_event(const LaneId& id, LaneStream& stream,
                                                       bool shares, Time until) {
  if (!shares) co_return co_await stream.next(until);
  for (;;) {
    co_await lane(id).use_threads(cores_.share(), until);
    const Time look = std::min(until, clock_.now() + shares_look);
    auto event = co_await stream.next(look);
    const bool none = !event && event.error().code == ErrorCode::deadline && look < until;
    if (!none) co_return event;
  }
}

Task<Answer> LaneEngine::ask(std::vector<Message> messages, Ask ask, const Model& model,
                             const Lease& lease, OnStep on_step) {
  const LaneId id = lease.lane();
  const Time start = clock_.now();
  Answer answer;
  const auto give_up = [&](Error error) {
    note_lost(id, error);
    answer.ending = ending_of(error);
    if (answer.ending == Ending::failed) answer.error = std::move(error);
    answer.timings.total = clock_.now() - start;
    return answer;
  };
  const wire::GenerateRequest request{model.id,     std::move(messages), model.chat,
                                      ask.sampling, ask.answer_max,      ask.deadline - start};
  if (request.limit <= Duration::zero()) {
    co_return give_up({ErrorCode::deadline, "no time left to ask"});
  }
  const Time until = ask.deadline + last_words;
  const bool shares = ask.share < 1 || on_cpu(id);
  std::optional<CoreShares::Seat> seat;
  if (shares) seat.emplace(cores_, id);
  auto stream = co_await lane(id).open({"POST", "/generate", wire::encode(request)}, until);
  if (!stream) co_return give_up(stream.error());
  (*stream)->allow(patience(ask.prefill * prompts_max, ask.deadline));
  for (;;) {
    auto event = co_await next_event(id, **stream, shares, until);
    if (!event) co_return give_up(event.error());
    if (auto* piece = std::get_if<wire::Piece>(&*event)) {
      if (answer.text.empty()) {
        answer.timings.ttft = clock_.now() - start;
        const auto tokens = std::max<std::int64_t>(ask.answer_max.count, 1);
        (*stream)->allow(patience(ask.decode * tokens_max / tokens, ask.deadline));
      }
      answer.text += piece->text;
      on_step(event::Token{ask.member, std::move(piece->text)});
    } else if (auto* odds = std::get_if<wire::Odds>(&*event)) {
      const auto kept = static_cast<std::int64_t>(answer.tokens.size());
      if (kept < ask.answer_max.count) answer.tokens.push_back(std::move(odds->token));
    } else if (const auto* prefill = std::get_if<wire::Prefill>(&*event)) {
      on_step(event::Prefill{ask.member, prefill->done});
    } else if (auto* failed = std::get_if<wire::Failed>(&*event)) {
      co_return give_up(std::move(failed->error));
    } else if (const auto* done = std::get_if<wire::Done>(&*event)) {
      answer.ending = done->ending;
      answer.usage = done->usage;
      answer.timings.prefill = done->prefill;
      answer.timings.decode = done->decode;
      answer.timings.total = clock_.now() - start;
      answer.logprob_mean = done->logprob_mean;
      co_return answer;
    }
  }
}

Task<Result<Embedded>> LaneEngine::embed(std::vector<std::string> texts, Ask ask,
                                         const Lease& lease) {
  const LaneId id = lease.lane();
  const bool shares = on_cpu(id);
  std::optional<CoreShares::Seat> seat;
  if (shares) seat.emplace(cores_, id);
  const std::size_t wanted = texts.size();
  const wire::EmbedRequest request{ask.model, std::move(texts)};
  auto stream = co_await lane(id).open({"POST", "/embed", wire::encode(request)}, ask.deadline);
  if (!stream) {
    note_lost(id, stream.error());
    co_return std::unexpected(stream.error());
  }
  (*stream)->allow(patience({}, ask.deadline));
  Embedded embedded;
  for (;;) {
    auto event = co_await next_event(id, **stream, shares, ask.deadline);
    if (!event) {
      note_lost(id, event.error());
      co_return std::unexpected(event.error());
    }
    if (auto* vector = std::get_if<wire::Embedding>(&*event)) {
      embedded.vectors.push_back(std::move(vector->vector));
    } else if (auto* failed = std::get_if<wire::Failed>(&*event)) {
      co_return std::unexpected(std::move(failed->error));
    } else if (const auto* done = std::get_if<wire::Done>(&*event)) {
      if (embedded.vectors.size() != wanted) {
        co_return fail(ErrorCode::cancelled, "the texts were not embedded to their end");
      }
      embedded.read = done->usage.prompt;
      co_return embedded;
    }
  }
}

}  // namespace kai
