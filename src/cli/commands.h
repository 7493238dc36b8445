// commands: what each of kai's commands does. Each returns the exit status.
#pragma once

#include <functional>

#include "cli/command_line.h"
#include "cli/terminal.h"
#include "config/config.h"

namespace kai {

int run_ask(const AskOptions& options, const Config& config, Terminal& terminal);
int run_plan(const AskOptions& options, const Config& config, Terminal& terminal);
int run_chat(const AskOptions& options, const Config& config, Terminal& terminal);
int list_models(const Config& config, Terminal& terminal);
int show_model(const std::string& name, const Config& config, Terminal& terminal);
int test_model(const std::string& name, std::optional<Duration> deadline, const Config& config,
               Terminal& terminal);
int run_doctor(const Invocation& invocation, const Config& config, Terminal& terminal);
int list_logs(const Invocation& invocation, const Config& config, Terminal& terminal);
int show_log(const Invocation& invocation, const Config& config, Terminal& terminal);
int give_feedback(const Invocation& invocation, const Config& config, Terminal& terminal);
int show_skills(const Invocation& invocation, const Config& config, Terminal& terminal);
int run_replay(const Invocation& invocation, const Config& config, Terminal& terminal);
int run_bench_quality(const Invocation& invocation, const Config& config, Terminal& terminal);
int run_bench_models(const Invocation& invocation, const Config& config, Terminal& terminal);
int run_simulate(const Invocation& invocation, const Config& config, Terminal& terminal);
int run_report(const Invocation& invocation, const Config& config, Terminal& terminal);
// `reread` reads the configuration again, from where `config` is.
int run_serve(const Config& config, std::string_view version,
              const std::function<Result<Config>()>& reread, Terminal& terminal);
int run_mcp(const Config& config, std::string_view version,
            const std::function<Result<Config>()>& reread, Terminal& terminal);
int list_alerts(const Invocation& invocation, const Config& config, Terminal& terminal);
int silence_alert(const Invocation& invocation, const Config& config, Terminal& terminal);
int create_key(const Invocation& invocation, const Config& config, Terminal& terminal);
int list_keys(const Invocation& invocation, const Config& config, Terminal& terminal);
int revoke_key(const Invocation& invocation, const Config& config, Terminal& terminal);
int run_top(const Config& config, Terminal& terminal);
int show_paths(const Surroundings& around, Terminal& terminal);
int check_configuration(const Invocation& invocation, const Surroundings& around,
                        Terminal& terminal);

// A script for "bash", "zsh" or "fish", which completes kai's commands and options.
std::string completion_script(const std::string& shell);

// Prints "kai: message" to stderr and gives its exit status.
int tell_error(const Error& error, Terminal& terminal);

}  // namespace kai
