// ollama_manifest: what Ollama's store says of a model: a manifest that names its blobs by digest,
// and the parameters among them. The form is that of OCI images (image manifest version 2,
// schema 2), with Ollama's own media types.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantities.h"
#include "base/result.h"

namespace kai::wire {

struct OllamaBlob {
  std::string file;  // "sha256-" and 64 hex digits, checked: safe as a file's name
  Bytes size{};      // as the manifest says, >= 0
};

struct OllamaManifest {
  OllamaBlob model;                  // the GGUF
  std::optional<OllamaBlob> params;  // see decode_ollama_stop()
  bool adapter = false;              // needs a LoRA adapter too
};

// Errors: invalid_request, naming the field; a digest of another form than sha256:HEX; no layer or
// several that hold a model.
Result<OllamaManifest> decode_ollama_manifest(std::string_view json);

// The words at which an answer ends, from the parameters' blob; none is no error.
Result<std::vector<std::string>> decode_ollama_stop(std::string_view json);

}  // namespace kai::wire
