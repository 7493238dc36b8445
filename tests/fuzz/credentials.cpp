// What says who a request is of: every header and body that is looked at before a key was found.
#include "api/credentials.h"

#include <vector>

#include "api/guard.h"
#include "keys/secret.h"
#include "tests/fuzz/fuzz.h"
#include "wire/access.h"

namespace {

using namespace kai;

void secrets(const std::string& text) {
  for (const auto& [target, header] :
       {std::pair(std::string("/"), http::Header{"authorization", text}),
        std::pair(std::string("/"), http::Header{"x-api-key", text}),
        std::pair(text, http::Header{"host", "localhost"})}) {
    const auto secret = secret_in({"GET", target, "", {header}});
    if (!secret) {
      ensure(!secret.error().empty(), "refused without a reason");
    } else if (*secret) {
      ensure((*secret)->size() <= text.size(), "a key longer than what was sent");
    }
  }
  const std::vector<http::Header> headers{{"cookie", text}};
  const auto cookie = cookie_in(headers, "kai_login");
  ensure(cookie.size() <= text.size(), "a cookie longer than what was sent");
  ensure(cookie.find(';') == std::string_view::npos, "a cookie of two");
}

// Whatever is taken for a name of the server is one, or this machine's.
void hosts(const std::string& text) {
  const std::vector<http::Header> headers{{"host", text}, {"origin", text}};
  const Doors doors{.open = true, .hosts = {"kai.example"}, .origins = {"http://page.example"}};
  if (is_origin(text)) ensure(text.find('/', 8) == std::string::npos, "an origin with a path");
  if (is_host(text)) ensure(text.find('/') == std::string::npos, "a host with a path");
  const auto origin = foreign_origin(headers, doors);
  ensure(origin.empty() || origin == doors.origins.front(), "an origin that was not named");
  [[maybe_unused]] const auto why = objection_to(headers, doors);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(kai::fuzz::text_of(bytes, size));
  secrets(text);
  hosts(text);
  const auto login = kai::wire::decode_login(text);
  if (!login) kai::fuzz::check(login.error(), kai::ErrorCode::invalid_request);
  if (const auto hash = kai::hash_in(text)) {
    kai::ensure(kai::hash_in(kai::to_hex(*hash)) == hash, "a hash that reads back otherwise");
  }
  return 0;
}
