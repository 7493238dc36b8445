// Gate: whether a request may come in, for what, and how often. Keys are needed where there is one,
// and wherever others reach the server; else everyone on this machine may do everything.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/asked_by.h"
#include "api/guard.h"
#include "api/logins.h"
#include "api/needs.h"
#include "api/rates.h"
#include "api/routes.h"
#include "api/serve_options.h"
#include "http/http.h"
#include "keys/key_file.h"
#include "wire/access.h"

namespace kai {

class Gate {
 public:
  // Requests that were sent away, since the start.
  struct Counts {
    std::int64_t foreign = 0;       // Host or Origin
    std::int64_t unauthorized = 0;  // no key, or a wrong one
    std::int64_t forbidden = 0;     // a key that does not do for it
    std::int64_t too_often = 0;     // too many in a minute, or at once
  };

  // Both must outlive this. keys: null: nobody needs one.
  Gate(Clock& clock, const ServeOptions& options, KeyWatch* keys);

  // From now on a key of this hash may do everything, also where no key is kept.
  void trust(const SecretHash& hash);
  // Other hosts, origins and rates from now on.
  void use(const ServeOptions& options);

  // Not nothing: what is said at once to a request that comes from elsewhere, or that only asks
  // whether a page elsewhere may send one.
  std::optional<http::Response> look_at(const http::Request& request, std::string_view path);

  // Who comes in, as long as the request is served.
  class Visit {
   public:
    Visit() = default;
    Visit(Visit&& other) noexcept
        : key_(std::move(other.key_)),
          headers_(std::move(other.headers_)),
          counted_in_(std::exchange(other.counted_in_, nullptr)),
          asks_(other.asks_) {}
    Visit& operator=(Visit&&) = delete;
    ~Visit() {
      if (counted_in_ != nullptr) counted_in_->leave(*this);
    }

   private:
    friend class Gate;
    std::string key_;                    // its hash: names are given again; empty: none was needed
    std::vector<http::Header> headers_;  // of the reply
    Gate* counted_in_ = nullptr;         // not null: as one of this key's requests at once
    bool asks_ = false;                  // of those that ask
  };
  // `path` as it is in the request, `need` by its route. What is refused is said in the path's own
  // protocol. The gate must outlive the visit and the exchange, whose stream notes it.
  std::expected<Visit, http::Response> admit(http::Exchange& exchange, std::string_view path,
                                             Need need);
  // What was answered, with what the visit adds.
  void dress(const Visit& visit, http::Response& response);

  // The key of POST /api/v1/login, and a cookie for it: the reply.
  http::Response log_in(const http::Exchange& exchange, std::string_view path);
  http::Response log_out(const http::Exchange& exchange);
  // What the key of a request may do, and every key, without what is secret of them: the replies.
  http::Response tell_access(const http::Exchange& exchange, std::string_view path);
  http::Response tell_keys();

  // How many questions of a key, by its hash, are being answered beside the requests that are
  // served: they count as such. Must be callable as long as this lives.
  void count_also(std::function<int(const std::string&)> begun) { begun_ = std::move(begun); }

  const Counts& counts() const { return counts_; }

 private:
  // Whom a request is from.
  struct Known {
    const Key* key = nullptr;  // null: nobody needs one
    bool by_cookie = false;
  };
  bool keys_needed();
  std::expected<Known, http::Response> recognise(const http::Exchange& exchange,
                                                 std::string_view path);
  const Key* key_with(const SecretHash& hash);  // null: there is none
  std::expected<const Key*, http::Response> key_of(std::string_view secret, std::string_view path);
  std::optional<http::Response> objection(const Known& known, const http::Exchange& exchange,
                                          std::string_view path, Need need);
  std::optional<http::Response> slow_down(const Known& known, const http::Exchange& exchange,
                                          std::string_view path, Visit& visit);
  http::Response unauthorized(std::string_view path, std::string_view why);
  std::optional<http::Response> too_many(const Key& key, std::string_view path, Visit& visit);
  void leave(const Visit& visit);
  void note_asked(const std::string& key, const std::vector<http::Header>& headers);

  Clock& clock_;
  Doors doors_;
  int rate_max_ = 0;
  KeyWatch* keys_;
  std::optional<Key> trusted_;
  bool needed_ = false;  // a server that wanted keys once does not open by itself
  Rates rates_;
  Logins logins_;
  AskedBy asked_by_;
  // Requests being served. Those that ask are counted apart: a question has to be watched and
  // stopped however few at once a key may have.
  struct AtOnce {
    int asking = 0, others = 0;
  };
  std::unordered_map<std::string, AtOnce> at_once_;  // by the key's hash
  std::function<int(const std::string&)> begun_ = [](const std::string&) { return 0; };
  Counts counts_;
};

// POST /api/v1/login and /api/v1/logout. `gate` must outlive the rows.
std::vector<Route> login_routes(Gate& gate);
// GET /api/v1/access and /api/v1/keys; the same.
std::vector<Route> access_routes(Gate& gate);

// Of a key what may be told.
wire::ListedKey listed(const Key& key, WallTime now);

}  // namespace kai
