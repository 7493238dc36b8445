// guard: which requests are looked at at all. A page that a browser shows may send requests to
// this machine; it must neither read an answer nor have models run. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"

namespace kai {

// Whether an address belongs to this machine alone: 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view address);

// Not empty: why the request is refused, by its headers: a Host that is not this machine's own
// name (DNS rebinding: a foreign name that leads here), an Origin that is not the server itself, a
// browser that says the page is from elsewhere. A request without Host is refused, too.
std::string objection_to(const std::vector<http::Header>& headers);

}  // namespace kai
