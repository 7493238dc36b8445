#include "wire/ollama_manifest.h"

#include <algorithm>

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr std::string_view model_type = "application/vnd.ollama.image.model";
constexpr std::string_view params_type = "application/vnd.ollama.image.params";
constexpr std::string_view adapter_type = "application/vnd.ollama.image.adapter";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// Anything else could lead out of the store's folder.
std::optional<std::string> file_of(std::string_view digest) {
  constexpr std::string_view algorithm = "sha256:";
  if (!digest.starts_with(algorithm)) return std::nullopt;
  digest.remove_prefix(algorithm.size());
  if (digest.size() != 64 || !std::ranges::all_of(digest, is_hex)) return std::nullopt;
  return "sha256-" + std::string(digest);
}

OllamaBlob blob_of(Fields& layer) {
  OllamaBlob blob;
  blob.size = Bytes(layer.integer("size", {.min = 0}));
  if (auto file = file_of(layer.text("digest"))) {
    blob.file = *std::move(file);
  } else {
    layer.reject("digest", "must be \"sha256:\" and 64 hex digits");
  }
  return blob;
}

}  // namespace

Result<OllamaManifest> decode_ollama_manifest(std::string_view text) {
  return decode(text, [](Fields& fields) {
    OllamaManifest manifest;
    int models = 0;
    for (auto& layer : fields.objects("layers")) {
      const std::string type = layer.text("mediaType");
      if (type == model_type) {
        manifest.model = blob_of(layer);
        ++models;
      } else if (type == params_type) {
        manifest.params = blob_of(layer);
      } else if (type == adapter_type) {
        manifest.adapter = true;
      }
    }
    if (models == 0) fields.reject("layers", "holds no model (one that runs in the cloud?)");
    if (models > 1) fields.reject("layers", "holds several models");
    return manifest;
  });
}

Result<std::vector<std::string>> decode_ollama_stop(std::string_view text) {
  return decode(text, [](Fields& fields) {
    return fields.has("stop") ? fields.texts("stop") : std::vector<std::string>();
  });
}

}  // namespace kai::wire
