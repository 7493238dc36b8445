// replies: the one table from ErrorCode to HTTP, and what refusals carry beside their body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/http.h"

namespace kai {

int http_status(ErrorCode code);

http::Response text_reply(int status, std::string_view line);
http::Response json_reply(std::string document);

// JSON, with what tells clients whether to try again: `retry_after` where they shall, and
// "x-should-retry: false" where a whole ensemble has failed already: OpenAI's clients would have
// it run again by themselves.
http::Response refusal(const Error& error, std::string body,
                       std::optional<Duration> retry_after = std::nullopt);

}  // namespace kai
