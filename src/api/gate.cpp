#include "api/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/credentials.h"
#include "api/refusals.h"
#include "http/peer.h"

namespace kai {

namespace {

constexpr std::string_view cookie = "kai_login";
constexpr std::string_view remedy =
    "send `Authorization: Bearer KEY`; `kai keys create NAME` makes one";
constexpr std::size_t secret_max = 256;
constexpr int wrong_logins_max = 30;  // of one address, in a minute

// Whom its address stands for.
std::string peer_of(const http::Exchange& exchange) {
  const auto address = http::header_of(exchange.request.headers, http::peer_header);
  return subject_of(std::string(address.value_or("")));
}

bool changes_something(const std::string& method) {
  return method != "GET" && method != "HEAD";
}

// Of /api/v1/queries/ID…; empty: it is another path.
std::string question_in(std::string_view path) {
  constexpr std::string_view queries = "/api/v1/queries/";
  if (!path.starts_with(queries)) return {};
  path.remove_prefix(queries.size());
  return std::string(path.substr(0, path.find('/')));
}

void add_rate(std::vector<http::Header>& headers, const Rates::Verdict& verdict) {
  headers.push_back({"x-ratelimit-limit-requests", std::to_string(verdict.limit)});
  headers.push_back({"x-ratelimit-remaining-requests", std::to_string(verdict.remaining)});
  headers.push_back({"x-ratelimit-reset-requests", fmt::format("{:.3f}s", seconds(verdict.full))});
}

// Names of headers, as a list of them may be: tokens, commas and blanks.
bool is_list_of_names(std::string_view text) {
  return text.size() <= 1024 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == ',' || c == ' ';
         });
}

void allow_page(const std::string& origin, std::vector<http::Header>& headers) {
  headers.push_back({"Access-Control-Allow-Origin", origin});
  headers.push_back({"Vary", "Origin"});
  headers.push_back({"Access-Control-Expose-Headers",
                     "x-kai-query-id, x-kai-tier, x-kai-response-path, x-kai-schema-version, "
                     "retry-after, x-should-retry, x-ratelimit-limit-requests, "
                     "x-ratelimit-remaining-requests, x-ratelimit-reset-requests"});
}

// What a browser is told that asks whether a page elsewhere may send a request.
http::Response preflight(const std::string& origin, const http::Request& request) {
  http::Response response{.status = 204, .content_type = ""};
  allow_page(origin, response.headers);
  response.headers.push_back({"Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"});
  const auto wanted = http::header_of(request.headers, "access-control-request-headers");
  if (wanted && is_list_of_names(*wanted)) {
    response.headers.push_back({"Access-Control-Allow-Headers", std::string(*wanted)});
  }
  response.headers.push_back({"Access-Control-Max-Age", "600"});
  return response;
}

}  // namespace

Gate::Gate(Clock& clock, const ServeOptions& options, KeyWatch* keys)
    : clock_(clock), keys_(keys), rates_(clock), logins_(clock) {
  doors_.open = !is_loopback(options.address);
  use(options);
}

void Gate::use(const ServeOptions& options) {
  doors_.hosts = options.hosts;
  doors_.origins = options.origins;
  rate_max_ = options.rate_max;
}

void Gate::trust(const SecretHash& hash) {
  // No key that is kept can have this name.
  trusted_ = Key{"(own)", hash, Scopes::all(), 0, 0, {}, {}};
}

bool Gate::keys_needed() {
  if (keys_ == nullptr) return false;
  const bool some = !keys_->keys().empty() || !keys_->fault().empty();
  needed_ = needed_ || doors_.open || some;
  return needed_;
}

std::optional<http::Response> Gate::look_at(const http::Request& request, std::string_view path) {
  if (const auto why = objection_to(request.headers, doors_); !why.empty()) {
    ++counts_.foreign;
    auto response = refused(path, {ErrorCode::invalid_request, why});
    const auto hosts = std::ranges::count(request.headers, "host", &http::Header::name);
    response.status = hosts == 1 ? 403 : 400;
    return response;
  }
  if (request.method != "OPTIONS" || doors_.origins.empty()) return std::nullopt;
  const std::string origin = foreign_origin(request.headers, doors_);
  if (origin.empty() || !http::header_of(request.headers, "access-control-request-method")) {
    return std::nullopt;
  }
  return preflight(origin, request);
}

http::Response Gate::unauthorized(std::string_view path, std::string_view why) {
  ++counts_.unauthorized;
  return denied(path, wire::Denied::unauthorized, fmt::format("{}; {}", why, remedy));
}

const Key* Gate::key_with(const SecretHash& hash) {
  const Key* kept = find(keys_->keys(), hash);
  return trusted_ && same(trusted_->hash, hash) ? &*trusted_ : kept;
}

std::expected<const Key*, http::Response> Gate::key_of(std::string_view secret,
                                                       std::string_view path) {
  const bool possible = secret.size() <= secret_max;
  const Key* key = possible ? key_with(hash_of(secret)) : nullptr;
  // It may have been made in this very second.
  if (key == nullptr && possible && keys_->refresh()) key = key_with(hash_of(secret));
  if (key == nullptr) {
    return std::unexpected(unauthorized(path, "this server does not know that key"));
  }
  if (key->expired(clock_.wall())) {
    return std::unexpected(unauthorized(path, fmt::format("the key {} has expired", key->name)));
  }
  return key;
}

std::expected<Gate::Known, http::Response> Gate::recognise(const http::Exchange& exchange,
                                                           std::string_view path) {
  const auto& headers = exchange.request.headers;
  const auto secret = secret_in(exchange.request);
  if (!secret) {
    ++counts_.unauthorized;
    return std::unexpected(refused(path, {ErrorCode::invalid_request, secret.error()}));
  }
  if (*secret) {
    const auto key = key_of(**secret, path);
    if (!key) return std::unexpected(key.error());
    return Known{*key, false};
  }
  const auto login = logins_.key_of(cookie_in(headers, cookie));
  if (!login) return std::unexpected(unauthorized(path, "this server wants a key"));
  const Key* key = key_with(*login);
  if (key == nullptr || key->expired(clock_.wall())) {
    return std::unexpected(unauthorized(path, "the key of this login does not count any more"));
  }
  // A browser adds the cookie whoever sends the request; that it was a page of the server itself is
  // said by its Origin, which reading does not need to have.
  const bool own = from_own_page(headers, doors_);
  const bool reads = !changes_something(exchange.request.method);
  if (!own && (!reads || http::header_of(headers, "origin"))) {
    ++counts_.foreign;
    return std::unexpected(denied(path, wire::Denied::forbidden,
                                  "with a login, only pages of kai itself may change something "
                                  "(Origin); programs send a key"));
  }
  return Known{key, true};
}

std::optional<http::Response> Gate::objection(const Known& known, const http::Exchange& exchange,
                                              std::string_view path, Need need) {
  const bool own = asked_by_.is(question_in(path), to_hex(known.key->hash));
  const auto lacks = missing(need, known.key->scopes, own);
  if (!lacks) return std::nullopt;
  ++counts_.forbidden;
  return denied(path, wire::Denied::forbidden,
                fmt::format("the key {} may not {} {}: that needs the scope {}; `kai keys create "
                            "NAME --scope {}` makes one that may",
                            known.key->name, exchange.request.method, path, to_string(*lacks),
                            to_string(*lacks)));
}

std::optional<http::Response> Gate::slow_down(const Known& known, const http::Exchange& exchange,
                                              std::string_view path, Visit& visit) {
  const int rate = known.key != nullptr ? known.key->rate_max : rate_max_;
  if (rate > 0) {
    const auto verdict = rates_.take(known.key != nullptr ? visit.key_ : peer_of(exchange), rate);
    if (!verdict.allowed) {
      ++counts_.too_often;
      auto response = too_often(
          path, fmt::format("more than {} requests a minute; wait as Retry-After says", rate),
          verdict.wait);
      add_rate(response.headers, verdict);
      return response;
    }
    add_rate(visit.headers_, verdict);
  }
  if (known.key == nullptr || known.key->at_once_max == 0) return std::nullopt;
  return too_many(*known.key, path, visit);
}

std::optional<http::Response> Gate::too_many(const Key& key, std::string_view path, Visit& visit) {
  const auto found = at_once_.find(visit.key_);
  const AtOnce now = found == at_once_.end() ? AtOnce() : found->second;
  const int count = visit.asks_ ? now.asking + begun_(visit.key_) : now.others;
  if (count >= key.at_once_max) {
    ++counts_.too_often;
    return too_often(path,
                     fmt::format("the key {} has {} {} at once already; wait for one", key.name,
                                 count, visit.asks_ ? "questions" : "requests"),
                     std::chrono::seconds(1));
  }
  AtOnce& counted = at_once_[visit.key_];
  ++(visit.asks_ ? counted.asking : counted.others);
  visit.counted_in_ = this;
  return std::nullopt;
}

std::expected<Gate::Visit, http::Response> Gate::admit(http::Exchange& exchange,
                                                       std::string_view path, Need need) {
  Visit visit;
  const std::string origin = foreign_origin(exchange.request.headers, doors_);
  if (!origin.empty()) allow_page(origin, visit.headers_);
  const auto no = [&](http::Response response) {
    std::ranges::move(visit.headers_, std::back_inserter(response.headers));
    return std::unexpected(std::move(response));
  };
  if (need != Need::nothing) {
    Known known;
    if (keys_needed()) {
      auto recognised = recognise(exchange, path);
      if (!recognised) return no(std::move(recognised.error()));
      known = *recognised;
      if (auto response = objection(known, exchange, path, need)) return no(*std::move(response));
      visit.key_ = to_hex(known.key->hash);
      visit.asks_ = need == Need::ask || need == Need::ask_again;
      exchange.caller = visit.key_;
    }
    if (auto response = slow_down(known, exchange, path, visit)) return no(*std::move(response));
  }
  if (visit.key_.empty() && visit.headers_.empty()) return visit;
  exchange.stream = [this, key = visit.key_, headers = visit.headers_,
                     stream = std::move(exchange.stream)](http::StreamHead head) {
    note_asked(key, head.headers);
    head.headers.insert(head.headers.end(), headers.begin(), headers.end());
    return stream(std::move(head));
  };
  return visit;
}

void Gate::leave(const Visit& visit) {
  const auto found = at_once_.find(visit.key_);
  AtOnce& now = found->second;
  --(visit.asks_ ? now.asking : now.others);
  if (now.asking == 0 && now.others == 0) at_once_.erase(found);
}

void Gate::note_asked(const std::string& key, const std::vector<http::Header>& headers) {
  if (key.empty()) return;
  for (const auto& header : headers) {
    if (header.name == "x-kai-query-id") asked_by_.note(header.value, key);
    if (header.name == "Location") asked_by_.note(question_in(header.value), key);
  }
}

void Gate::dress(const Visit& visit, http::Response& response) {
  note_asked(visit.key_, response.headers);
  response.headers.insert(response.headers.end(), visit.headers_.begin(), visit.headers_.end());
}

http::Response Gate::log_in(const http::Exchange& exchange, std::string_view path) {
  const auto secret = wire::decode_login(exchange.request.body);
  if (!secret) return refused(path, secret.error());
  if (!keys_needed()) {
    return refused(path, {ErrorCode::invalid_request, "this server wants no key: there is none"});
  }
  const auto key = key_of(*secret, path);
  if (!key) {
    const auto verdict = rates_.take("login " + peer_of(exchange), wrong_logins_max);
    if (verdict.allowed) return key.error();
    ++counts_.too_often;
    return too_often(path, "too many wrong keys; wait as Retry-After says", verdict.wait);
  }
  wire::LoggedIn login{(*key)->name, {}, Logins::lifetime};
  for (const Scope scope : all_scopes) {
    if ((*key)->scopes.has(scope)) login.scopes.emplace_back(to_string(scope));
  }
  // Behind a relay with TLS the cookie is never to go without.
  const auto origin = http::header_of(exchange.request.headers, "origin");
  const bool secure = origin && origin->starts_with("https://");
  auto response = json_reply(wire::encode_logged_in(login));
  response.headers.push_back(
      {"Set-Cookie",
       fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie,
                   logins_.begin((*key)->hash), static_cast<int>(seconds(Logins::lifetime)),
                   secure ? "; Secure" : "")});
  response.headers.push_back({"Cache-Control", "no-store"});
  return response;
}

http::Response Gate::log_out(const http::Exchange& exchange) {
  logins_.end(cookie_in(exchange.request.headers, cookie));
  http::Response response{.status = 204, .content_type = ""};
  response.headers.push_back(
      {"Set-Cookie", fmt::format("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", cookie)});
  return response;
}

}  // namespace kai
