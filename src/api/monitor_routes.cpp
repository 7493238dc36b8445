// What kai does, for whoever watches it.
#include "api/replies.h"
#include "api/routes.h"

namespace kai {

namespace {

Task<Reply> metrics(const MonitorBackend& backend) {
  if (!backend.metrics) co_return text_reply(503, "kai does not measure itself yet; ask again");
  co_return http::Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                           .body = backend.metrics()};
}

}  // namespace

std::vector<Route> monitor_routes(const MonitorBackend& backend) {
  return {{"GET", "/metrics", [&](auto&, auto) { return metrics(backend); }}};
}

}  // namespace kai
