#include "cli/cli.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <exception>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "wire/documents.h"

namespace kai {

namespace {

// Files opened later must not become standard input, output or error.
void fill_standard_files() {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file) {
    if (::fcntl(file, F_GETFD) >= 0) continue;
    // The lowest free number is this one.
    [[maybe_unused]] const int opened = ::open("/dev/null", O_RDWR);
  }
}

int run(const Invocation& invocation, const Config& config, std::string_view version,
        Terminal& terminal) {
  const auto reread = [&] { return load_config(own_surroundings(), invocation.settings); };
  switch (invocation.command) {
    case Command::ask: return run_ask(invocation.ask, config, terminal);
    case Command::plan: return run_plan(invocation.ask, config, terminal);
    case Command::chat: return run_chat(invocation.ask, config, terminal);
    case Command::models_ls: return list_models(config, terminal);
    case Command::models_show: return show_model(invocation.argument, config, terminal);
    case Command::models_test:
      return test_model(invocation.argument, invocation.ask.deadline, config, terminal);
    case Command::doctor: return run_doctor(invocation, config, terminal);
    case Command::logs_list: return list_logs(invocation, config, terminal);
    case Command::logs_show: return show_log(invocation, config, terminal);
    case Command::feedback: return give_feedback(invocation, config, terminal);
    case Command::skills: return show_skills(invocation, config, terminal);
    case Command::replay: return run_replay(invocation, config, terminal);
    case Command::bench_quality: return run_bench_quality(invocation, config, terminal);
    case Command::bench_models: return run_bench_models(invocation, config, terminal);
    case Command::simulate: return run_simulate(invocation, config, terminal);
    case Command::report: return run_report(invocation, config, terminal);
    case Command::serve: return run_serve(config, version, reread, terminal);
    case Command::mcp: return run_mcp(config, version, reread, terminal);
    case Command::alerts_list: return list_alerts(invocation, config, terminal);
    case Command::alerts_silence: return silence_alert(invocation, config, terminal);
    case Command::top: return run_top(config, terminal);
    case Command::keys_create: return create_key(invocation, config, terminal);
    case Command::keys_list: return list_keys(invocation, config, terminal);
    case Command::keys_revoke: return revoke_key(invocation, config, terminal);
    case Command::config_show:
      terminal.out(invocation.markdown ? config_manual() : show_config(config));
      return exit_status::ok;
    case Command::config_path:
    case Command::config_check:
    case Command::completion: break;
  }
  return exit_status::failed;
}

}  // namespace

int run_cli(int argc, char** argv, std::string_view version) {
  fill_standard_files();
  std::signal(SIGPIPE, SIG_IGN);        // a reader that leaves is seen where it is written to
  std::setlocale(LC_CTYPE, "C.UTF-8");  // for the width of characters
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  const auto invocation = parse_command_line(arguments, version);
  Terminal terminal(own_terminal(invocation && invocation->no_color));
  if (!invocation) {
    const Said& said = invocation.error();
    if (said.status == exit_status::ok) {
      terminal.out(said.text);
      return said.status;
    }
    const Error error{ErrorCode::invalid_request, said.text};
    if (std::ranges::count(arguments, "--json") > 0) terminal.out(wire::encode_error(error));
    return tell_error(error, terminal);
  }
  if (invocation->command == Command::completion) {
    terminal.out(completion_script(invocation->argument));
    return exit_status::ok;
  }
  const Surroundings around = own_surroundings();
  if (invocation->command == Command::config_path) return show_paths(around, terminal);
  if (invocation->command == Command::config_check) {
    return check_configuration(*invocation, around, terminal);
  }
  const auto config = load_config(around, invocation->settings);
  if (!config) {
    if (invocation->ask.json || invocation->json) {
      terminal.out(wire::encode_error(config.error()));
    }
    return tell_error(config.error(), terminal);
  }
  // Asio throws where the system gives it no descriptor or no thread.
  try {
    return run(*invocation, *config, version, terminal);
  } catch (const std::exception& error) {
    return tell_error(
        {ErrorCode::internal,
         fmt::format("the system refuses what kai needs ({}); close some programs, or "
                     "raise `ulimit -n` and `ulimit -u`",
                     error.what())},
        terminal);
  }
}

}  // namespace kai
