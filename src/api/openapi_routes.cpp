// The description of all routes, for programs: OpenAPI 3.1.
#include "api/openapi.h"
#include "api/replies.h"
#include "api/routes.h"

namespace kai {

namespace {

Task<Reply> describe() {
  co_return json_reply(std::string(openapi_document()));
}

}  // namespace

std::vector<Route> openapi_routes() {
  return {{"GET", "/openapi.json", [](auto&, auto) { return describe(); }}};
}

}  // namespace kai
