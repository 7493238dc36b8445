// planner: what to run where, in what order, until when. Pure: the same values give the same plan.
//
// Models that do not fit a device together have their turns on it one after the other (waves.h);
// who goes where and when is searched for (seating.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/forecast.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "domain/skills.h"
#include "domain/verdict.h"

namespace kai {

// What a tier means; one entry for each of Tier's values, in their order.
struct TierOptions {
  int members_min;          // 1..12
  int members_max;          // members_min..12
  Duration timeout;         // of the whole question, 1 s..1 h
  Duration member_timeout;  // of one member, 30..120 s by default; never beyond the question's
  Tokens answer_max;        // per member, 1..32768
  // By when the last one shall have answered, 1 s..1 h: who would not is asked only where there are
  // fewer than members_min without.
  Duration aim;
};

struct PlannerOptions {
  std::array<TierOptions, 4> tiers{{
      {2, 3, std::chrono::seconds(30), std::chrono::seconds(30), Tokens(128),
       std::chrono::seconds(8)},
      {4, 6, std::chrono::seconds(45), std::chrono::seconds(45), Tokens(256),
       std::chrono::seconds(19)},
      {8, 8, std::chrono::seconds(90), std::chrono::seconds(90), Tokens(512),
       std::chrono::seconds(35)},
      {10, 12, std::chrono::seconds(120), std::chrono::seconds(120), Tokens(768),
       std::chrono::seconds(50)},
  }};
  int samples_per_model_max = 4;    // 1..16: voices of one model where models are few
  double sample_temperature = 0.7;  // 0..2: of second and further samples
  double time_margin = 0.1;         // 0..0.5: share of the deadline kept free when planning
  double chars_per_token = 3.0;     // 1..8: to estimate a prompt before it is tokenised
  // 0..1: share of the longest answer that a model of unknown habits writes; 1: always all of it.
  double expected_answer = 0.5;
  // Whether a model larger than a GPU may lie on it in part, with the rest of its layers on the
  // CPU.
  bool splits = false;
  // How questions begin that a chat program asks for itself, in its user's name: titles, tags,
  // follow-ups. Open WebUI's begin so.
  std::vector<std::string> chat_tasks{"### Task:"};
};

// Whether a question is such a one, behind blanks; never where the user chose who is asked or how.
// One member answers it, and its tier is simple whatever was asked: a title is worth no ensemble.
bool is_chat_task(const Query& query, const PlannerOptions& options);

// How often a question is asked otherwise than best for it alone, so that kai learns.
struct StudyOptions {
  // 0..1 of the questions: of all models, nobody stopped early, from which stopping is learned.
  // Twenty times as often, at most one in five, until there are full_questions_min of a shape.
  double full_share = 0.01;
  double order_share = 0.02;  // 0..1: in an order drawn by the models' skills (Thompson sampling)
};
inline constexpr int full_questions_min = 30;  // what a stop rule is first learned from

enum class Study : std::uint8_t { nothing, in_full, order };

// What a question shall teach, chosen by its seed. Nothing where it is not recorded, its text is
// open, or the user chose who is asked or how; a tier that the user chose is not asked in full.
// `full`: questions of this shape that all models have answered so far.
Study study_of(const Query& query, Shape shape, int full, const StudyOptions& options = {});

// The place of each model in an order drawn by chance: the stronger mostly first, the less is known
// of one the more freely. Same skills and seed, same order.
std::vector<int> drawn_order(std::span<const ModelSkill> skills, std::uint64_t seed);

// By when a query shall be answered: the aim of its tier (the query's own, or this one), at most
// its deadline.
Time wanted_by(const Query& query, Tier assessed, const PlannerOptions& options = {});

// Whether a plan asks every model that can be asked, within its deadline less the margin.
bool asks_all(const Plan& plan, const Fleet& fleet, Time now, const PlannerOptions& options = {});

// How hard a question is, by features of its text alone. Any bytes, also none; 10,000 characters
// take below 1 ms.
Complexity assess(std::string_view question);
// The same; of a chat program's own task that it is one.
Complexity assess(const Query& query, const PlannerOptions& options);

// Everything make_plan needs to know, so that a caller names what it hands over.
struct PlanInput {
  const Query& query;  // at least one message
  const Complexity& complexity;
  const Fleet& fleet;                // refused models are left out by name
  std::span<const DeviceRoom> room;  // what is free, one per device
  std::span<const CostCard> cards;   // per (model, device); a missing pair: not runnable there
  std::span<const double> skills;    // 0..1, one per fleet.models: for this question's shape
  Time now{};                        // the plan starts here
  // >= 0, one per fleet.models: a voice's weight in a vote; empty: the log-odds of its skill.
  std::span<const double> says{};
  // One per fleet.models, for this question's shape; empty: options.expected_answer of all.
  std::span<const AnswerLength> lengths{};
  // Place of each of fleet.models in a learned order of asking; empty: strong or cheap first.
  std::span<const int> order{};
};

// The members for a question, strongest claims first in the order of starting.
// query.tier wins over complexity.tier; Mode::all takes every model once; Mode::best the one with
// the highest skill; query.models exactly those, a repeated name being a further sample. Where a
// tier wants more members than there are models, further samples of the better ones join, named
// "model#2". Every model of the fleet is either asked or left out with the reason: refused, the
// prompt exceeds its context, its bytes fit nowhere, no time is left, not wanted. Time leaves
// nobody out where the user chose (Mode::all, Mode::best, query.models), and never the last one.
// Errors: no_members (no usable model), nothing_fits (models, but none fits memory, context or
// time; the message says which), not_found (query.models names an unknown one, with the nearest).
// Cost: below 5 ms for 12 models.
Result<Plan> make_plan(const PlanInput& input, const PlannerOptions& options = {});

// The most memory that the plan's models hold at a time on each of the devices but the hosts.
std::vector<DeviceNeed> memory_of(const Plan& plan, std::span<const CostCard> cards,
                                  std::span<const Device> devices);

// Not empty: why the plan is not what its query asked for: it ends after the deadline, or a model
// that was asked for by name is left out.
std::string misfit_of(const Plan& plan, const PlanInput& input);

// The query nearest to the input's that fits: the named models that can be asked, then shorter
// answers (a lower tier), then without the slowest of the named, then whom kai chooses. The
// deadline stays. Nothing: none fits.
struct Nearest {
  Query query;
  Plan plan;
};
std::optional<Nearest> nearest_plan(const PlanInput& input, const PlannerOptions& options = {});

// The same for another query, which the result refers to.
PlanInput with_query(const PlanInput& input, const Query& query);

// What a member is sent: Ask::instruction as a system message, then the query's messages, the
// oldest turns dropped where they do not fit the context that was planned. `model` is the ask's.
std::vector<Message> conversation(const Query& query, const Ask& ask, const Model& model,
                                  const PlannerOptions& options = {});

// The rule behind it: system messages and the last message stay, the oldest turns go until the
// estimate fits `room`. May exceed `room` where what must stay does.
std::vector<Message> trimmed(std::span<const Message> messages, Tokens room,
                             const PlannerOptions& options = {});

// After plans that gave no valid answer: a simpler one (R5): one tier lower, fewer and faster
// models, shorter answers (but where they were cut), for the time left until the first plan's
// deadline. Models not yet asked come first; one that failed for a passing reason (a lost lane, a
// deadline) is tried once more; one that refused or has said all it can is not. Nothing: under a
// second or no model is left.
std::optional<Plan> fallback(const PlanInput& input, const Outcome& so_far,
                             const PlannerOptions& options = {});

}  // namespace kai
