// openapi: src/api/openapi.json as it is served: with kai's version, and with
// docs/answer.schema.json as its schema Answer. The build puts it together.
#pragma once

#include <string_view>

namespace kai {

std::string_view openapi_document();

}  // namespace kai
