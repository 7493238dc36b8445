#include "cli/command_line.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <map>

#include "cli/misunderstood.h"
#include "cli/option_values.h"
#include "cli/server_commands.h"
#include "cli/text.h"

namespace kai {

namespace {

constexpr std::string_view examples =
    "Examples:\n"
    "  kai \"What is the capital of France?\"\n"
    "  git diff | kai ask -t complex \"Any bug in this change?\"\n"
    "  kai ask --members smollm2:135m,gemma3:270m \"How much is 7 + 5?\"\n"
    "  kai ask --json --deadline 10s \"Who wrote Faust?\" | jq .text\n"
    "  kai ask --min-confidence 0.8 \"Is 97 prime?\" || echo unsure\n"
    "\nExit status: 0 answered, 1 failed, 2 wrong usage, 3 below --min-confidence,\n"
    "4 a server wants a key, 5 out of time or partial, 6 no usable model, 130 interrupted.\n";

// The commands as CLI11 knows them; every option writes into `into`, which must outlive the app.
class Commands {
 public:
  Commands(Invocation& into, std::string_view version);
  CLI::App& app() { return app_; }
  // Of the innermost command that the line named.
  Command chosen() const;

 private:
  CLI::App* add(CLI::App* parent, const std::string& name, const std::string& what,
                Command command);
  void add_tier(CLI::App* command);
  void add_mode(CLI::App* command);
  void add_members(CLI::App* command);
  void add_deadline(CLI::App* command, const std::string& what);
  void add_seed(CLI::App* command);
  void add_plan_options(CLI::App* command);
  void add_question_options(CLI::App* command);
  void add_ask();
  void add_models();
  void add_logs();
  void add_learning();
  void add_bench();
  void add_bench_quality(CLI::App* bench);
  void add_pc_models(CLI::App* command);
  void add_simulate();
  void add_report();
  void add_config();
  void add_globals(std::string_view version);

  Invocation& into_;
  std::map<const CLI::App*, Command> commands_;
  CLI::App app_{"kai: many local language models answer one question together."};
};

Commands::Commands(Invocation& into, std::string_view version) : into_(into) {
  app_.name("kai");
  app_.require_subcommand(1);
  app_.fallthrough();  // the options of kai itself may stand behind a command too
  app_.footer(std::string(examples));
  add_globals(version);
  add_ask();
  add_models();
  add(&app_, "doctor", "check what kai needs and say how to repair it", Command::doctor)
      ->add_flag("--json", into_.json, "print everything that was found as JSON");
  add_logs();
  add_learning();
  add_bench();
  add_simulate();
  add_report();
  add_server_commands(app_, into_, commands_);
  add_config();
  auto* completion =
      add(&app_, "completion", "print a completion script: bash, zsh or fish", Command::completion);
  completion->add_option("SHELL", into_.argument)
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}));
}

CLI::App* Commands::add(CLI::App* parent, const std::string& name, const std::string& what,
                        Command command) {
  auto* added = parent->add_subcommand(name, what);
  added->footer("");
  commands_.emplace(added, command);
  return added;
}

Command Commands::chosen() const {
  const Command command = commands_.at(&innermost(app_));
  const bool show = command == Command::logs_list && !into_.argument.empty();
  return show ? Command::logs_show : command;
}

void Commands::add_globals(std::string_view version) {
  app_.set_version_flag("--version", fmt::format("kai {}", version));
  app_.add_flag("--no-color", into_.no_color, "no colours, as NO_COLOR=1 does");
  app_.add_option_function<std::vector<std::string>>(
          "--set",
          [this](const std::vector<std::string>& settings) {
            for (const auto& setting : settings) {
              const auto equals = setting.find('=');
              if (equals == std::string::npos) {
                refuse("--set", quoted(setting) + " is not key=value");
              }
              into_.settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
            }
          },
          "set an option of kai.toml, key=value; may be repeated")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);  // what follows is the question
}

void Commands::add_tier(CLI::App* command) {
  command->add_option_function<std::string>(
      "-t,--tier", [this](const std::string& name) { into_.ask.tier = tier_in(name); },
      "how hard kai tries: auto (default), simple, medium, complex, expert");
}

void Commands::add_mode(CLI::App* command) {
  command->add_option_function<std::string>(
      "--mode", [this](const std::string& name) { into_.ask.mode = mode_in(name); },
      "adaptive (default); all: every model at once; best: the most skilled one");
}

void Commands::add_members(CLI::App* command) {
  command->add_option_function<std::string>(
      "-m,--members", [this](const std::string& list) { into_.ask.members = members_in(list); },
      "ask exactly these models: a,b");
}

void Commands::add_deadline(CLI::App* command, const std::string& what) {
  command->add_option_function<std::string>(
      "--deadline", [this](const std::string& text) { into_.ask.deadline = deadline_in(text); },
      what);
}

void Commands::add_seed(CLI::App* command) {
  command->add_option_function<std::string>(
      "--seed", [this](const std::string& text) { into_.ask.seed = seed_in(text); },
      "of every random choice: same seed, same choices (the same words only where a model answers\n"
      "once: samples written together may round differently)");
}

void Commands::add_plan_options(CLI::App* command) {
  add_tier(command);
  add_mode(command);
  add_members(command);
  add_deadline(command, "time for the whole question, such as 30s (default: the tier's)");
}

void Commands::add_question_options(CLI::App* command) {
  AskOptions& ask = into_.ask;
  add_plan_options(command);
  add_seed(command);
  command->add_flag("--synthesize", ask.synthesize,
                    "also one text made of all answers; it is not voted on");
  command->add_flag_callback(
      "--run-code", [this] { into_.settings.emplace_back("sandbox.run_code", "true"); },
      "run code answers on the question's examples, in a sandbox");
  command->add_flag("-v,--verbose", ask.verbose, "tell the plan and everyone's timings");
}

void Commands::add_ask() {
  auto* ask = add(&app_, "ask", "ask one question (the default command)", Command::ask);
  ask->add_option("QUESTION", into_.ask.words, "its words; also read from standard input");
  add_question_options(ask);
  auto* json = ask->add_flag("--json", into_.ask.json, "print the whole outcome as one JSON line");
  ask->add_flag("-q,--quiet", into_.ask.quiet, "print the answer only")->excludes(json);
  ask->add_flag("--local", into_.ask.local, "answer here, even where `kai serve` runs");
  ask->add_option_function<std::string>(
      "--min-confidence",
      [this](const std::string& text) { into_.ask.confidence_min = confidence_in(text); },
      "0..1: exit with status 3 where the answer is less sure");
  auto* plan = add(&app_, "plan", "show what asking would do, before anything runs", Command::plan);
  plan->add_option("QUESTION", into_.ask.words, "its words; also read from standard input");
  add_plan_options(plan);
  plan->add_flag("--json", into_.ask.json, "print the plan as one JSON line");
  plan->footer(
      "Exit status: 0 it fits, 2 wrong usage, 6 it does not: the nearest plan that does\n"
      "is shown, or why there is none.\n");
  auto* chat = add(&app_, "chat", "a conversation; /help lists its commands", Command::chat);
  add_question_options(chat);
}

void Commands::add_models() {
  auto* models = add(&app_, "models", "list, show or test models", Command::models_ls);
  models->require_subcommand(0, 1);
  add(models, "ls", "list every model found (the default)", Command::models_ls);
  auto* show = add(models, "show", "everything known of a model", Command::models_show);
  show->add_option("MODEL", into_.argument, "its id, or a GGUF file")->required();
  auto* test = add(models, "test", "load a model and ask it something", Command::models_test);
  test->add_option("MODEL", into_.argument, "its id")->required();
  add_deadline(test, "time for the test (default 2m)");
}

void Commands::add_logs() {
  auto* logs = add(&app_, "logs", "questions asked before: kai logs [ID]", Command::logs_list);
  logs->require_subcommand(0, 1);
  logs->add_option("ID", into_.argument, "show this question; its beginning is enough");
  logs->add_flag("--json", into_.json, "as JSON, one question a line");
  logs->add_option("-n,--rows", into_.rows, "questions listed (default 20)")
      ->check(CLI::Range(1, 100'000));
  auto* list = add(logs, "list", "newest first (the default)", Command::logs_list);
  list->add_flag("--json", into_.json, "as JSON, one question a line");
  list->add_option("-n,--rows", into_.rows, "questions listed (default 20)")
      ->check(CLI::Range(1, 100'000));
  auto* show = add(logs, "show", "the story of one question", Command::logs_show);
  show->add_option("ID", into_.argument, "its id, or the beginning of it")->required();
  show->add_flag("--json", into_.json, "as JSON");
}

void Commands::add_learning() {
  LearnOptions& learn = into_.learn;
  auto* feedback = add(&app_, "feedback", "say whether an answer was right; kai learns from it",
                       Command::feedback);
  feedback->add_option("ID", into_.argument, "of the question; its beginning is enough")
      ->required();
  auto* said = feedback->add_option("SAID", learn.said, "good or bad")
                   ->check(CLI::IsMember(std::vector<std::string>{"good", "bad"}));
  feedback->add_option("--answer", learn.answer, "what would have been right")->excludes(said);

  auto* skills =
      add(&app_, "skills", "what was learned of each model, by kind of question", Command::skills);
  auto* json = skills->add_flag("--json", into_.json, "as JSON, one kind a line");
  skills->add_flag("--reset", learn.reset, "forget all feedback and what was learned")
      ->excludes(json);

  auto* replay = add(&app_, "replay", "decide a question of the history again, by other rules",
                     Command::replay);
  replay->add_option("ID", into_.argument, "of the question; its beginning is enough")->required();
  replay->add_option_function<std::string>(
      "--stop", [&learn](const std::string& name) { learn.stopping = stopping_in(name); },
      "when to stop: recorded (as then, the default), exact, learned");
  add_tier(replay);
  add_members(replay);
  replay->add_flag("--json", into_.json, "print the verdict as one JSON line");
}

void Commands::add_bench() {
  auto* bench = add(&app_, "bench", "measure kai on your own questions, or its models",
                    Command::bench_quality);
  bench->require_subcommand(1);
  add_bench_quality(bench);
  auto* models = add(bench, "models",
                     "measure how fast models load, read and write here; plans then count with it",
                     Command::bench_models);
  models->add_option("MODEL", into_.ask.words, "their ids (default: every usable model)");
  add_deadline(models, "time for each model on each device (default 60s)");
  models->add_flag("--json", into_.json, "print the figures as one JSON line");
  models->footer(
      "Exit status: 0 all measured, 1 some were not, 6 no usable model, 130 interrupted:\n"
      "what was measured until then is shown and kept.\n");
}

void Commands::add_bench_quality(CLI::App* bench) {
  BenchOptions& options = into_.bench;
  auto* quality =
      add(bench, "quality",
          "ask questions of known answer in four ways, side by side: the best model alone, the\n"
          "same model sampled, as kai does without options, and every model; tell what each\n"
          "gains and costs, and what each model is worth",
          Command::bench_quality);
  quality
      ->add_option("FILE", options.file,
                   "JSONL {\"question\": …, \"answer\": …}, or CSV with the header question,answer")
      ->required();
  quality->add_option("--json", options.json_file, "write all figures as JSON to this file");
  quality->add_option("--limit", options.problems_max, "ask only the first so many (default 10000)")
      ->check(CLI::Range(1, 100'000));
  quality
      ->add_option("--samples", options.samples,
                   "voices of the sampled model (default: as many as there are models, 2 to 8)")
      ->check(CLI::Range(1, 8));
  add_tier(quality);
  quality->add_option_function<std::string>(
      "-m,--members", [this](const std::string& list) { into_.ask.members = members_in(list); },
      "as if there were only these models: a,b");
  add_seed(quality);
  quality->add_flag("-v,--verbose", into_.ask.verbose, "tell every question's marks");
  quality->footer(
      "Nothing of it goes to the history or is learned from. Ctrl-C ends with the\n"
      "figures so far.\n");
}

void Commands::add_pc_models(CLI::App* command) {
  command->add_option_function<std::string>(
      "--models",
      [this](const std::string& list) {
        for (auto& model : members_in(list, "--models"))
          into_.pc.models.push_back(std::move(model.text));
      },
      "of those in the PC's file: a,b (default: all)");
}

void Commands::add_report() {
  auto* report =
      add(&app_, "report", "kai and the original way compared: speed, quality, use of the machine",
          Command::report);
  report->add_option(
      "--pc", into_.pc.file,
      "of the PC in this file, in virtual time (default: this machine, as measured)");
  add_pc_models(report);
  report->add_option("--out", into_.pc.out,
                     "write performance.md and its pictures into this folder");
  report->add_flag("--json", into_.json,
                   "all figures as JSON; with --out as performance.json beside the page");
}

void Commands::add_simulate() {
  PcOptions& options = into_.pc;
  auto* simulate =
      add(&app_, "simulate",
          "ask a PC in virtual time that a file of numbers describes, and the original\n"
          "way on it beside kai's",
          Command::simulate);
  auto* words =
      simulate->add_option("QUESTION", into_.ask.words, "its words; its plan is shown, too");
  simulate->add_option("--pc", options.file, "the PC's numbers, such as examples/reference-pc.json")
      ->required();
  add_pc_models(simulate);
  simulate
      ->add_option("--questions", options.questions,
                   "a file with a question a line, or how many of kai's samples, at most 1000")
      ->excludes(words);
  add_tier(simulate);
  add_mode(simulate);
  add_deadline(simulate, "time for each question, such as 30s (default: the tier's)");
  simulate
      ->add_option("--tokens", options.tokens,
                   "that each member writes (default: by chance, about what the tier expects)")
      ->check(CLI::Range(1, 16'384));
  add_seed(simulate);
  simulate->add_flag("--json", into_.json, "print all figures as one JSON line");
  simulate->footer(
      "Nothing is asked or measured: kai's own planner, scheduler and consensus run in\n"
      "virtual time. Each question begins with nothing loaded. What members say is drawn by\n"
      "chance: the more skilled a model is said to be, the likelier it gives the common answer.\n");
}

void Commands::add_config() {
  auto* config = add(&app_, "config", "where options come from", Command::config_show);
  config->require_subcommand(0, 1);
  add(config, "path", "the files that are read, in their order", Command::config_path);
  auto* show = add(config, "show", "every option, its value and its origin (the default)",
                   Command::config_show);
  show->add_flag("--markdown", into_.markdown, "the manual of all options");
  auto* check = add(config, "check", "read the configuration, or FILE, and say what is wrong",
                    Command::config_check);
  check->add_option("FILE", into_.argument);
}

void collect_shapes(const CLI::App& app, const std::string& name,
                    std::vector<CommandShape>& shapes) {
  shapes.push_back({name, command_names(app), option_names(app)});
  for (const auto* below : app.get_subcommands({})) {
    collect_shapes(*below, name.empty() ? below->get_name() : name + ' ' + below->get_name(),
                   shapes);
  }
}

}  // namespace

std::expected<Invocation, Said> parse_command_line(std::vector<std::string> arguments,
                                                   std::string_view version) {
  Invocation invocation;
  Commands commands(invocation, version);
  CLI::App& app = commands.app();
  add_default_command(arguments, app);
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(Said{0, innermost(app).help(path_to(innermost(app)))});
  } catch (const CLI::CallForVersion& said) {
    return std::unexpected(Said{0, said.what()});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(misunderstood(error, app));
  }
  invocation.command = commands.chosen();
  return invocation;
}

std::vector<CommandShape> command_shapes() {
  Invocation unused;
  Commands commands(unused, "");
  std::vector<CommandShape> shapes;
  collect_shapes(commands.app(), "", shapes);
  return shapes;
}

}  // namespace kai
