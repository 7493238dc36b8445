#include "api/replies.h"

#include <fmt/format.h>

namespace kai {

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_request:
    case ErrorCode::invalid_config: return 400;
    case ErrorCode::not_found: return 404;
    case ErrorCode::nothing_fits: return 422;
    case ErrorCode::overloaded: return 429;
    case ErrorCode::no_members: return 503;
    case ErrorCode::cancelled: return 503;  // the server stops: whoever left reads nothing
    case ErrorCode::deadline: return 504;
    default: return 500;
  }
}

http::Response text_reply(int status, std::string_view line) {
  return {.status = status, .content_type = "text/plain", .body = fmt::format("{}\n", line)};
}

http::Response json_reply(std::string document) {
  return {.body = std::move(document)};
}

http::Response refusal(const Error& error, std::string body, std::optional<Duration> retry_after) {
  http::Response response{.status = http_status(error.code), .body = std::move(body)};
  if (retry_after) {
    const auto whole = std::chrono::ceil<std::chrono::seconds>(*retry_after);
    response.headers.push_back({"Retry-After", std::to_string(whole.count())});
  } else if (response.status >= 500) {
    response.headers.push_back({"x-should-retry", "false"});
  }
  return response;
}

}  // namespace kai
