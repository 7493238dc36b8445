// How a browser shows its key once, and takes it back.
#include "api/gate.h"

namespace kai {

namespace {

Task<Reply> log_in(Gate& gate, const http::Exchange& exchange, std::string path) {
  co_return gate.log_in(exchange, path);
}

Task<Reply> log_out(Gate& gate, const http::Exchange& exchange) {
  co_return gate.log_out(exchange);
}

}  // namespace

std::vector<Route> login_routes(Gate& gate) {
  return {
      {"POST", "/api/v1/login",
       [&](auto& exchange, auto path) { return log_in(gate, exchange, std::move(path)); }},
      {"POST", "/api/v1/logout", [&](auto& exchange, auto) { return log_out(gate, exchange); }},
  };
}

}  // namespace kai
