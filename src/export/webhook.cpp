#include "export/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ensure.h"
#include "wire/alerts.h"

namespace kai {

namespace {

constexpr std::uint16_t http_port = 80;

// 1..65535.
std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  const bool good = error == std::errc() && stop == end && port > 0;
  return good ? std::optional(port) : std::nullopt;
}

bool is_worth_another(const Result<http::Response>& said) {
  if (!said) return said.error().code != ErrorCode::invalid_request;
  return said->status >= 500 || said->status == 408 || said->status == 429;
}

}  // namespace

Result<WebhookTarget> webhook_target(const std::string& url) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::invalid_config, fmt::format("\"{}\": {}", url, why));
  };
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return wrong("that is no URL; write http://127.0.0.1:9095/path");
  if (parsed->scheme() != "http") return wrong("only http:// is spoken; put a relay between");
  if (parsed->has_userinfo() || parsed->has_fragment()) {
    return wrong("leave out what stands before '@' and behind '#'");
  }
  std::string host = parsed->host_address();
  if (host == "localhost") host = "127.0.0.1";
  const bool number = parsed->host_type() == boost::urls::host_type::ipv4 ||
                      parsed->host_type() == boost::urls::host_type::ipv6 || host == "127.0.0.1";
  if (!number) return wrong("names are not looked up; write the host as a number");
  // Boost's own number wraps around.
  const auto port = parsed->has_port() ? port_in(parsed->port()) : std::optional(http_port);
  if (!port) return wrong("that is no port");
  WebhookTarget target{{host, *port}, ""};
  target.path = std::string(parsed->encoded_path());
  if (target.path.empty()) target.path = "/";
  if (parsed->has_query()) target.path += "?" + std::string(parsed->encoded_query());
  return target;
}

Webhook::Webhook(Clock& clock, WebhookOptions options)
    : clock_(clock), options_(std::move(options)) {
  ensure(options_.url.empty() || webhook_target(options_.url).has_value(),
         "a webhook's URL was checked before");
}

void Webhook::tell(Alert alert) {
  if (options_.url.empty()) return;
  if (waiting_.size() >= static_cast<std::size_t>(options_.waiting_max)) {
    ++counts_.dropped;
    return;
  }
  waiting_.push_back(std::move(alert));
  stirred_.resume();
}

Task<bool> Webhook::run() {
  while (!co_await cancelled()) {
    if (waiting_.empty()) {
      co_await clock_.sleep_on(stirred_, Time::max());
      continue;
    }
    Alert alert = std::move(waiting_.front());
    waiting_.pop_front();
    co_await deliver(std::move(alert));
  }
  co_return true;
}

Task<void> Webhook::deliver(Alert alert) {
  const auto target = webhook_target(options_.url);
  if (!target) co_return;
  http::Request request{"POST", target->path, wire::encode_webhook(alert, clock_.wall()), {}};
  request.headers.push_back({"Content-Type", "application/json"});
  Duration pause = options_.pause;
  for (int attempt = 1; attempt <= options_.tries; ++attempt) {
    const auto said =
        co_await http::fetch(clock_, target->address, request, clock_.now() + options_.patience);
    if (said && said->status >= 200 && said->status < 300) {
      ++counts_.sent;
      co_return;
    }
    if (!is_worth_another(said) || attempt == options_.tries || co_await cancelled()) break;
    co_await clock_.sleep_until(clock_.now() + pause);
    pause *= 2;
  }
  ++counts_.failed;
}

}  // namespace kai
