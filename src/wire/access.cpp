#include "wire/access.h"

#include <algorithm>
#include <utility>

#include "wire/json.h"
#include "wire/repeated_key.h"

namespace kai::wire {

namespace {

json::array list_of(const std::vector<std::string>& words) {
  json::array list;
  for (const auto& word : words) list.emplace_back(word);
  return list;
}

json::object to_json(const ListedKey& key) {
  return {{"name", key.name},
          {"scopes", list_of(key.scopes)},
          {"rate_max", key.rate_max},
          {"at_once_max", key.at_once_max},
          {"created", to_rfc3339(key.created)},
          {"expires", key.expires ? json::value(to_rfc3339(*key.expires)) : json::value(nullptr)},
          {"expired", key.expired}};
}

}  // namespace

std::string encode_denied_openai(Denied why, std::string_view sentence) {
  const bool unknown = why == Denied::unauthorized;
  return to_line(json::object{
      {"error", json::object{{"message", sentence},
                             {"type", unknown ? "invalid_request_error" : "permission_error"},
                             {"param", nullptr},
                             {"code", unknown ? "invalid_api_key" : "insufficient_scope"}}}});
}

std::string encode_denied_native(Denied why, std::string_view sentence) {
  const bool unknown = why == Denied::unauthorized;
  return to_line(
      json::object{{"error", json::object{{"code", unknown ? "unauthorized" : "forbidden"},
                                          {"message", sentence}}}});
}

Result<std::string> decode_login(std::string_view body) {
  return decode_request(body, [](Fields& fields) {
    for (const auto& name : fields.names()) {
      if (name != "key") fields.reject(name, "is not known");
    }
    return fields.text("key");
  });
}

std::string encode_logged_in(const LoggedIn& login) {
  return to_line(json::object{{"name", login.name},
                              {"scopes", list_of(login.scopes)},
                              {"lifetime_s", static_cast<std::int64_t>(seconds(login.lifetime))}});
}

std::string encode_key(const ListedKey& key) {
  return to_line(to_json(key));
}

std::string encode_access(const Access& access) {
  return to_line(json::object{{"key", access.key ? json::value(to_json(*access.key)) : nullptr},
                              {"by_login", access.by_login}});
}

std::string encode_keys(std::span<const ListedKey> keys) {
  json::array list;
  for (const auto& key : keys) list.push_back(to_json(key));
  return to_line(json::object{{"keys", std::move(list)}});
}

}  // namespace kai::wire
