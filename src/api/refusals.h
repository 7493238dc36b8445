// refusals: why a request is not served, in the form of the protocol that its path belongs to.
#pragma once

#include <string_view>

#include "api/replies.h"
#include "wire/access.h"

namespace kai {

http::Response refused(std::string_view path, const Error& error);
// 401, with WWW-Authenticate, or 403.
http::Response denied(std::string_view path, wire::Denied why, std::string_view sentence);
// 429: it may come again after `wait`.
http::Response too_often(std::string_view path, std::string_view sentence, Duration wait);

}  // namespace kai
