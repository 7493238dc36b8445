// skills: what was learned, as the store keeps it and `kai skills --json` prints it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/skills.h"

namespace kai::wire {

// One line: {"schema":"kai.skills.v1","shape":"number",…}.
std::string encode_skills(const SkillSheet& sheet);
// Errors: invalid_request (no such document, of another schema, a number out of its range).
Result<SkillSheet> decode_skills(std::string_view document);

}  // namespace kai::wire
