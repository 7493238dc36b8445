#include "cli/running_server.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "wire/native_api.h"

namespace kai {

RunningServer::RunningServer(const Config& config)
    : place_(running_server(config).value_or(ServerPlace{
          http::Address(config.serve.address, static_cast<std::uint16_t>(config.serve.port)),
          ""})) {}

std::string RunningServer::url() const {
  return "http://" + to_string(place_.address);
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
  request.headers = shown_key(place_.secret);
  boost::asio::co_spawn(
      io_, http::fetch(*clock_, place_.address, std::move(request), clock_->now() + limit),
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
  wants_key_ = response.status == 401 || response.status == 403;
  if (wants_key_) {
    return fail(ErrorCode::invalid_request,
                fmt::format("{} said {}: {}; KAI_API_KEY is where kai takes a key from", url(),
                            response.status, wire::native::decode_refusal(response.body).message));
  }
  if (response.status == 404) {
    return fail(ErrorCode::storage,
                fmt::format("what serves at {} is no kai, or another version of it", url()));
  }
  return fail(ErrorCode::invalid_request,
              fmt::format("{} said {}: {}", url(), response.status, response.body));
}

int RunningServer::tell(const Error& error, Terminal& terminal) const {
  const int status = tell_error(error, terminal);
  return wants_key_ ? exit_status::auth : status;
}

}  // namespace kai
