// Finds models in Ollama's store: manifests/HOST/OWNER/NAME/TAG and blobs/sha256-….
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

#include "fleet/candidate.h"
#include "wire/ollama_manifest.h"

namespace kai {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t document_max = 1 << 20;  // bytes of a manifest or of parameters
constexpr std::ptrdiff_t names_max = 10'000;    // entries looked at in one folder

// Sorted names in a folder, which is noted in `listed`; none where it cannot be read.
std::vector<std::string> names_in(const fs::path& folder, std::vector<std::string>& listed) {
  listed.push_back(folder.string());
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) return names;
  for (; entries != fs::directory_iterator() && std::ssize(names) < names_max;
       entries.increment(error)) {
    names.push_back(entries->path().filename());
  }
  std::ranges::sort(names);
  return names;
}

// A small ordinary file. Errors: not_found, with what is wrong with it.
Result<std::string> small_file(const fs::path& path) {
  const FoundFile file = look_at(path);
  if (!file.refused.empty()) return fail(ErrorCode::not_found, file.refused);
  if (file.size.count > document_max) return fail(ErrorCode::not_found, "is too large");
  std::ifstream stream(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(file.size.count), '\0');
  stream.read(text.data(), file.size.count);
  if (!stream) return fail(ErrorCode::not_found, "cannot be read; check its permissions");
  return text;
}

// A model as Ollama names it.
struct Reference {
  std::string host, owner, name, tag;

  // "llama3.2:3b", "someone/llama3.2:3b", "hf.co/someone/llama3.2:3b": what `ollama pull` takes.
  std::string text() const {
    std::string out = name + ":" + tag;
    if (owner != "library" || host != official) out = owner + "/" + out;
    return host == official ? out : host + "/" + out;
  }
  static constexpr std::string_view official = "registry.ollama.ai";
};

std::vector<Reference> references_in(const fs::path& manifests, int files_max,
                                     std::vector<std::string>& listed) {
  std::vector<Reference> references;
  for (const auto& host : names_in(manifests, listed)) {
    for (const auto& owner : names_in(manifests / host, listed)) {
      for (const auto& name : names_in(manifests / host / owner, listed)) {
        for (const auto& tag : names_in(manifests / host / owner / name, listed)) {
          // One more than the limit, so that the caller sees that there are more.
          if (std::ssize(references) > files_max) return references;
          references.push_back({host, owner, name, tag});
        }
      }
    }
  }
  return references;
}

FoundFile candidate_of(const fs::path& store, const Reference& reference) {
  FoundFile candidate;
  const fs::path path =
      store / "manifests" / reference.host / reference.owner / reference.name / reference.tag;
  const std::string pull = fmt::format("run `ollama pull {}`", reference.text());
  const auto refused = [&](std::string why) {
    candidate.path = candidate.path.empty() ? path.string() : candidate.path;
    candidate.name = reference.name + ":" + reference.tag;
    candidate.ollama = reference.text();
    candidate.refused = std::move(why);
    return candidate;
  };
  const auto text = small_file(path);
  if (!text) return refused(fmt::format("its manifest {}; {}", text.error().message, pull));
  const auto manifest = wire::decode_ollama_manifest(*text);
  if (!manifest) {
    return refused(
        fmt::format("its manifest cannot be used: {}; {}", manifest.error().message, pull));
  }
  const fs::path blobs = store / "blobs";
  const fs::path blob = blobs / manifest->model.file;
  candidate = look_at(blob);
  std::error_code error;
  if (!fs::exists(blob, error)) {
    return refused(fmt::format("its blob {} is gone; {}", manifest->model.file, pull));
  }
  if (candidate.refused.empty() && candidate.size != manifest->model.size) {
    return refused(fmt::format("its blob {} has {} of {} bytes; {}", manifest->model.file,
                               candidate.size.count, manifest->model.size.count, pull));
  }
  if (!candidate.refused.empty()) {
    return refused(fmt::format("its blob {}; {}", candidate.refused, pull));
  }
  if (manifest->adapter) {
    return refused("needs an adapter, which kai does not load; ask it through Ollama instead");
  }
  candidate.name = reference.name + ":" + reference.tag;
  candidate.ollama = reference.text();
  if (manifest->params) {
    // Without its words an answer still ends, at the model's own end of turn.
    const auto params = small_file(blobs / manifest->params->file);
    if (!params) return candidate;
    if (auto stop = wire::decode_ollama_stop(*params)) candidate.stop = *std::move(stop);
  }
  return candidate;
}

// Of two tags of one blob, the one that says more than "latest".
bool better_name(const FoundFile& a, const FoundFile& b) {
  const bool a_latest = a.name.ends_with(":latest");
  const bool b_latest = b.name.ends_with(":latest");
  return a_latest != b_latest ? b_latest : a.name < b.name;
}

}  // namespace

Search search_ollama(const std::string& store, int files_max) {
  std::error_code error;
  const fs::path folder = fs::absolute(store, error).lexically_normal();
  Search found;
  if (error || !fs::is_directory(folder / "manifests", error)) {
    found.notes.push_back(fmt::format("there is no Ollama store in {}", store));
    return found;
  }
  auto references = references_in(folder / "manifests", files_max, found.folders);
  found.folders.push_back((folder / "blobs").string());
  if (std::ssize(references) > files_max) {
    found.notes.push_back(
        fmt::format("more than {} models in Ollama's store: {} and those after "
                    "it are left out",
                    files_max, references.back().text()));
    references.pop_back();
  }
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> by_file;
  for (const auto& reference : references) {
    FoundFile candidate = candidate_of(folder, reference);
    if (!candidate.refused.empty()) {
      found.candidates.push_back(std::move(candidate));
      continue;
    }
    // Several tags of one blob are one model: it would vote twice.
    const auto [known, is_new] = by_file.try_emplace(candidate.file, found.candidates.size());
    if (is_new) {
      found.candidates.push_back(std::move(candidate));
    } else if (better_name(candidate, found.candidates[known->second])) {
      found.candidates[known->second] = std::move(candidate);
    }
  }
  return found;
}

}  // namespace kai
