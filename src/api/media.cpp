#include "api/media.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace kai {

namespace {

// Of errors, answers and streams. A client that wants a stream may name it alone.
constexpr auto sent = std::to_array<std::string_view>(
    {"application/json", "text/event-stream", "application/x-ndjson"});

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// Calls `each` with every part of a list, without the blanks around it.
template <class Each>
void split(std::string_view list, char by, Each each) {
  for (;;) {
    const auto end = std::min(list.find(by), list.size());
    each(trimmed(list.substr(0, end)));
    if (end == list.size()) return;
    list.remove_prefix(end + 1);
  }
}

// A range such as "text/*;q=0.5", of lower case.
bool takes(std::string_view range) {
  std::string_view type;
  bool never = false;
  split(range, ';', [&](std::string_view part) {
    if (type.empty()) {
      type = part;
    } else if (part.starts_with("q=")) {
      never = part.find_first_not_of("0.", 2) == std::string_view::npos;
    }
  });
  if (never) return false;
  if (type == "*/*" || type == "*") return true;
  if (type.ends_with("/*")) type.remove_suffix(1);
  return std::ranges::any_of(sent, [&](std::string_view one) {
    return type.ends_with('/') ? one.starts_with(type) : one == type;
  });
}

bool takes_any(std::string_view accept) {
  bool some = false, empty = true;
  split(accept, ',', [&](std::string_view range) {
    empty = empty && range.empty();
    some = some || (!range.empty() && takes(range));
  });
  return some || empty;
}

bool is_protocol(std::string_view path) {
  return path.starts_with("/v1/") || path.starts_with("/api/") || path == "/mcp";
}

}  // namespace

std::optional<Mismatch> mismatch_of(const std::vector<http::Header>& headers,
                                    std::string_view path) {
  const auto coding = http::header_of(headers, "content-encoding");
  if (coding && lower(*coding) != "identity") {
    return Mismatch{415, fmt::format("kai reads no bodies of Content-Encoding {}; send it as it is",
                                     coding->substr(0, 40))};
  }
  if (!is_protocol(path)) return std::nullopt;
  bool named = false, some = false;
  for (const auto& header : headers) {
    if (header.name != "accept") continue;
    named = true;
    some = some || takes_any(lower(header.value));
  }
  if (!named || some) return std::nullopt;
  return Mismatch{
      406,
      "Accept names nothing that kai sends here: application/json, text/event-stream or "
      "application/x-ndjson; leave it out, or add */*"};
}

}  // namespace kai
