// completion: scripts for the shells, made from the commands that the parser knows.
#include <fmt/format.h>

#include <ranges>

#include "cli/commands.h"

namespace kai {

namespace {

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// bash: the words before the cursor choose a row of the table.
std::string bash() {
  std::string cases;
  for (const auto& shape : command_shapes() | std::views::reverse) {
    cases +=
        fmt::format("    \"{}\"*) words=\"{} {}\" ;;\n", shape.name.empty() ? "" : shape.name + " ",
                    joined(shape.commands), joined(shape.options));
  }
  return "# bash completion of kai: source <(kai completion bash)\n"
         "_kai() {\n"
         "  local before=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \" words\n"
         "  [ \"$COMP_CWORD\" -gt 1 ] || before=\"\"\n"
         "  case \"$before\" in\n" +
         cases +
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
         "}\n"
         "complete -o default -F _kai kai\n";
}

// zsh runs bash's own completion functions.
std::string zsh() {
  return "#compdef kai\n# zsh completion of kai: source <(kai completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash();
}

std::string fish() {
  std::string text = "# fish completion of kai: kai completion fish | source\n";
  for (const auto& shape : command_shapes()) {
    const std::string at = shape.name.empty() ? "__fish_use_subcommand"
                                              : fmt::format(
                                                    "string match -q -- '{} *' (string join ' ' "
                                                    "(commandline -opc)[2..-1])' '",
                                                    shape.name);
    if (!shape.commands.empty()) {
      text += fmt::format("complete -c kai -n \"{}\" -a '{}'\n", at, joined(shape.commands));
    }
    for (const auto& option : shape.options) {
      const bool is_long = option.starts_with("--");
      text += fmt::format("complete -c kai -n \"{}\" {} {}\n", at, is_long ? "-l" : "-s",
                          option.substr(is_long ? 2 : 1));
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const std::string& shell) {
  return shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish();
}

}  // namespace kai
