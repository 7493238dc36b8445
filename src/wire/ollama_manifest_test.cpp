#include "wire/ollama_manifest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/inspection.h"

namespace kai {
namespace {

const std::string hex(64, 'a');

std::string manifest_with(const std::string& layers) {
  return R"({"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",)"
         R"("config":{"digest":"sha256:0","size":1},"layers":[)" +
         layers + "]}";
}

std::string layer(const std::string& kind, const std::string& digest, const std::string& size) {
  return R"({"mediaType":"application/vnd.ollama.image.)" + kind + R"(","digest":")" + digest +
         R"(","size":)" + size + "}";
}

TEST(OllamaManifest, NamesTheBlobs) {
  const auto manifest = wire::decode_ollama_manifest(manifest_with(
      layer("model", "sha256:" + hex, "637699456") + "," + layer("template", "anything", "70") +
      "," + layer("params", "sha256:" + std::string(64, '0'), "98")));
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->model.file, "sha256-" + hex);
  EXPECT_EQ(manifest->model.size, Bytes(637699456));
  ASSERT_TRUE(manifest->params);
  EXPECT_EQ(manifest->params->file, "sha256-" + std::string(64, '0'));
  EXPECT_FALSE(manifest->adapter);
}

TEST(OllamaManifest, ADigestThatCouldLeadElsewhereIsRefused) {
  const std::vector<std::string> digests = {"sha256:" + std::string(63, 'a'),
                                            "sha256:" + std::string(65, 'a'),
                                            "sha1:" + hex,
                                            hex,
                                            "sha256:" + std::string(64, 'A'),
                                            "sha256:../../../../etc/passwd",
                                            "sha256:../" + std::string(61, 'a'),
                                            "sha256-" + hex,
                                            ""};
  for (const auto& digest : digests) {
    const auto manifest = wire::decode_ollama_manifest(manifest_with(layer("model", digest, "1")));
    ASSERT_FALSE(manifest) << digest;
    EXPECT_EQ(manifest.error().message,
              "field \"layers[0].digest\" must be \"sha256:\" and 64 hex digits");
  }
}

TEST(OllamaManifest, RefusesWhatIsNoModel) {
  const std::string model = layer("model", "sha256:" + hex, "1");
  EXPECT_FALSE(wire::decode_ollama_manifest(manifest_with("")));
  EXPECT_FALSE(wire::decode_ollama_manifest(manifest_with(model + "," + model)));
  EXPECT_FALSE(wire::decode_ollama_manifest(manifest_with(layer("model", "sha256:" + hex, "-1"))));
  EXPECT_FALSE(wire::decode_ollama_manifest(R"({"layers":{}})"));
  EXPECT_FALSE(wire::decode_ollama_manifest("{}"));
  EXPECT_FALSE(wire::decode_ollama_manifest(""));
}

TEST(OllamaManifest, StopWordsAreOptional) {
  EXPECT_EQ(*wire::decode_ollama_stop(R"({"stop":["[INST]","</s>"],"temperature":0.1})"),
            (std::vector<std::string>{"[INST]", "</s>"}));
  EXPECT_TRUE(wire::decode_ollama_stop("{}")->empty());
  EXPECT_FALSE(wire::decode_ollama_stop(R"({"stop":7})"));
}

TEST(Inspection, IsFactsOrTheWorkersError) {
  const auto facts = wire::decode_inspection(
      R"({"digest":"","name":"n","architecture":"llama","quantisation":"Q4_1","parameters":1,)"
      R"("parameters_active":1,"weights_read_bytes":5,)"
      R"("context_max":2,)"
      R"("layers":3,"file_bytes":4,"weights_bytes":5,"kv_bytes_per_token":6,"buffers_bytes":7,)"
      R"("chat_template":true})");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->weights, Bytes(5));
  const auto refused =
      wire::decode_inspection(R"({"error":{"code":"model_refused","message":"is too old"}})");
  EXPECT_EQ(refused.error().code, ErrorCode::model_refused);
  EXPECT_EQ(refused.error().message, "is too old");
  EXPECT_EQ(wire::decode_inspection("hello").error().code, ErrorCode::invalid_request);
}

RC_GTEST_PROP(OllamaManifest, AnyBytesAreAnErrorNotACrash, (const std::string& text)) {
  (void)wire::decode_ollama_manifest(text);
  (void)wire::decode_ollama_stop(text);
  (void)wire::decode_inspection(text);
  const auto manifest = wire::decode_ollama_manifest(manifest_with(text));
  RC_ASSERT(!manifest);
}

}  // namespace
}  // namespace kai
