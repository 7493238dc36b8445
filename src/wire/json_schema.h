// json_schema: JSON Schema (draft 2020-12, json-schema.org) to GBNF, llama.cpp's grammars. Private
// to wire.
#pragma once

#include <string>

#include "base/result.h"
#include "domain/query.h"
#include "wire/json.h"

namespace kai::wire {

// A grammar whose every text, on one line, is valid by the schema; not every valid document can be
// written. Understood: type, properties, required, additionalProperties, items, minItems, maxItems,
// minLength, maxLength, enum, const, anyOf, allOf of one, $ref into $defs or definitions, and what
// only describes. Properties come in the schema's order; those that are not named are never
// written, but where none are: then any, or what additionalProperties says. Errors:
// invalid_request, naming what is not understood and where.
Result<std::string> grammar_of(const json::value& schema);

// The grammar with the schema itself beside it. Errors: as grammar_of().
Result<JsonForm> json_form_of(const json::value& schema);

}  // namespace kai::wire
