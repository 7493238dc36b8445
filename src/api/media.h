// media: whether kai can read what a request brings, and send what it takes (RFC 9110, 8.4 and
// 12.5.1). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"

namespace kai {

// What cannot be done about a request, as a status and a sentence for people.
struct Mismatch {
  int status = 0;  // 415: its body is compressed · 406: its Accept names nothing that kai sends
  std::string sentence;
};

// Nothing: it can be read and answered. `path`: those of the protocols, which are answered in JSON
// or in a stream of it; of others Accept may say what it likes. Without an Accept everything is
// taken.
std::optional<Mismatch> mismatch_of(const std::vector<http::Header>& headers,
                                    std::string_view path);

}  // namespace kai
