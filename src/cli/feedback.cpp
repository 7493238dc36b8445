// feedback, skills, replay: what the user says of answers, what kai learned of it, and what it
// would decide under other rules.
#include <fmt/format.h>

#include <algorithm>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/report.h"
#include "cli/skill_sheets.h"
#include "consensus/replay.h"
#include "fleet/fleet.h"
#include "wire/documents.h"
#include "wire/recorded.h"
#include "wire/skills.h"

namespace kai {

namespace {

constexpr int name_columns_max = 40;
constexpr int words_columns_max = 200;
constexpr std::size_t answer_chars_max = 4000;

std::string model_name(const std::vector<Model>& models, const std::string& key) {
  const auto found = std::ranges::find_if(
      models, [&](const Model& model) { return skill_key(model.facts, model.id) == key; });
  return found == models.end() ? key : found->id.text;
}

std::string labels(int count) {
  return fmt::format("{} with feedback", count);
}

// One shape: how its models stand, and by what rules it is decided.
void print_sheet(const SkillSheet& sheet, const std::vector<Model>& models, Terminal& terminal) {
  terminal.out(fmt::format("{} questions: {} answered, {}", to_string(sheet.shape), sheet.lessons,
                           labels(sheet.labels)));
  auto rows = sheet.models;
  std::ranges::sort(rows, std::ranges::greater{}, &ModelSkill::say);
  for (const auto& row : rows) {
    terminal.out(fmt::format(
        "  {} right {:.2f}  say {:.2f}  {}",
        padded(one_line(model_name(models, row.key), name_columns_max), 26), row.chance, row.say,
        row.labels == 0 ? "from the table of priors" : fmt::format("{} labels", row.labels)));
  }
  if (sheet.rolled_back) {
    terminal.out("  learning did harm here (worse than the best model alone): back to the priors");
  }
  if (sheet.guarded) {
    terminal.out("  the most skilled model decides: a vote has not shown itself better yet");
  }
  if (sheet.frozen) {
    terminal.out(
        "  frozen: without new feedback another model would have got the most say; the next "
        "feedback decides");
  }
  if (sheet.shape != Shape::open) {
    terminal.out(sheet.learned.stop.learned
                     ? fmt::format("  stops early by a rule learned from {} questions that all "
                                   "models answered",
                                   sheet.full)
                     : fmt::format("  stops only where nothing can change ({} of {} questions "
                                   "known that all models answered)",
                                   sheet.full, full_questions_min));
  }
  const int known = sheet.learned.confidence.labels;
  terminal.out(known > 0 ? fmt::format("  confidence: calibrated on {} answers", known)
                         : std::string("  confidence: not calibrated (from 30 answers with "
                                       "feedback on); agreement is told instead"));
  for (const auto& [said, right, answers] : sheet.reliability) {
    terminal.out(fmt::format("    of {:>3} answers called {:.2f} sure, {:>3.0f} % were right",
                             answers, said, right * 100));
  }
}

Result<Feedback> feedback_in(const LearnOptions& options) {
  if (options.answer) {
    if (options.answer->find_first_not_of(" \t\r\n") == std::string::npos) {
      return fail(ErrorCode::invalid_request, "--answer is empty; write the right answer");
    }
    if (options.answer->size() > answer_chars_max) {
      return fail(ErrorCode::invalid_request,
                  fmt::format("--answer has {} bytes, the limit is {}; write the answer alone",
                              options.answer->size(), answer_chars_max));
    }
    return Feedback{Feedback::Kind::answer, *options.answer};
  }
  if (options.said == "good") return Feedback{Feedback::Kind::good, {}};
  if (options.said == "bad") return Feedback{Feedback::Kind::bad, {}};
  return fail(ErrorCode::invalid_request,
              "say what you think of it: kai feedback ID good, bad, or --answer \"the right one\"");
}

// Whether the sheet that is kept says so already, so that it is told once.
bool was_rolled_back(Shape shape, Store& store) {
  const auto kept = store.learned();
  if (!kept || !kept->contains(shape)) return false;
  const auto sheet = wire::decode_skills(kept->at(shape));
  return sheet && sheet->rolled_back;
}

std::vector<Model> models_of(const Config& config, Store& store, Terminal& terminal) {
  auto found = find_models(config.fleet, store, inspect_teller(terminal));
  terminal.clear_live();
  return std::move(found.models);
}

}  // namespace

int give_feedback(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto feedback = feedback_in(invocation.learn);
  if (!feedback) return tell_error(feedback.error(), terminal);
  const auto store = open_store(config.store);
  const auto id = store->put_feedback(invocation.argument, *feedback);
  if (!id) return tell_error(id.error(), terminal);
  const auto document = store->outcome_json(id->text);
  if (!document) return tell_error(document.error(), terminal);
  const auto recorded = wire::decode_recorded(*document);
  if (!recorded) return tell_error(recorded.error(), terminal);
  const auto models = models_of(config, *store, terminal);
  const bool knew = was_rolled_back(recorded->shape, *store);
  const auto sheet = learn_again(recorded->shape, models, *store);
  if (!sheet) return tell_error(sheet.error(), terminal);
  terminal.err(fmt::format("  noted: {} · {} questions now have {}", short_id(*id),
                           to_string(sheet->shape), labels(sheet->labels)));
  if (sheet->rolled_back && !knew) {
    terminal.err("kai: what was learned of such questions did harm; the priors count again");
  }
  return exit_status::ok;
}

int show_skills(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto store = open_store(config.store);
  if (invocation.learn.reset) {
    const auto forgotten = store->forget_feedback();
    if (!forgotten) return tell_error(forgotten.error(), terminal);
    terminal.err(
        fmt::format("  forgotten: feedback on {} answers and what was learned of it", *forgotten));
  }
  const auto models = models_of(config, *store, terminal);
  const auto sheets = skill_sheets(models, *store);
  for (const auto& note : sheets.notes) terminal.err("kai: " + note);
  for (const auto& [shape, sheet] : sheets.by_shape) {
    if (invocation.json) {
      terminal.out(wire::encode_skills(sheet));
    } else {
      print_sheet(sheet, models, terminal);
    }
  }
  return exit_status::ok;
}

int run_replay(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const auto store = open_store(config.store);
  const auto refuse = [&](const Error& error) {
    if (invocation.json) terminal.out(wire::encode_error(error));
    return tell_error(error, terminal);
  };
  const auto document = store->outcome_json(invocation.argument);
  if (!document) return refuse(document.error());
  const auto recorded = wire::decode_recorded(*document);
  if (!recorded) return refuse(recorded.error());
  if (recorded->answers.empty()) {
    return refuse({ErrorCode::invalid_request,
                   fmt::format("nobody answered {}, so there is nothing to decide again",
                               short_id(recorded->id))});
  }
  ReplayRules rules;
  rules.consensus = config.coordinator.consensus;
  rules.stopping = invocation.learn.stopping;
  if (!invocation.ask.members.empty()) rules.models = invocation.ask.members;
  if (invocation.ask.tier) {
    const auto tier = static_cast<std::size_t>(*invocation.ask.tier);
    rules.members_max = config.coordinator.planner.tiers[tier].members_max;
  }
  if (rules.stopping == ReplayRules::Stopping::learned) {
    const auto models = models_of(config, *store, terminal);
    rules.learned.stop = skill_sheets(models, *store).by_shape.at(recorded->shape).learned.stop;
  }
  const Replayed replayed = replay(*recorded, rules);
  if (replayed.asked == 0) {
    return refuse({ErrorCode::not_found, "none of these members was asked then; `kai logs " +
                                             short_id(recorded->id) + "` names those that were"});
  }
  if (invocation.json) {
    terminal.out(wire::encode_verdict(replayed.verdict));
    return exit_status::ok;
  }
  const Verdict& verdict = replayed.verdict;
  const bool inert_out = terminal.options().out_is_terminal;
  terminal.out(inert_out ? inert(verdict.text) : verdict.text);
  for (const auto& [member, words] : verdict.dissent) {
    terminal.err(fmt::format("  dissent: {} says \"{}\"", one_line(member.text, name_columns_max),
                             one_line(words, words_columns_max)));
  }
  const bool same = wire::encode_verdict(verdict) == wire::encode_verdict(recorded->verdict);
  terminal.err(fmt::format("  {} of {} agree · {} of {} answers taken{} · {}", verdict.agreeing,
                           verdict.voters, replayed.taken, recorded->answers.size(),
                           replayed.stop_why.empty() ? "" : " · " + replayed.stop_why,
                           same ? "as it was decided then" : "decided otherwise than then"));
  return exit_status::ok;
}

}  // namespace kai
