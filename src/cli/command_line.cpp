#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/exit_code.h"
#include "cli/text.h"
#include "config/nearest.h"
#include "config/units.h"

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
    "5 out of time or partial, 6 no usable model, 130 interrupted.\n";
constexpr std::size_t shown_chars_max = 80;

[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw CLI::ValidationError(option, why);
}

std::string quoted(const std::string& text) {
  return '"' + one_line(text, shown_chars_max) + '"';
}

std::vector<ModelId> members_in(const std::string& list) {
  std::vector<ModelId> members;
  for (const auto& name : CLI::detail::split(list, ',')) {
    if (name.empty()) refuse("--members", "a name is missing; write them as a,b");
    members.emplace_back(name);
  }
  return members;
}

Duration deadline_in(const std::string& text) {
  constexpr Duration min = std::chrono::milliseconds(100);
  constexpr Duration max = std::chrono::hours(24);
  const auto duration = parse_duration(text);
  if (!duration || *duration < min || *duration > max) {
    refuse("--deadline", fmt::format("{} is not a time from 100ms to 24h, such as 30s or 2m",
                                     quoted(text)));
  }
  return *duration;
}

// The commands as CLI11 knows them; every option writes into `into`, which must outlive the app.
class Commands {
 public:
  Commands(Invocation& into, std::string_view version);
  CLI::App& app() { return app_; }

 private:
  CLI::App* add(CLI::App* parent, const std::string& name, const std::string& what,
                std::optional<Command> command);
  void add_question_options(CLI::App* command);
  void add_ask();
  void add_models();
  void add_logs();
  void add_config();
  void add_globals(std::string_view version);

  Invocation& into_;
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
  add(&app_, "doctor", "check what kai needs and say how to repair it", Command::doctor);
  add_logs();
  add_config();
  auto* completion = add(&app_, "completion", "print a completion script: bash, zsh or fish",
                         Command::completion);
  completion->add_option("SHELL", into_.argument)->required()->check(
      CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}));
}

CLI::App* Commands::add(CLI::App* parent, const std::string& name, const std::string& what,
                        std::optional<Command> command) {
  auto* added = parent->add_subcommand(name, what);
  added->footer("");
  if (command) added->parse_complete_callback([this, command] { into_.command = *command; });
  return added;
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
      ->take_all();
}

void Commands::add_question_options(CLI::App* command) {
  AskOptions& ask = into_.ask;
  command->add_option_function<std::string>(
      "-t,--tier",
      [&ask](const std::string& name) {
        ask.tier = tier_named(name);
        if (ask.tier || name == "auto") return;
        refuse("--tier", fmt::format("there is no tier {}; choose auto, simple, medium, complex "
                                     "or expert", quoted(name)));
      },
      "how hard kai tries: auto (default), simple, medium, complex, expert");
  command->add_option_function<std::string>(
      "--mode",
      [&ask](const std::string& name) {
        const auto mode = mode_named(name);
        if (!mode) {
          refuse("--mode", fmt::format("there is no mode {}; choose adaptive, all or best",
                                       quoted(name)));
        }
        ask.mode = *mode;
      },
      "adaptive (default); all: every model at once; best: the most skilled one");
  command->add_option_function<std::string>(
      "-m,--members", [&ask](const std::string& list) { ask.members = members_in(list); },
      "ask exactly these models: a,b");
  command->add_option_function<std::string>(
      "--deadline", [&ask](const std::string& text) { ask.deadline = deadline_in(text); },
      "time for the whole question, such as 30s (default: the tier's)");
  command->add_option("--seed", ask.seed, "of every random choice; same seed, same choices");
  command->add_flag("-v,--verbose", ask.verbose, "tell the plan and everyone's timings");
}

void Commands::add_ask() {
  auto* ask = add(&app_, "ask", "ask one question (the default command)", Command::ask);
  ask->add_option("QUESTION", into_.ask.words, "its words; also read from standard input");
  add_question_options(ask);
  auto* json = ask->add_flag("--json", into_.ask.json, "print the whole outcome as one JSON line");
  ask->add_flag("-q,--quiet", into_.ask.quiet, "print the answer only")->excludes(json);
  ask->add_option("--min-confidence", into_.ask.confidence_min,
                  "0..1: exit with status 3 where the answer is less sure")
      ->check(CLI::Range(0.0, 1.0));
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
  test->add_option_function<std::string>(
      "--deadline", [this](const std::string& text) { into_.ask.deadline = deadline_in(text); },
      "time for the test (default 2m)");
}

void Commands::add_logs() {
  auto* logs = add(&app_, "logs", "questions asked before: kai logs [ID]", std::nullopt);
  logs->require_subcommand(0, 1);
  logs->add_option("ID", into_.argument, "show this question; its beginning is enough");
  logs->add_flag("--json", into_.json, "as JSON, one question a line");
  logs->add_option("-n,--rows", into_.rows, "questions listed (default 20)")
      ->check(CLI::Range(1, 100'000));
  logs->parse_complete_callback([this, logs] {
    if (logs->get_subcommands().empty()) {
      into_.command = into_.argument.empty() ? Command::logs_list : Command::logs_show;
    }
  });
  auto* list = add(logs, "list", "newest first (the default)", Command::logs_list);
  list->add_flag("--json", into_.json, "as JSON, one question a line");
  list->add_option("-n,--rows", into_.rows, "questions listed (default 20)")
      ->check(CLI::Range(1, 100'000));
  auto* show = add(logs, "show", "the story of one question", Command::logs_show);
  show->add_option("ID", into_.argument, "its id, or the beginning of it")->required();
  show->add_flag("--json", into_.json, "as JSON");
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

// Puts "ask" in front of a line that names no command.
void add_default_command(std::vector<std::string>& arguments, CLI::App& app) {
  std::size_t at = 0;
  while (at < arguments.size() && (arguments[at] == "--no-color" || arguments[at] == "--set" ||
                                   arguments[at].starts_with("--set="))) {
    at += arguments[at] == "--set" ? 2 : 1;
  }
  if (at < arguments.size()) {
    const std::string& first = arguments[at];
    if (first == "-h" || first == "--help" || first == "--version") return;
    const auto commands = app.get_subcommands({});
    if (std::ranges::count(commands, first, [](auto* known) { return known->get_name(); }) > 0) {
      return;
    }
  }
  at = std::min(at, arguments.size());
  arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(at), "ask");
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_snames()) names.push_back('-' + name);
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// The innermost command that the line named.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* found = &app;
  while (!found->get_subcommands().empty()) found = found->get_subcommands().front();
  return *found;
}

Said misunderstood(const CLI::ParseError& error, CLI::App& app) {
  const CLI::App& command = innermost(app);
  std::string path = command.get_name();
  for (const auto* above = command.get_parent(); above != nullptr; above = above->get_parent()) {
    path = above->get_name() + ' ' + path;
  }
  std::string text = one_line(error.what(), 300);
  if (error.get_name() == "ExtrasError") {
    const auto extras = app.remaining(true);
    const std::string first = extras.empty() ? "" : extras.front();
    const bool option = first.starts_with('-');
    const std::string meant = option ? nearest(first, option_names(command)) : "";
    text = fmt::format("{} is not {} of {}{}", quoted(first), option ? "an option" : "an argument",
                       path, meant.empty() ? "" : fmt::format("; did you mean {}?", meant));
    if (!option) text += "; a question with such a word goes in quotes behind kai ask";
  }
  return {exit_status::usage, fmt::format("kai: {}; see {} --help", text, path)};
}

void collect_shapes(const CLI::App& app, const std::string& name,
                    std::vector<CommandShape>& shapes) {
  CommandShape shape{name, {}, option_names(app)};
  for (const auto* below : app.get_subcommands({})) shape.commands.push_back(below->get_name());
  shapes.push_back(std::move(shape));
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
    return std::unexpected(Said{0, innermost(app).help(innermost(app).get_name())});
  } catch (const CLI::CallForVersion& said) {
    return std::unexpected(Said{0, said.what()});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(misunderstood(error, app));
  }
  return invocation;
}

Result<std::string> question_of(const std::vector<std::string>& words,
                                const std::optional<std::string>& input) {
  constexpr std::string_view blank = " \t\r\n";
  std::string question = fmt::format("{}", fmt::join(words, " "));
  if (question.find_first_not_of(blank) == std::string::npos) question.clear();
  if (input && input->find_first_not_of(blank) != std::string::npos) {
    if (!question.empty()) question += "\n\n";
    question += input->substr(0, input->find_last_not_of(blank) + 1);
  }
  if (question.empty()) {
    return fail(ErrorCode::invalid_request, "there is no question; type one, e.g. "
                                            "kai \"What is the capital of France?\"");
  }
  return question;
}

std::vector<CommandShape> command_shapes() {
  Invocation unused;
  Commands commands(unused, "");
  std::vector<CommandShape> shapes;
  collect_shapes(commands.app(), "", shapes);
  return shapes;
}

}  // namespace kai
