// Query: what is asked, by whom it shall be answered, and until when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"

namespace kai {

// How hard kai tries. Each tier has its number of members and its timeout.
enum class Tier : std::uint8_t { simple, medium, complex, expert };

// adaptive: as many members as the question deserves · all: every model at once, the original
// way · best: the one member with the highest skill for this kind of question.
enum class Mode : std::uint8_t { adaptive, all, best };

enum class Role : std::uint8_t { system, user, assistant };

struct Message {
  Role role = Role::user;
  std::string text;  // valid UTF-8 without NUL
};

// The form of answers that are JSON documents, which are compared by their fields; empty: of free
// text. Both say the same.
struct JsonForm {
  std::string grammar;  // GBNF, for the workers here
  std::string schema;   // JSON Schema, for engines of others

  bool empty() const { return grammar.empty(); }
  std::size_t size() const { return grammar.size() + schema.size(); }
  bool operator==(const JsonForm&) const = default;
};

struct Query {
  QueryId id;
  std::vector<Message> messages;  // at least one; the last is the user's question
  std::optional<Tier> tier;       // nothing: kai assesses it
  Mode mode = Mode::adaptive;
  std::vector<ModelId> models;  // nothing: kai chooses; else exactly these
  Time asked{};
  std::optional<Duration> time_limit;  // from `asked`; nothing: the tier's timeout
  std::uint64_t seed = 0;              // of every random choice made for this query
  std::optional<Tokens> answer_max;    // per member; nothing: the tier's
  // Wishes on how every member writes. Each answer ends before any of `stop`; nothing: the
  // planner's own temperature and top_p.
  std::vector<std::string> stop;
  std::optional<double> temperature;  // 0..5; further voices keep at least the planner's own
  std::optional<double> top_p;        // (0..1]
  JsonForm json_form;                 // of every answer
  // 0..20: the answer's tokens are kept with so many likeliest ones beside each, which bounds its
  // length (token_odds.h). Nothing: they are not kept.
  std::optional<int> top_logprobs{};
  // How long the models asked stay loaded when nobody uses them, in place of what is configured,
  // until they are asked again; max(): for ever. Of this machine's own models.
  std::optional<Duration> keep{};
  bool hear_all = false;    // true: nobody is stopped early, even where the outcome is settled
  bool synthesize = false;  // one text of all answers besides the decided one
  bool recorded = true;     // false: neither history nor learning sees it, as for a benchmark's

  const std::string& question() const { return messages.back().text; }
};

// What the planner thinks of a question before anyone answered it.
struct Complexity {
  double difficulty = 0;  // 0..1
  Tier tier = Tier::simple;
  std::string why;  // for people: the features that decided
};

std::string_view to_string(Tier tier);
std::string_view to_string(Mode mode);
std::string_view to_string(Role role);
// Nothing: no such name. "auto" is not a tier; whoever reads options handles it.
std::optional<Tier> tier_named(std::string_view name);
std::optional<Mode> mode_named(std::string_view name);

}  // namespace kai
