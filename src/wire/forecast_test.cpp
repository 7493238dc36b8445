#include "wire/forecast.h"

#include <gtest/gtest.h>

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

CostCard card(int measured) {
  return {ModelId("a"), DeviceId("cpu"), Bytes(1000), Bytes(2), Bytes(30), 1500ms, 90.5,
          9.25,         measured};
}

Forecast forecast() {
  Forecast forecast;
  forecast.query.messages = {{Role::user, "Why \"\xff\"?"}};
  forecast.complexity = {0.5, Tier::medium, "asks to explain"};
  forecast.shape = Shape::number;
  Ask ask;
  ask.member = MemberId("a");
  ask.model = ModelId("a");
  ask.device = DeviceId("cpu");
  ask.weight = 0.25;
  ask.context = Tokens(100);
  ask.start = 1s;
  ask.load = 1500ms;
  ask.wait = 250ms;
  ask.prefill = 500ms;
  ask.decode = 4s;
  forecast.plan.tier = Tier::simple;
  forecast.plan.mode = Mode::best;
  forecast.plan.asks = {ask};
  forecast.plan.predicted = 7s;
  forecast.plan.predicted_p90 = 9s;
  forecast.plan.left_out = {{ModelId("b"), "refused"}};
  forecast.cards = {card(3)};
  forecast.memory = {{DeviceId("cpu"), "a PC", 2, Bytes(1230), Bytes(9000)}};
  forecast.limit = 30s;
  return forecast;
}

constexpr const char* golden =
    R"({"schema":"kai.plan.v1","question":"Why \"�\"?","fits":true,"misfit":null,)"
    R"("complexity":{"difficulty":0.5,"tier":"medium","why":"asks to explain"},)"
    R"("shape":"number","tier":"simple","mode":"best","predicted_ms":7000,)"
    R"("predicted_p90_ms":9000,"deadline_ms":30000,)"
    R"("members":[{"member":"a","model":"a","device":"cpu","share":1,)"
    R"("start_ms":1000,"load_ms":1500,"wait_ms":250,"prefill_ms":500,"decode_ms":4000,)"
    R"("end_ms":7250,"weight":0.25,"bytes":1230,)"
    R"("card":{"measured":3,"load_ms":1500,"prefill_rate":90.5,"decode_rate":9.25,)"
    R"("weights_bytes":1000,"kv_bytes_per_token":2,"buffers_bytes":30}}],)"
    R"("left_out":[{"model":"b","why":"refused"}],)"
    R"("devices":[{"id":"cpu","name":"a PC","running":2,)"
    R"("needed_bytes":1230,"capacity_bytes":9000}]})";

TEST(ForecastDocument, IsTheGoldenLine) {
  EXPECT_EQ(encode_forecast(forecast()), golden);
}

TEST(ForecastDocument, TellsWhyWhatWasAskedDoesNotFit) {
  auto late = forecast();
  late.misfit = "it would take 40 s";
  EXPECT_TRUE(encode_forecast(late).contains(R"("fits":false,"misfit":"it would take 40 s")"));
}

TEST(MeasurementDocument, HasBothCardsOrTheFault) {
  Measurement good{card(0), card(2), {{Tokens(40), Tokens(48), 500ms, 4s}}, ""};
  Measurement bad{card(0), card(0), {}, "too slow"};
  const std::string text = encode_measurements({std::vector{good, bad}, true});
  EXPECT_TRUE(text.starts_with(R"({"schema":"kai.bench-models.v1","interrupted":true,"models":[)"));
  EXPECT_TRUE(text.contains(
      R"("readings":[{"prompt_tokens":40,"answer_tokens":48,"prefill_ms":500,"decode_ms":4000}],)"
      R"("fault":null)"))
      << text;
  EXPECT_TRUE(text.contains(R"("after":null,"readings":[],"fault":"too slow")")) << text;
}

}  // namespace
}  // namespace kai::wire
