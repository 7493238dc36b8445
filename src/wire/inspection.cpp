#include "wire/inspection.h"

#include "wire/documents.h"
#include "wire/json.h"

namespace kai::wire {

Result<ModelFacts> decode_inspection(std::string_view text) {
  auto facts = decode_facts(text);
  if (facts) return facts;
  const auto message = decode(text, [](Fields& fields) {
    return fields.object("error").text("message");
  });
  if (message) return fail(ErrorCode::model_refused, *message);
  return facts;
}

}  // namespace kai::wire
