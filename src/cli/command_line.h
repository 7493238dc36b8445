// command_line: kai's commands and their options. Pure but for the parser behind it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "config/config.h"
#include "consensus/replay.h"
#include "domain/query.h"
#include "keys/keys.h"

namespace kai {

struct AskOptions {
  std::vector<std::string> words;  // of the question
  std::optional<Tier> tier;        // nothing: auto
  Mode mode = Mode::adaptive;
  std::vector<ModelId> members;  // nothing: kai chooses
  std::optional<Duration> deadline;
  std::optional<std::uint64_t> seed;
  std::optional<double> confidence_min;  // 0..1
  bool synthesize = false;
  bool local = false;  // not by a server that runs already
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

// Of feedback, skills and replay.
struct LearnOptions {
  std::string said;                   // "good" or "bad"
  std::optional<std::string> answer;  // the right one
  bool reset = false;
  ReplayRules::Stopping stopping = ReplayRules::Stopping::recorded;
};

// Of `bench quality`; members, tier and seed are those of `ask`.
struct BenchOptions {
  std::string file;            // of questions with known answers
  std::string json_file;       // where the document goes; empty: nowhere
  int problems_max = 10'000;   // 1..100,000
  std::optional<int> samples;  // 1..8; nothing: as many as `all` has members
};

// Of simulate and report.
struct PcOptions {
  std::string file;                 // that describes a PC; of report: empty: this machine
  std::vector<std::string> models;  // of it; nothing: all
  std::string questions;            // a file or a number; empty: the words of the command line
  std::optional<int> tokens;        // that each member writes, 1..16384; nothing: drawn by chance
  std::string out;                  // folder of the report; empty: to standard output
};

// Of `keys create`.
struct KeyOptions {
  Scopes scopes = *scopes_in("ask");
  int rate = 0;                      // requests a minute; 0: any number
  int at_once = 0;                   // 0: any number
  std::optional<Duration> lifetime;  // nothing: for ever
};

enum class Command : std::uint8_t {
  ask,
  plan,
  chat,
  models_ls,
  models_show,
  models_test,
  doctor,
  logs_list,
  logs_show,
  feedback,
  skills,
  replay,
  bench_quality,
  bench_models,
  simulate,
  report,
  serve,
  mcp,
  alerts_list,
  alerts_silence,
  top,
  keys_create,
  keys_list,
  keys_revoke,
  config_path,
  config_show,
  config_check,
  completion,
};

struct Invocation {
  Command command = Command::ask;
  AskOptions ask;  // of ask, plan, chat, simulate, `models test` and `bench models` (words: models)
  std::string argument;  // a model, a question's id, an alert, a key, a file or a shell
  LearnOptions learn;
  BenchOptions bench;
  PcOptions pc;
  KeyOptions keys;
  int rows = 20;                             // of `logs list`
  Duration silence = std::chrono::hours(1);  // of `alerts silence`
  // Of doctor, logs, skills, replay, simulate, report, alerts, keys, `bench models`.
  bool json = false;
  bool markdown = false;  // of `config show`
  bool no_color = false;
  std::vector<Flag> settings;  // --set
};

// In place of an invocation: help or the version (status 0), or what is wrong (2).
struct Said {
  int status = 0;
  std::string text;
};

// `arguments` without the program's name. A line that begins with no command is a question.
std::expected<Invocation, Said> parse_command_line(std::vector<std::string> arguments,
                                                   std::string_view version);

// Names for completion: a command with what may follow it.
struct CommandShape {
  std::string name;                   // "" for kai itself, "ask", "models show"
  std::vector<std::string> commands;  // below it
  std::vector<std::string> options;   // "--tier", "-t"
};
std::vector<CommandShape> command_shapes();

}  // namespace kai
