#include "wire/alerts.h"

#include <gtest/gtest.h>

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

Alert full() {
  Alert alert;
  alert.name = "VRAMNearFull";
  alert.severity = "warning";
  alert.label = "gpu";
  alert.subject = "0";
  alert.summary = "the GPU's memory is nearly full";
  alert.state = AlertState::firing;
  alert.value = 0.97;
  alert.threshold = 0.95;
  alert.since = WallTime(1'772'366'400s);
  return alert;
}

TEST(AlertDocuments, ReadBackAsTheyWere) {
  AlertList list;
  list.alerts = {full()};
  list.past = {full()};
  list.past[0].state = AlertState::inactive;
  list.past[0].ended = WallTime(1'772'366'460s);
  list.past[0].silenced_until = WallTime(1'772'366'470s);
  list.rules = {{"VRAMNearFull", "warning", "gpu", "nearly full", 0.95, 0.92, 60s, 120s,
                 AlertUnit::share, "unload a model", WallTime(1'772'366'480s)}};
  const auto back = decode_alerts(encode(list));
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_TRUE(back->alerts.size() == 1 && back->past.size() == 1 && back->rules.size() == 1);
  EXPECT_EQ(back->alerts[0].subject, "0");
  EXPECT_EQ(back->alerts[0].state, AlertState::firing);
  EXPECT_EQ(back->alerts[0].value, 0.97);
  EXPECT_EQ(back->alerts[0].since, list.alerts[0].since);
  EXPECT_FALSE(back->alerts[0].ended || back->alerts[0].silenced_until);
  EXPECT_EQ(back->past[0].ended, list.past[0].ended);
  EXPECT_EQ(back->past[0].silenced_until, list.past[0].silenced_until);
  EXPECT_EQ(back->rules[0].hold, 60s);
  EXPECT_EQ(back->rules[0].clears, 0.92);
  EXPECT_EQ(back->rules[0].unit, AlertUnit::share);
  EXPECT_EQ(back->rules[0].remedy, "unload a model");
  EXPECT_EQ(back->rules[0].silenced_until, list.rules[0].silenced_until);
  EXPECT_FALSE(decode_alerts(R"({"alerts":[{"name":"a"}],"past":[],"rules":[]})"));
}

TEST(AlertDocuments, SilenceIsBounded) {
  const auto hour = decode_silence(encode(Silence{"ModelDown", 1h}));
  ASSERT_TRUE(hour);
  EXPECT_EQ(hour->alert, "ModelDown");
  EXPECT_EQ(hour->length, 1h);
  EXPECT_FALSE(decode_silence(R"({"alert":"ModelDown","duration_s":-1})"));
  EXPECT_FALSE(decode_silence(R"({"alert":"ModelDown","duration_s":1e9})"));
  EXPECT_FALSE(decode_silence(R"({"duration_s":1})"));
}

TEST(AlertDocuments, AWebhookGetsAlertmanagersMessage) {
  EXPECT_EQ(
      encode_webhook(full(), WallTime(1'772'366'401s)),
      R"({"version":"4","groupKey":"VRAMNearFull:0","truncatedAlerts":0,"status":"firing",)"
      R"("receiver":"kai","groupLabels":{"alertname":"VRAMNearFull","severity":"warning",)"
      R"("gpu":"0"},"commonLabels":{"alertname":"VRAMNearFull","severity":"warning","gpu":"0"},)"
      R"("commonAnnotations":{"summary":"the GPU's memory is nearly full","value":"0.97"},)"
      R"("externalURL":"","sentAt":"2026-03-01T12:00:01.000Z","alerts":[{"status":"firing",)"
      R"("labels":{"alertname":"VRAMNearFull","severity":"warning","gpu":"0"},)"
      R"("annotations":{"summary":"the GPU's memory is nearly full","value":"0.97"},)"
      R"("startsAt":"2026-03-01T12:00:00.000Z","endsAt":"0001-01-01T00:00:00Z",)"
      R"("generatorURL":"","fingerprint":"VRAMNearFull:0"}]})");
  Alert over = full();
  over.ended = WallTime(1'772'366'460s);
  EXPECT_TRUE(encode_webhook(over, *over.ended).contains(R"("status":"resolved")"));
  EXPECT_TRUE(encode_webhook(over, *over.ended).contains(R"("endsAt":"2026-03-01T12:01:00.000Z")"));
}

}  // namespace
}  // namespace kai::wire
