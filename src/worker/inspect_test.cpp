#include "worker/inspect.h"

#include <ggml-cpp.h>
#include <gguf.h>

#include <vector>

#include "worker/testing.h"

namespace kai {
namespace {

class Inspect : public testing_worker::StarterModels {};

// Both models use their embeddings as the output too: a token that is written reads everything,
// one of a prompt is computed with the layers alone.
TEST_F(Inspect, TellsWhatATokenMeets) {
  const auto small = inspect(smollm2);
  ASSERT_TRUE(small) << small.error().message;
  EXPECT_EQ(small->parameters_active, small->parameters - 49'152 * 576);
  EXPECT_EQ(small->weights_read, small->weights);
  const auto wide = inspect(gemma3);
  ASSERT_TRUE(wide) << wide.error().message;
  EXPECT_EQ(wide->parameters_active, wide->parameters - 262'144 * 640);
  EXPECT_EQ(wide->weights_read, wide->weights);
}

// A file of tensors of 32 blocks of Q8_0 (34 bytes, 32 parameters) each.
Idle idle_in(const std::vector<const char*>& names, double experts) {
  const ggml_context_ptr tensors(ggml_init({16 * ggml_tensor_overhead(), nullptr, true}));
  const gguf_context_ptr file(gguf_init_empty());
  for (const char* name : names) {
    ggml_tensor* tensor = ggml_new_tensor_1d(tensors.get(), GGML_TYPE_Q8_0, 32 * 32);
    ggml_set_name(tensor, name);
    gguf_add_tensor(file.get(), tensor);
  }
  return idle_of(file.get(), experts);
}

TEST(Idle, IsWhatATokenDoesNotMeet) {
  struct Case {
    const char* what;
    std::vector<const char*> names;
    double experts;
    std::int64_t parameters, bytes;  // in tensors' worth, times 4
  };
  const Case cases[] = {{"layers alone", {"blk.0.attn_q.weight", "blk.0.ffn_up.weight"}, 1, 0, 0},
                        {"embeddings that are the output", {"token_embd.weight"}, 1, 4, 0},
                        {"an output of its own", {"token_embd.weight", "output.weight"}, 1, 8, 4},
                        {"in whatever order", {"output.weight", "token_embd.weight"}, 1, 8, 4},
                        {"embeddings of each layer", {"per_layer_token_embd.weight"}, 1, 4, 4},
                        {"a quarter of the experts", {"blk.0.ffn_up_exps.weight"}, 0.25, 3, 3},
                        {"a shared expert", {"blk.0.ffn_up_shexp.weight"}, 0.25, 0, 0}};
  for (const auto& [what, names, experts, parameters, bytes] : cases) {
    const Idle idle = idle_in(names, experts);
    EXPECT_EQ(idle.parameters, parameters * 32 * 32 / 4) << what;
    EXPECT_EQ(idle.bytes, Bytes(bytes * 32 * 34 / 4)) << what;
  }
}

}  // namespace
}  // namespace kai
