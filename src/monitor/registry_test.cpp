#include "monitor/registry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace kai {
namespace {

TEST(Registry, WritesPrometheusText) {
  Registry registry;
  registry.add(Metric::queries, {"medium", "answered"});
  registry.add(Metric::queries, {"medium", "answered"}, 2);
  registry.add(Metric::queries, {"expert", "deadline"});
  registry.set(Metric::queue_depth, {}, 3);
  EXPECT_EQ(registry.text(),
            "# HELP kai_queries_total Questions that are over. outcome: answered, partial (the "
            "deadline cut members that could have changed the answer), or the error's code.\n"
            "# TYPE kai_queries_total counter\n"
            "kai_queries_total{tier=\"expert\",outcome=\"deadline\"} 1\n"
            "kai_queries_total{tier=\"medium\",outcome=\"answered\"} 3\n"
            "# HELP kai_queue_depth Questions that wait for their turn now.\n"
            "# TYPE kai_queue_depth gauge\n"
            "kai_queue_depth 3\n");
}

TEST(Registry, CountsAHistogramsBucketsUpwards) {
  Registry registry;
  for (const double value : {0.1, 0.11, 0.95, 1.0}) {
    registry.observe(Metric::query_agreement, {"simple"}, value);
  }
  const std::string text = registry.text();
  const auto begin = text.find("kai_query_agreement_ratio_bucket");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_EQ(text.substr(begin),
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.1\"} 1\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.2\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.3\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.4\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.5\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.6\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.7\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.8\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"0.9\"} 2\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"1\"} 4\n"
            "kai_query_agreement_ratio_bucket{tier=\"simple\",le=\"+Inf\"} 4\n"
            "kai_query_agreement_ratio_sum{tier=\"simple\"} 2.16\n"
            "kai_query_agreement_ratio_count{tier=\"simple\"} 4\n");
}

TEST(Registry, PutsWhatIsBeyondTheLastBoundIntoInfinity) {
  Registry registry;
  registry.observe(Metric::query_duration, {"expert"}, 10'000);
  EXPECT_TRUE(registry.text().contains("{tier=\"expert\",le=\"640\"} 0\n"));
  EXPECT_TRUE(registry.text().contains("{tier=\"expert\",le=\"+Inf\"} 1\n"));
}

TEST(Registry, LabelsCannotBreakOut) {
  EXPECT_EQ(label_escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
  EXPECT_EQ(label_escaped("\xff"), "\xef\xbf\xbd");
  Registry registry;
  registry.set(Metric::model_up, {"evil\"} 1\nother_metric 2"}, 1);
  EXPECT_TRUE(registry.text().contains("kai_model_up{model=\"evil\\\"} 1\\nother_metric 2\"} 1\n"));
}

TEST(Registry, LabelsAreBounded) {
  Registry registry;
  for (int i = 0; i < 1000; ++i) registry.add(Metric::early_stops, {std::to_string(i)});
  EXPECT_EQ(registry.values(Metric::early_stops).size(), Registry::series_max + 1);
  EXPECT_EQ(registry.value(Metric::early_stops, {"other"}), 1000.0 - Registry::series_max);
  registry.add(Metric::early_stops, {"7"});  // one that is there goes on
  EXPECT_EQ(registry.value(Metric::early_stops, {"7"}), 2);
  registry.add(Metric::model_tokens, {std::string(5000, 'x'), "answer"});
  EXPECT_EQ(registry.values(Metric::model_tokens).front().first.front().size(),
            Registry::label_bytes_max);
}

TEST(Registry, IgnoresWhatIsNoNumber) {
  Registry registry;
  registry.add(Metric::early_stops, {"simple"}, -1);
  registry.add(Metric::early_stops, {"simple"}, std::nan(""));
  registry.set(Metric::queue_depth, {}, std::numeric_limits<double>::infinity());
  registry.observe(Metric::query_duration, {"simple"}, std::nan(""));
  EXPECT_EQ(registry.text(), "");
}

TEST(Families, AreInTheOrderOfTheirNames) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < families().size(); ++i) {
    const MetricFamily& known = families()[i];
    EXPECT_EQ(static_cast<std::size_t>(known.metric), i) << known.name;
    EXPECT_TRUE(names.insert(known.name).second) << known.name;
    EXPECT_EQ(known.name.ends_with("_total"), known.kind == MetricKind::counter) << known.name;
    EXPECT_EQ(known.bounds.empty(), known.kind != MetricKind::histogram) << known.name;
    EXPECT_TRUE(known.help.ends_with('.')) << known.name;
  }
}

}  // namespace
}  // namespace kai
