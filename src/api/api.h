// api: kai's server seen from outside: which requests are looked at, and who serves each. The
// protocols are rows of routes: see routes.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answering.h"
#include "api/gate.h"
#include "api/mcp.h"
#include "api/native.h"
#include "api/routes.h"
#include "api/serve_options.h"
#include "http/http.h"

namespace kai {

class Api {
 public:
  // `clock` and `keys` must outlive this. keys: of those who may come in; null: everyone may.
  Api(Executor executor, Clock& clock, const ServeOptions& options, const std::string& version,
      KeyWatch* keys = nullptr);

  // Without `native` kai's own protocol stays closed.
  void open(Backend backend, std::optional<NativeBackend> native = std::nullopt);
  // From now on what the machine and the models do is told.
  void watch(MonitorBackend monitor) { monitor_ = std::move(monitor); }
  // From now on whoever looks after the server is served.
  void keep_up(UpkeepBackend upkeep) { upkeep_ = std::move(upkeep); }
  void close() { answering_.close(); }
  void use(const ServeOptions& options) {
    answering_.use(options);
    gate_.use(options);
  }
  // Waits until `until` for the questions that nobody waits for, then has them end, and with them
  // whoever watches. Once, after close(), before the server drains.
  Task<void> settle(Time until);
  // Gets a sentence where a request or a question ended by a fault of kai's own: an exception.
  void on_fault(std::function<void(std::string)> tell);
  // To be called now and then, as about once a second: tells watchers which models have come, gone,
  // been loaded or unloaded.
  void look_at_models();

  // Serves one request, whatever it is.
  Task<Reply> handle(http::Exchange& exchange);
  // Serves one message of MCP, however it came.
  Task<Reply> call(http::Exchange& exchange, wire::mcp::Message message);
  // For what is no request: see http::serve().
  static http::Response refuse(int status, std::string_view target, std::string_view sentence);

  int questions() const { return answering_.questions(); }  // being answered
  int waiting() const { return answering_.waiting(); }      // for their turn
  // From now on a key of this hash may do everything: this user's own commands have it.
  void trust(const SecretHash& hash) { gate_.trust(hash); }
  const Gate::Counts& sent_away() const { return gate_.counts(); }
  std::vector<std::string> routes() const;  // "GET /healthz", …

 private:
  Task<Reply> dispatch(http::Exchange& exchange, std::string path);
  Error faulted(std::string_view where, std::string_view what) const;

  Gate gate_;
  Answering answering_;
  Mcp mcp_;
  MonitorBackend monitor_;
  std::optional<UpkeepBackend> upkeep_;
  Spine spine_;
  Questions questions_;
  std::optional<NativeBackend> native_;
  NativeSite site_;
  std::string models_told_;  // to watchers, as JSON without its number
  std::vector<Route> routes_;
  std::function<void(std::string)> tell_fault_ = [](const std::string&) {};
};

}  // namespace kai
