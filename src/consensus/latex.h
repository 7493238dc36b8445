// Inside consensus: LaTeX as plain words and signs.
#pragma once

#include <string>
#include <string_view>

namespace kai::consensus {

// "\(\frac{1}{2}\)" gives "1/2", "12\,\text{cm}" gives "12 cm", "\sqrt{2}" "sqrt(2)". Commands it
// does not know keep their name without the backslash. Text without a backslash or "$x$" is given
// back as it is, and so are dollars in front of an amount.
std::string without_latex(std::string_view text);

}  // namespace kai::consensus
