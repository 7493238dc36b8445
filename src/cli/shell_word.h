// shell_word: text as one word of a command that is to be copied into a shell. Pure.
#pragma once

#include <string>
#include <string_view>

namespace kai {

// As it is where bash, zsh and fish read it so; else quoted. Controls are written as $'\x0a', which
// fish does not know.
std::string shell_word(std::string_view text);

}  // namespace kai
