// api: kai's server seen from outside: which requests are looked at, and who serves each. The
// protocols are rows of routes: see routes.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/answering.h"
#include "api/routes.h"
#include "api/serve_options.h"
#include "http/http.h"

namespace kai {

class Api {
 public:
  // `clock` must outlive this.
  Api(Executor executor, Clock& clock, const ServeOptions& options, const std::string& version);

  void open(Backend backend) { answering_.open(std::move(backend)); }
  // From now on what the machine and the models do is told.
  void watch(MonitorBackend monitor) { monitor_ = std::move(monitor); }
  void close() { answering_.close(); }

  // Serves one request, whatever it is.
  Task<Reply> handle(http::Exchange& exchange);
  // For what is no request: see http::serve().
  static http::Response refuse(int status, std::string_view sentence);

  int questions() const { return answering_.questions(); }  // being answered
  int waiting() const { return answering_.waiting(); }      // for their turn

 private:
  Task<Reply> dispatch(http::Exchange& exchange, std::string path);

  Answering answering_;
  MonitorBackend monitor_;
  std::vector<Route> routes_;
};

}  // namespace kai
