// credentials: what a request shows of who it is from. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"

namespace kai {

// The key as it was sent: behind "Authorization: Bearer", as the password of "Authorization: Basic"
// (whatever the name), or as x-api-key. Nothing: none was sent. Error: it was sent so that it is
// not clear which it is, or where it would be kept (in the address); a sentence for people.
std::expected<std::optional<std::string>, std::string> secret_in(const http::Request& request);

// The value of a cookie; of several of this name the first. Empty: there is none.
std::string_view cookie_in(const std::vector<http::Header>& headers, std::string_view name);

}  // namespace kai
