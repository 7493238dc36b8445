#include "api/needs.h"

#include <algorithm>
#include <array>

namespace kai {

namespace {

struct Row {
  std::string_view method;
  std::string_view route;
  Need need;
};

constexpr std::array rows{
    Row{"GET", "/healthz", Need::nothing},
    Row{"GET", "/readyz", Need::nothing},
    Row{"GET", "/health", Need::nothing},
    // The page, which asks for a key itself.
    Row{"GET", "/", Need::nothing},
    Row{"GET", "/assets/", Need::nothing},
    Row{"POST", "/api/v1/login", Need::nothing},
    Row{"POST", "/api/v1/logout", Need::nothing},
    Row{"GET", "/openapi.json", Need::any},
    Row{"GET", "/api/v1/access", Need::any},
    Row{"GET", "/api/v1/keys", Need::manage},

    Row{"GET", "/v1/models", Need::any},
    Row{"GET", "/v1/models/", Need::any},
    Row{"POST", "/v1/chat/completions", Need::ask},
    Row{"POST", "/v1/responses", Need::ask},
    Row{"POST", "/v1/embeddings", Need::ask},

    Row{"GET", "/api/version", Need::any},
    Row{"GET", "/api/tags", Need::any},
    Row{"POST", "/api/show", Need::any},
    // Refused to everybody alike.
    Row{"POST", "/api/pull", Need::any},
    Row{"POST", "/api/push", Need::any},
    Row{"POST", "/api/create", Need::any},
    Row{"POST", "/api/copy", Need::any},
    Row{"DELETE", "/api/delete", Need::any},
    Row{"GET", "/api/ps", Need::any},
    Row{"POST", "/api/chat", Need::ask},
    Row{"POST", "/api/generate", Need::ask},
    Row{"POST", "/api/embed", Need::ask},

    Row{"POST", "/mcp", Need::ask},

    Row{"POST", "/api/v1/queries", Need::ask},
    Row{"POST", "/api/v1/plan", Need::ask},
    Row{"GET", "/api/v1/models", Need::any},
    Row{"GET", "/api/v1/devices", Need::any},
    Row{"GET", "/api/v1/queries", Need::watch},
    Row{"GET", "/api/v1/queries/{id}", Need::own_watch},
    Row{"GET", "/api/v1/queries/{id}/events", Need::own_watch},
    Row{"DELETE", "/api/v1/queries/{id}", Need::own_manage},
    Row{"PUT", "/api/v1/queries/{id}/feedback", Need::own_manage},
    Row{"POST", "/api/v1/queries/{id}/replay", Need::ask_again},
    Row{"GET", "/api/v1/events", Need::watch},
    Row{"POST", "/api/v1/reload", Need::manage},

    Row{"GET", "/api/v1/models/health", Need::watch},
    Row{"POST", "/api/v1/models/load", Need::manage},
    Row{"POST", "/api/v1/models/unload", Need::manage},
    Row{"GET", "/api/v1/learned", Need::watch},
    Row{"DELETE", "/api/v1/learned", Need::manage},
    Row{"GET", "/api/v1/bench", Need::watch},
    // Where things lie on this machine, and to whom alerts go: for who may change it.
    Row{"GET", "/api/v1/config", Need::manage},

    Row{"GET", "/metrics", Need::watch},
    Row{"GET", "/api/v1/metrics/history", Need::watch},
    Row{"GET", "/api/v1/alerts", Need::watch},
    Row{"POST", "/api/v1/alerts/silences", Need::manage},
};

const Row* find(std::string_view method, std::string_view route) {
  if (method == "HEAD") method = "GET";
  const auto* const row = std::ranges::find_if(
      rows, [&](const Row& one) { return one.method == method && one.route == route; });
  return row == rows.end() ? nullptr : row;
}

std::optional<Scope> unless(const Scopes& scopes, Scope scope) {
  return scopes.has(scope) ? std::nullopt : std::optional(scope);
}

}  // namespace

Need need_of(std::string_view method, std::string_view route) {
  const Row* row = find(method, route);
  return row == nullptr ? Need::manage : row->need;
}

bool has_need(std::string_view method, std::string_view route) {
  return find(method, route) != nullptr;
}

std::optional<Scope> missing(Need need, const Scopes& scopes, bool own) {
  switch (need) {
    case Need::nothing:
    case Need::any: return std::nullopt;
    case Need::ask: return unless(scopes, Scope::ask);
    case Need::watch: return unless(scopes, Scope::watch);
    case Need::manage: return unless(scopes, Scope::manage);
    case Need::own_watch: return own ? std::nullopt : unless(scopes, Scope::watch);
    case Need::own_manage: return unless(scopes, own ? Scope::ask : Scope::manage);
    case Need::ask_again:
      if (!scopes.has(Scope::ask)) return Scope::ask;
      return own ? std::nullopt : unless(scopes, Scope::watch);
  }
  return Scope::manage;
}

}  // namespace kai
