// page: how the dashboard's files are served. Browsers get the page at every address that is no
// other's; programs, which do not ask for HTML, never do.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/http.h"
#include "page/page.h"

namespace kai {

// Whether the request is a browser's, for a page to show.
bool wants_page(const http::Request& request);

// One file, compressed where the client takes that, or 304 where it has it already. Files below
// /assets/ have their hash in their name and are kept for ever; the page itself is asked for each
// time.
http::Response page_reply(const PageFile& file, const http::Request& request);

// The page, for a browser that asks for `path`, which no route has: an address inside the page.
// Nothing: the request is no such one, or there is no page among `files`.
std::optional<http::Response> page_at(std::span<const PageFile> files, const http::Request& request,
                                      std::string_view path);

}  // namespace kai
