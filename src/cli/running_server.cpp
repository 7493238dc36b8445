#include "cli/running_server.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <utility>

#include "cli/server_file.h"

namespace kai {

RunningServer::RunningServer(const Config& config)
    : address_(running_server(config).value_or(
          http::Address(config.serve.address, static_cast<std::uint16_t>(config.serve.port)))) {}

std::string RunningServer::url() const {
  return "http://" + to_string(address_);
}

Result<std::string> RunningServer::get(const std::string& target, Duration limit) {
  return ask({"GET", target, "", {}}, limit);
}

Result<std::string> RunningServer::post(const std::string& target, std::string body,
                                        Duration limit) {
  return ask({"POST", target, std::move(body), {}}, limit);
}

Result<std::string> RunningServer::ask(http::Request request, Duration limit) {
  std::optional<Result<http::Response>> said;
  boost::asio::co_spawn(
      io_, http::fetch(*clock_, address_, std::move(request), clock_->now() + limit),
      [&said](std::exception_ptr, Result<http::Response> response) { said = std::move(response); });
  while (!said) {
    io_.restart();
    io_.run_one();
  }
  if (!*said) {
    Error error = std::move(said->error());
    if (error.code != ErrorCode::lane_lost) return std::unexpected(std::move(error));
    return fail(ErrorCode::storage,
                fmt::format("no kai serves at {}; start one with `kai serve`, or name its port "
                            "with --set serve.port=…",
                            url()));
  }
  http::Response& response = **said;
  if (response.status == 200) return std::move(response.body);
  if (response.status == 404) {
    return fail(ErrorCode::storage,
                fmt::format("what serves at {} is no kai, or another version of it", url()));
  }
  return fail(ErrorCode::invalid_request,
              fmt::format("{} said {}: {}", url(), response.status, response.body));
}

}  // namespace kai
