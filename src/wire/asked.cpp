#include "wire/asked.h"

#include <algorithm>

#include "wire/json.h"

namespace kai::wire {

namespace {

void add_member(AskedQuestion& asked, Fields& member) {
  ++asked.asked;
  const std::string ending = member.text("ending");
  if (ending != "not_run" && ending != "cancelled") ++asked.heard;
  asked.work += member.ms("prefill_ms") + member.ms("decode_ms");
  if (!member.has("device") || member.ms("load_ms") <= Duration::zero()) return;
  // Voices of one model load it once.
  const std::pair loaded(ModelId(member.text("model")), DeviceId(member.text("device")));
  if (std::ranges::count(asked.loaded, loaded) == 0) asked.loaded.push_back(loaded);
}

}  // namespace

Result<AskedQuestion> decode_asked(std::string_view document) {
  return decode(document, [](Fields& fields) {
    AskedQuestion asked;
    asked.id = QueryId(fields.text("id"));
    asked.tier = fields.one_of("tier", tier_named);
    asked.answered = !fields.has("error");
    asked.latency = fields.ms("latency_ms");
    asked.agreement = fields.number("agreement", 0, 1);
    Fields query = fields.object("query");
    asked.mode = query.one_of("mode", mode_named);
    asked.members_chosen = !query.texts("models").empty();
    Fields verdict = fields.object("verdict");
    asked.kind = verdict.one_of("shape", shape_named);
    for (auto& member : fields.objects("members")) add_member(asked, member);
    return asked;
  });
}

}  // namespace kai::wire
