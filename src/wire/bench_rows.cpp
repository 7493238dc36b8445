#include "wire/bench_rows.h"

#include "wire/json.h"

namespace kai::wire {

std::string encode(const std::vector<BenchRow>& rows) {
  json::array list;
  for (const auto& row : rows) {
    list.push_back(json::object{{"what", row.what},
                                {"value", row.value},
                                {"unit", row.unit},
                                {"compared_with", row.compared_with},
                                {"ratio", row.ratio > 0 ? json::value(row.ratio) : json::value()},
                                {"reach", row.reach},
                                {"met", row.met}});
  }
  return to_line(list);
}

Result<FirstToken> first_token_of(std::string_view document) {
  auto first = decode(document, [](Fields& fields) {
    FirstToken best;
    const auto asked = from_rfc3339(fields.text("asked"));
    if (!asked) fields.reject("asked", "must be a time");
    for (auto& member : fields.objects("members")) {
      if (!member.has("ttft_ms")) continue;
      const Duration ttft = member.ms("ttft_ms");
      if (best.ttft > Duration::zero() && ttft >= best.ttft) continue;
      best = {ttft, member.ms("load_ms"), member.ms("prefill_ms"), asked.value_or(WallTime{})};
    }
    return best;
  });
  if (first && first->ttft == Duration::zero()) {
    return fail(ErrorCode::not_found, "no member wrote a token");
  }
  return first;
}

}  // namespace kai::wire
