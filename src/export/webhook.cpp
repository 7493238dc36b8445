#include "export/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ensure.h"
#include "http/url.h"
#include "wire/alerts.h"

namespace kai {

namespace {

bool is_worth_another(const Result<http::Response>& said) {
  if (!said) return said.error().code != ErrorCode::invalid_request;
  return said->status >= 500 || said->status == 408 || said->status == 429;
}

}  // namespace

Result<WebhookTarget> webhook_target(const std::string& url) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::invalid_config, fmt::format("\"{}\": {}", url, why));
  };
  auto parsed = http::parse_url(url);
  if (!parsed) return wrong("that is no URL; write http://127.0.0.1:9095/path");
  if (parsed->scheme != "http") return wrong("only http:// is spoken; put a relay between");
  if (parsed->user || parsed->fragment) {
    return wrong("leave out what stands before '@' and behind '#'");
  }
  if (parsed->host == "localhost") {
    parsed->host = "127.0.0.1";
    parsed->number = true;
  }
  if (!parsed->number) return wrong("names are not looked up; write the host as a number");
  if (!parsed->port) return wrong("that is no port");
  const bool bare = parsed->target.empty() || parsed->target.starts_with('?');
  return WebhookTarget{{parsed->host, *parsed->port}, (bare ? "/" : "") + parsed->target};
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
