// What a running server tells of itself.
#include "tests/e2e/server.h"

namespace kai {
namespace {

class Metrics : public Server {
 protected:
  std::string metrics() const { return shell("curl -s \"$KAI_URL/metrics\"").out; }
  void ask(const std::string& question) const {
    const Ran ran = shell(
        "curl -sf \"$KAI_URL/v1/chat/completions\" -d '{\"model\":\"kai:medium\","
        "\"messages\":[{\"role\":\"user\",\"content\":\"" +
        question + "\"}]}'");
    ASSERT_EQ(ran.status, 0) << ran.err << read(path("background.err"));
  }
};

TEST_F(Metrics, TellsWhatItAnswered) {
  serve();
  EXPECT_TRUE(metrics().contains("kai_build_info{version=")) << "before it knows its models";
  wait_until_ready();
  ask("What is the capital of France?");
  const std::string text = metrics();
  EXPECT_TRUE(text.contains("kai_queries_total{tier=\"medium\",outcome=\"answered\"} 1\n")) << text;
  EXPECT_TRUE(text.contains("kai_model_up{model=\"smollm2:135m\"} 1\n")) << text;
  EXPECT_TRUE(text.contains("kai_model_ttft_seconds_count{model=\"smollm2:135m\"}")) << text;
  EXPECT_TRUE(text.contains("process_resident_memory_bytes ")) << text;
}

// As it comes from the distribution; setup/promtool.sh has put it there.
TEST_F(Metrics, PromtoolFindsNothingWrong) {
  const std::string promtool = KAI_SOURCE "/.deps/promtool/promtool";
  if (std::getenv("KAI_TEST_ALL") == nullptr && !std::filesystem::exists(promtool)) {
    GTEST_SKIP() << promtool << " is not there; run setup/promtool.sh";
  }
  serve();
  wait_until_ready();
  ask("What is the capital of Italy?");
  const Ran ran = shell("curl -s \"$KAI_URL/metrics\" | '" + promtool + "' check metrics");
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
  EXPECT_EQ(ran.err + ran.out, "");
}

}  // namespace
}  // namespace kai
