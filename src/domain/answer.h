// Answer: how far one member got. A partial answer is data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"
#include "base/result.h"
#include "domain/run.h"
#include "domain/token_odds.h"

namespace kai {

enum class Ending : std::uint8_t {
  complete,     // the model said it was done, or a stop string came
  token_limit,  // cut at answer_max
  deadline,     // cut at the ask's or the question's deadline
  cancelled,    // no longer needed, or the user left
  stated,       // had stated its answer, which settled the question: the rest was not needed
  failed,       // see Answer::error
};

struct Timings {
  Duration queued{};  // until a lane was free
  Duration load{};    // 0: was resident
  Duration prefill{};
  Duration decode{};
  Duration ttft{};   // from the start of the ask to the first token; 0: none came
  Duration total{};  // from the start of the ask to its end
};

struct Usage {
  Tokens prompt{};
  Tokens answer{};
};

struct Answer {
  MemberId member;
  ModelId model;
  std::string digest;  // of the model's file: what is learned of it is kept by this
  int sample = 1;
  DeviceId device;
  double share = 1;  // (0..1] of the model's layers there
  Ending ending = Ending::failed;
  std::optional<Error> error;  // why it failed
  std::string text;            // valid UTF-8, as the model wrote it, stop string removed
  // What it says as JSON, in canonical form; empty: it is no whole document. Nothing: JSON was not
  // asked for.
  std::optional<std::string> document;
  std::optional<RunResult> run;  // of code; nothing: running it was not switched on
  Timings timings;
  Usage usage;
  std::optional<double> logprob_mean;  // <= 0, per token; nothing: none were written
  std::vector<TokenOdds> tokens{};  // where they were asked for, from the engine to Outcome::tokens
  Bytes weights{}, kv_per_token{}, buffers{};  // measured by the worker; 0: not measured
};

std::string_view to_string(Ending ending);
std::optional<Ending> ending_named(std::string_view name);

}  // namespace kai
