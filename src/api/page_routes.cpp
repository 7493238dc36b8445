// The dashboard.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "api/page.h"
#include "api/replies.h"
#include "api/routes.h"

namespace kai {

namespace {

constexpr std::string_view index_path = "/index.html";
constexpr std::string_view assets = "/assets/";
// The page needs nothing but this server, and nobody else may show it inside a page of his.
constexpr std::string_view content_security_policy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'";

bool says(const http::Request& request, std::string_view header, std::string_view word) {
  const auto value = http::header_of(request.headers, header);
  return value && value->find(word) != std::string_view::npos;
}

Task<Reply> root(const http::Exchange& exchange) {
  const http::Request& request = exchange.request;
  if (const PageFile* page = page_file(page_files(), index_path);
      page != nullptr && wants_page(request)) {
    co_return page_reply(*page, request);
  }
  auto response =
      text_reply(200, wants_page(request) ? "kai is running. This one was built without its page: "
                                            "`make web` builds it, then start kai again"
                                          : "kai is running");
  response.headers.push_back({"Vary", "Accept"});
  co_return response;
}

Task<Reply> asset(const http::Exchange& exchange, std::string path) {
  const PageFile* file = page_file(page_files(), path);
  if (file == nullptr) co_return text_reply(404, "the page has no such file; load it again");
  co_return page_reply(*file, exchange.request);
}

}  // namespace

bool wants_page(const http::Request& request) {
  return says(request, "accept", "text/html");
}

http::Response page_reply(const PageFile& file, const http::Request& request) {
  const bool kept = file.path.starts_with(assets);
  const bool compressed = !file.gzip.empty() && says(request, "accept-encoding", "gzip");
  http::Response response{.content_type = std::string(file.content_type)};
  response.headers = {
      {"ETag", fmt::format("W/\"{}\"", file.tag)},
      {"Cache-Control", kept ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept, Accept-Encoding"},
      {"Content-Security-Policy", std::string(content_security_policy)},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
  };
  if (says(request, "if-none-match", file.tag)) {
    response.status = 304;
    response.content_type.clear();
    return response;
  }
  if (compressed) response.headers.push_back({"Content-Encoding", "gzip"});
  response.body = compressed ? file.gzip : file.bytes;
  return response;
}

std::optional<http::Response> page_at(std::span<const PageFile> files, const http::Request& request,
                                      std::string_view path) {
  const PageFile* page = page_file(files, index_path);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (page == nullptr || !reads || !wants_page(request)) return std::nullopt;
  for (const std::string_view others : {"/api/", "/v1/", "/assets/"}) {
    if (path.starts_with(others)) return std::nullopt;
  }
  const auto name = path.substr(path.rfind('/') + 1);
  if (name.find('.') != std::string_view::npos) return std::nullopt;  // a file
  return page_reply(*page, request);
}

std::vector<Route> page_routes() {
  return {
      {"GET", "/", [](auto& exchange, auto) { return root(exchange); }},
      {"GET", "/assets/",
       [](auto& exchange, auto path) { return asset(exchange, std::move(path)); }},
  };
}

}  // namespace kai
