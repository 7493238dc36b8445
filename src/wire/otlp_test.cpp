#include "wire/otlp.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/json/parse.hpp>
#include <set>

#include "wire/json.h"

namespace kai::wire::otlp {
namespace {

using namespace std::chrono_literals;

Answer answered(std::string model, std::string device, Ending ending) {
  Answer answer;
  answer.model = ModelId(std::move(model));
  answer.device = DeviceId(std::move(device));
  answer.ending = ending;
  answer.text = "secret";
  answer.timings.total = 2s;
  answer.timings.ttft = 250ms;
  answer.usage = {Tokens(11), Tokens(22)};
  return answer;
}

Outcome outcome() {
  Outcome outcome;
  outcome.query.id = QueryId("q_01");
  outcome.query.messages = {{Role::user, "secret"}};
  outcome.asked = WallTime(1'700'000'000s);
  outcome.latency = 3s;
  outcome.verdict.text = "secret";
  outcome.verdict.agreement = 0.5;
  outcome.verdict.voters = 2;
  outcome.answers = {answered("small:1b", "cpu", Ending::complete),
                     answered("vllm/big", "vllm", Ending::failed)};
  outcome.answers[1].error = Error{ErrorCode::host_lost, "a secret place broke off"};
  outcome.answers[1].timings.total = 9s;  // its clock and the question's differ
  return outcome;
}

const Servers servers{{"vllm", {"10.0.0.7", 8000}}, {"other", {"localhost", 1}}};

// The value of an attribute, as text.
std::string attribute(const json::value& span, std::string_view key) {
  for (const auto& one : span.at("attributes").as_array()) {
    if (one.at("key").as_string() == key) {
      return to_line(one.at("value").as_object().begin()->value());
    }
  }
  return "none";
}

TEST(Otlp, TellsAQuestionAsASpanWithItsAnswersBelow) {
  const std::array spans{encode_spans(outcome(), servers)};
  const auto document = json::parse(encode_traces(spans, "1.2.3"));
  const auto& resource = document.at("resourceSpans").at(0);
  EXPECT_EQ(attribute(resource.at("resource"), "service.name"), "\"kai\"");
  EXPECT_EQ(attribute(resource.at("resource"), "service.version"), "\"1.2.3\"");
  const auto& told = resource.at("scopeSpans").at(0).at("spans").as_array();
  ASSERT_EQ(told.size(), 3u);
  const auto& root = told[0];
  EXPECT_EQ(root.at("name").as_string(), "invoke_workflow kai");
  EXPECT_EQ(root.at("kind").as_int64(), 1);
  EXPECT_EQ(root.at("startTimeUnixNano").as_string(), "1700000000000000000");
  EXPECT_EQ(root.at("endTimeUnixNano").as_string(), "1700000003000000000");
  EXPECT_FALSE(root.as_object().contains("parentSpanId"));
  EXPECT_FALSE(root.as_object().contains("status"));
  EXPECT_EQ(attribute(root, "gen_ai.workflow.name"), "\"kai\"");
  EXPECT_EQ(attribute(root, "kai.query.id"), "\"q_01\"");
  const auto& first = told[1];
  EXPECT_EQ(first.at("name").as_string(), "chat small:1b");
  EXPECT_EQ(first.at("kind").as_int64(), 3);
  EXPECT_EQ(attribute(first, "gen_ai.operation.name"), "\"chat\"");
  EXPECT_EQ(attribute(first, "gen_ai.provider.name"), "\"llama.cpp\"");
  EXPECT_EQ(attribute(first, "gen_ai.usage.input_tokens"), "\"11\"");
  EXPECT_EQ(attribute(first, "gen_ai.usage.output_tokens"), "\"22\"");
  EXPECT_EQ(attribute(first, "gen_ai.response.finish_reasons"),
            R"({"values":[{"stringValue":"stop"}]})");
  EXPECT_EQ(attribute(first, "error.type"), "none");
  EXPECT_EQ(attribute(first, "server.address"), "none") << "a model of kai's own";
  const auto& second = told[2];
  EXPECT_EQ(attribute(second, "gen_ai.provider.name"), "\"vllm\"");
  EXPECT_EQ(attribute(second, "error.type"), "\"host_lost\"");
  EXPECT_EQ(attribute(second, "server.address"), "\"10.0.0.7\"");
  EXPECT_EQ(attribute(second, "server.port"), "\"8000\"");
  EXPECT_EQ(second.at("status").at("code").as_int64(), 2);
  EXPECT_EQ(second.at("startTimeUnixNano").as_string(), "1700000000000000000");
  EXPECT_EQ(second.at("endTimeUnixNano").as_string(), "1700000003000000000");
}

TEST(Otlp, IdsAreOfTheirLengthAndTellSpansApart) {
  const std::array spans{encode_spans(outcome(), servers)};
  const auto document = json::parse(encode_traces(spans, "1"));
  const auto& told = document.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans");
  std::set<std::string> ids;
  for (const auto& span : told.as_array()) {
    EXPECT_EQ(span.at("traceId"), told.at(0).at("traceId"));
    EXPECT_EQ(span.at("traceId").as_string().size(), 32u);
    EXPECT_EQ(span.at("spanId").as_string().size(), 16u);
    ids.emplace(span.at("spanId").as_string());
    if (&span != &told.at(0)) EXPECT_EQ(span.at("parentSpanId"), told.at(0).at("spanId"));
  }
  EXPECT_EQ(ids.size(), 3u);
}

TEST(Otlp, TellsNoWords) {
  EXPECT_FALSE(encode_spans(outcome(), servers).contains("secret"));
}

TEST(Otlp, TellsDistributions) {
  constexpr std::array bounds{1.0, 10.0};
  const Histogram::Series series{{{"gen_ai.request.model", "small:1b"}}, {1, 2, 3}, 99.5};
  const std::array all{Histogram{"gen_ai.workflow.duration", "s", bounds, {series}},
                       Histogram{"gen_ai.client.token.usage", "{token}", bounds, {}}};
  const auto document = json::parse(
      encode_metrics(all, "1.2.3", {WallTime(1'700'000'000s), WallTime(1'700'000'060s)}));
  const auto& metrics = document.at("resourceMetrics").at(0).at("scopeMetrics").at(0).at("metrics");
  ASSERT_EQ(metrics.as_array().size(), 1u) << "what has no values is not told";
  EXPECT_EQ(metrics.at(0).at("name").as_string(), "gen_ai.workflow.duration");
  EXPECT_EQ(metrics.at(0).at("unit").as_string(), "s");
  const auto& told = metrics.at(0).at("histogram");
  EXPECT_EQ(told.at("aggregationTemporality").as_int64(), 2);
  const auto& point = told.at("dataPoints").at(0);
  EXPECT_EQ(point.at("count").as_string(), "6");
  EXPECT_EQ(point.at("sum").as_double(), 99.5);
  EXPECT_EQ(to_line(point.at("bucketCounts")), R"(["1","2","3"])");
  EXPECT_EQ(point.at("explicitBounds").as_array().size(), 2u);
  EXPECT_EQ(point.at("startTimeUnixNano").as_string(), "1700000000000000000");
  EXPECT_EQ(point.at("timeUnixNano").as_string(), "1700000060000000000");
  EXPECT_EQ(attribute(point, "gen_ai.request.model"), "\"small:1b\"");
}

}  // namespace
}  // namespace kai::wire::otlp
