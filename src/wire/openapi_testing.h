// What tests ask of an OpenAPI description.
#pragma once

#include <boost/json/parse.hpp>
#include <set>
#include <string>
#include <string_view>

namespace kai::wire {

// "GET /healthz" of each operation.
inline std::set<std::string> operations_in(std::string_view document) {
  std::set<std::string> operations;
  const auto value = boost::json::parse(document);
  for (const auto& [path, item] : value.at("paths").as_object()) {
    for (const auto& [key, operation] : item.as_object()) {
      if (key == "parameters") continue;
      std::string method(key);
      for (char& letter : method) letter = static_cast<char>(letter - 'a' + 'A');
      operations.insert(method + ' ' + std::string(path));
    }
  }
  return operations;
}

}  // namespace kai::wire
