#include "wire/inspection.h"

#include "wire/documents.h"
#include "wire/json.h"

namespace kai::wire {

std::string encode_facts(const ModelFacts& facts) {
  return to_line(json::object{{"digest", facts.digest},
                              {"name", facts.name},
                              {"architecture", facts.architecture},
                              {"quantisation", facts.quantisation},
                              {"parameters", facts.parameters},
                              {"parameters_active", facts.parameters_active},
                              {"context_max", facts.context_max.count},
                              {"layers", facts.layers},
                              {"file_bytes", facts.file.count},
                              {"weights_bytes", facts.weights.count},
                              {"weights_read_bytes", facts.weights_read.count},
                              {"kv_bytes_per_token", facts.kv_per_token.count},
                              {"buffers_bytes", facts.buffers.count},
                              {"chat_template", facts.chat_template}});
}

Result<ModelFacts> decode_facts(std::string_view text) {
  return decode(text, [](Fields& fields) {
    ModelFacts facts;
    facts.digest = fields.text("digest");
    facts.name = fields.text("name");
    facts.architecture = fields.text("architecture");
    facts.quantisation = fields.text("quantisation");
    facts.parameters = fields.integer("parameters");
    facts.parameters_active = fields.integer("parameters_active");
    facts.context_max = Tokens(fields.integer("context_max"));
    facts.layers = fields.integer("layers");
    facts.file = Bytes(fields.integer("file_bytes"));
    facts.weights = Bytes(fields.integer("weights_bytes"));
    facts.weights_read = Bytes(fields.integer("weights_read_bytes"));
    facts.kv_per_token = Bytes(fields.integer("kv_bytes_per_token"));
    facts.buffers = Bytes(fields.integer("buffers_bytes"));
    facts.chat_template = fields.flag("chat_template");
    return facts;
  });
}

Result<ModelFacts> decode_inspection(std::string_view text) {
  auto facts = decode_facts(text);
  if (facts) return facts;
  if (auto message = message_of_error(text))
    return fail(ErrorCode::model_refused, *std::move(message));
  return facts;
}

}  // namespace kai::wire
