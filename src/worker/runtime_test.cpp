#include "worker/runtime.h"

#include <ggml.h>
#include <gtest/gtest.h>

namespace kai {
namespace {

TEST(RuntimeDeathTest, SaysWhyLlamaCppGivesUp) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto give_up = [] {
    start_runtime();
    ggml_abort("/build/ggml-cuda.cu", 108, "%s error", "CUDA");
  };
  EXPECT_EXIT(give_up(), testing::KilledBySignal(SIGABRT),
              "kai-worker: llama.cpp gave up: ggml-cuda.cu:108: CUDA error\n$");
}

TEST(RuntimeDeathTest, SaysWhyToWhomItIsTold) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const auto give_up = [] {
    start_runtime([](const std::string& why) { fprintf(stderr, "<%s>", why.c_str()); });
    ggml_abort("a.cpp", 1, "no memory");
  };
  EXPECT_EXIT(give_up(), testing::KilledBySignal(SIGABRT),
              "<llama.cpp gave up: a.cpp:1: no memory>");
}

}  // namespace
}  // namespace kai
