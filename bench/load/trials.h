// trials: what clients do to a server, and what came of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/load/server.h"

namespace kai::bench {

// Who is asked: a server under its name, and the model to name.
struct Target {
  std::string name;
  const Server* server = nullptr;
  std::string model;
  std::string headers = {};  // each with its "\r\n"
};

// Seconds of every request, a row a target; the targets are asked in turn, so that what one round
// meets all of it meet. One connection each, kept. Errors: as Connection's, naming the target.
Result<std::vector<std::vector<double>>> ask_in_turn(const std::vector<Target>& targets,
                                                     int rounds);

struct Crowd {
  double per_second = 0;       // answers
  double processor = 0;        // seconds of the server's processor time for one answer
  double processor_token = 0;  // … for one event of a stream
};
// `clients` at once, each on a connection of its own, for `seconds`, after one request each that
// does not count. Every answer must be a good one. Errors: naming the target.
Result<Crowd> crowd(const Target& target, int clients, double seconds, bool stream,
                    std::string_view more = "");

// Seconds from a client's leaving in the middle of a stream until the engine hears nothing more.
// `engine_open` tells how many answers are under way there.
Result<double> hang_up(const Target& target, const std::function<Result<int>()>& engine_open);

struct SlowReader {
  Bytes grown{};      // the server's memory, at most
  double others = 0;  // median time of small requests meanwhile / before
};
// One that takes a byte a second of a stream, for `seconds`, while others ask.
Result<SlowReader> read_slowly(const Target& target, double seconds);

// Clients that watch all events and say nothing, and then questions that come at once.
struct Watched {
  Bytes resident{};    // of the server, while nothing happens
  int answered = 0;    // questions
  int refused = 0;     // the same, with 429 or 503
  double longest = 0;  // seconds until the last of them was
  double told = 0;     // MB that the watchers got meanwhile
};
// Errors: as the others'; a question that got neither an answer nor a refusal.
Result<Watched> watch_and_ask(const Target& target, int watchers, int questions);

}  // namespace kai::bench
