// candidate: a file that may be a model, as the searches find it, before anyone has opened it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantities.h"
#include "base/result.h"

namespace kai {

struct FoundFile {
  std::string path;           // absolute
  std::string name;           // what to name the model by: a file's name, or Ollama's "llama3.2:3b"
  Bytes size{};               // of all parts, where the file is split
  std::int64_t mtime_ns = 0;  // of the newest part
  std::pair<std::uint64_t, std::uint64_t> file{};  // device and inode: who has several names
  std::string ollama;             // not empty: in Ollama's store, "library/llama3.2:3b" in short
  std::vector<std::string> stop;  // words that end an answer, as Ollama knows them
  std::string refused;            // not empty: will not be opened, and why
  bool operator==(const FoundFile&) const = default;
};

// What the searches found, in the order of paths.
struct Search {
  std::vector<FoundFile> candidates;
  std::vector<std::string> notes;
  std::vector<std::string> folders;  // that were listed
};

// Looks at a path without opening it; links are followed. A candidate is refused that is no
// ordinary file, is empty or does not exist: a FIFO's or device's open could block for ever.
FoundFile look_at(const std::string& path);

// Of "x-00002-of-00003.gguf": "x.gguf", 2 and 3. Nothing: not a part of a split file.
struct SplitName {
  std::string whole;
  int part = 0;
  int parts = 0;
};
std::optional<SplitName> split_name(std::string_view file_name);

// GGUF files in `folder` and its folders, three deep (links to folders too, so a cycle ends
// there); `folder` may be a file. Of a split file the first part stands for all.
Search search_folder(const std::string& folder, int files_max);

// Models in Ollama's store on disk: its manifests, each with the blob that holds the GGUF.
Search search_ollama(const std::string& store, int files_max);

}  // namespace kai
