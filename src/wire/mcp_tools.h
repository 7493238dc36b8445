// mcp_tools: what kai's two MCP tools take and give: their schemas beside what is written by them.
// Private to wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/outcome.h"
#include "wire/json.h"
#include "wire/mcp.h"

namespace kai::wire::mcp {

inline constexpr std::string_view ask_tool = "ask_ensemble";
inline constexpr std::string_view status_tool = "ensemble_status";

// For a client's model: what kai is for.
inline constexpr std::string_view instructions =
    "kai asks several local language models one question, compares their answers and gives one, "
    "with how many agree and who does not. Use ask_ensemble for a second opinion; agreement is not "
    "correctness.";

const std::vector<std::string_view>& ask_arguments();

// Each with its inputSchema and outputSchema.
json::array tool_list();

// What ask_ensemble gives, by its outputSchema; the outcome has an answer.
json::object answer_object(const Outcome& outcome);
// The same in words: the answer, and who does not agree.
std::string answer_text(const Outcome& outcome);

json::object status_object(const Status& status);

}  // namespace kai::wire::mcp
