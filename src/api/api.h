// api: kai's server seen from outside: which requests are looked at, and who serves each. The
// protocols are rows of routes: see routes.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answering.h"
#include "api/mcp.h"
#include "api/routes.h"
#include "api/serve_options.h"
#include "http/http.h"

namespace kai {

class Api {
 public:
  // `clock` must outlive this.
  Api(Executor executor, Clock& clock, const ServeOptions& options, const std::string& version);

  void open(Backend backend) { answering_.open(std::move(backend)); }
  void close() { answering_.close(); }

  // Serves one request, whatever it is.
  Task<Reply> handle(http::Exchange& exchange);
  // Serves one message of MCP, however it came.
  Task<Reply> call(http::Exchange& exchange, wire::mcp::Message message) {
    return mcp_.answer(exchange, std::move(message));
  }
  // For what is no request: see http::serve().
  static http::Response refuse(int status, std::string_view sentence);

  int questions() const { return answering_.questions(); }  // being answered

 private:
  Task<Reply> dispatch(http::Exchange& exchange, std::string path);

  Answering answering_;
  Mcp mcp_;
  std::vector<Route> routes_;
};

}  // namespace kai
