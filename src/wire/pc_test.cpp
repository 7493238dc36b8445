#include "wire/pc.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <iterator>

#include "wire/json.h"

namespace kai::wire {
namespace {

const std::string constants =
    R"("const":{"BWG":227.0,"OG":0.0007,"BWC":50.0,"OC":0.001,"FG":3e13,"OPG":0.015,"FC":8.5e11,)"
    R"("PCIE_PIN":12.5,"PCIE_NAIVE":4.5,"LOAD_FIX_OPT":0.1,"LOAD_FIX_NAIVE":1.3,)"
    R"("UNLOAD_NAIVE":1.0,"RAM":64,"VRAM":7.4})";
const std::string models =
    R"("models":{"z:2b":{"params_B":2.51,"active_B":2.5,"file_GB":1.68,"read_GB_per_tok":1.5,)"
    R"("kv_B_per_tok":18432},"a:1b":{"active_B":1,"file_GB":0.5,"read_GB_per_tok":0.5,)"
    R"("kv_B_per_tok":0}})";

std::string text_with(std::string_view from, std::string_view to) {
  std::string text = "{" + constants + "," + models + "}";
  return text.replace(text.find(from), from.size(), to);
}

TEST(PcFile, ReadsConstantsInUnitsAndModelsInOrder) {
  const auto pc = decode_pc("{" + constants + "," + models + "}");
  ASSERT_TRUE(pc) << pc.error().message;
  EXPECT_EQ(pc->gpu.bandwidth, 227e9);
  EXPECT_EQ(pc->gpu.per_token, std::chrono::microseconds(700));
  EXPECT_EQ(pc->gpu.flops, 3e13);
  EXPECT_EQ(pc->gpu.per_prefill, std::chrono::milliseconds(15));
  EXPECT_EQ(pc->cpu.bandwidth, 50e9);
  EXPECT_EQ(pc->cpu.per_token, std::chrono::milliseconds(1));
  EXPECT_EQ(pc->cpu.flops, 8.5e11);
  EXPECT_EQ(pc->pinned.rate, 12.5e9);
  EXPECT_EQ(pc->pinned.per_load, std::chrono::milliseconds(100));
  EXPECT_EQ(pc->naive.rate, 4.5e9);
  EXPECT_EQ(pc->naive.per_load, std::chrono::milliseconds(1300));
  EXPECT_EQ(pc->naive.per_unload, std::chrono::seconds(1));
  EXPECT_EQ(pc->memory, Bytes(64'000'000'000));
  EXPECT_EQ(pc->gpu_memory, Bytes(7'400'000'000));
  EXPECT_EQ(pc->buffers, Bytes(100'000'000));
  ASSERT_EQ(pc->models.size(), 2u);
  EXPECT_EQ(pc->models[0].name, "z:2b");
  EXPECT_EQ(pc->models[0].parameters, 2.51e9);
  EXPECT_EQ(pc->models[0].active, 2.5e9);
  EXPECT_EQ(pc->models[0].file, Bytes(1'680'000'000));
  EXPECT_EQ(pc->models[0].read_per_token, 1.5e9);
  EXPECT_EQ(pc->models[0].kv_per_token, Bytes(18432));
  EXPECT_EQ(pc->models[1].name, "a:1b");
  EXPECT_EQ(pc->models[1].parameters, 1e9);
}

TEST(PcFile, TheReferencePcIsWhole) {
  std::ifstream file(KAI_SOURCE "/examples/reference-pc.json");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto pc = decode_pc(text);
  ASSERT_TRUE(pc) << pc.error().message;
  EXPECT_TRUE(pc->what.contains("RTX 4070"));
  EXPECT_EQ(pc->models.size(), 14u);
  ASSERT_EQ(pc->known.size(), 9u);
  EXPECT_EQ(pc->known[0].models, (std::vector<std::string>{"gemma:2b", "llama3.2:3b"}));
  EXPECT_EQ(pc->known[0].naive, std::chrono::milliseconds(6400));
  EXPECT_EQ(pc->known[0].naive_gpu_busy, 0.68);
  EXPECT_FALSE(pc->known[8].naive_gpu_busy);
  EXPECT_EQ(pc->known[8].best_short, std::chrono::milliseconds(26200));
  EXPECT_EQ(pc->known[4].naive_pinned, std::chrono::milliseconds(30300));
  EXPECT_EQ(pc->known[4].naive_context_640, std::chrono::milliseconds(30000));
  EXPECT_FALSE(pc->known[8].naive_pinned);
}

TEST(PcFile, NamesTheFieldThatIsWrong) {
  struct Case {
    std::string text;
    const char* field;
  };
  const Case cases[] = {
      {"", "JSON"},
      {"[]", "object"},
      {"{}", "\"const\" is missing"},
      {"{" + constants + "}", "\"models\" is missing"},
      {"{" + constants + ",\"models\":{}}", "\"models\" must hold"},
      {text_with("\"BWG\":227.0", "\"BWG\":0"), "\"const.BWG\""},
      {text_with("\"FC\":8.5e11", "\"FC\":-1"), "\"const.FC\""},
      {text_with("\"OG\":0.0007", "\"OG\":\"fast\""), "\"const.OG\""},
      {text_with(",\"VRAM\":7.4", ""), "\"const.VRAM\" is missing"},
      {text_with("\"file_GB\":0.5", "\"file_GB\":1e300"), "\"models.a:1b.file_GB\""},
      {text_with("\"kv_B_per_tok\":18432", "\"kv_B_per_tok\":0.5"), "\"models.z:2b.kv_B_per_tok\""},
      {text_with("\"VRAM\":7.4", "\"VRAM\":7.4,\"Vram\":24"),
       "\"const.Vram\" is not known; there may be BWG, OG"},
      {text_with("\"params_B\"", "\"param_B\""), "\"models.z:2b.param_B\" is not known"},
      {text_with("\"models\":{", R"("known":[{"name":"x","note":""}],"models":{)"),
       "\"known[0].note\" is not known"},
      {text_with("\"VRAM\":7.4", "\"VRAM\":7.4,\"VRAM\":24"), "\"VRAM\" stands twice"},
      {text_with("\"a:1b\"", "\"z:2b\""), "\"z:2b\" stands twice in one object"},
      {text_with("\"a:1b\"", "\"\""), "\"models\" has a model without a name"},
      {text_with("\"models\":{", R"("known":[{"name":"x","models":["b"]}],"models":{)"),
       "\"known[0].models\" names \"b\""},
      {text_with("\"models\":{", R"("known":[{"name":"x","models":[]}],"models":{)"),
       "\"known[0].models\" must hold"},
      {text_with("\"models\":{", R"("known":[{"name":"x","models":["a:1b","a:1b"]}],"models":{)"),
       "\"known[0].models\" names one twice"},
      {text_with("\"models\":{",
                 R"("known":[{"name":"x","models":["a:1b"],"bound_s":0}],"models":{)"),
       "\"known[0].bound_s\""},
  };
  for (const auto& [text, field] : cases) {
    const auto pc = decode_pc(text);
    ASSERT_FALSE(pc) << text;
    EXPECT_TRUE(pc.error().message.contains(field)) << pc.error().message;
  }
}

TEST(PcFile, ANameThatIsCutInAnErrorStaysText) {
  std::string name(59, 'x');
  name += "\u00fc";  // its second byte is beyond what is shown
  const auto pc = decode_pc("{\"" + name + "\":1,\"" + name + "\":2}");
  ASSERT_FALSE(pc);
  EXPECT_EQ(pc.error().message, valid_utf8(pc.error().message));
}

RC_GTEST_PROP(PcFile, AnyBytesAreReadOrRefused, (const std::string& bytes)) {
  (void)decode_pc(bytes);
  (void)decode_pc("{" + constants + ",\"models\":{\"" + bytes + "\":{}}}");
}

}  // namespace
}  // namespace kai::wire
