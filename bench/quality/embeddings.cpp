#include "bench/quality/embeddings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "bench/ordered_runner.h"
#include "bench/rows.h"
#include "worker/digest.h"

namespace kai::bench {

namespace {

constexpr std::size_t text_max = 64 * 1024;  // bytes, as the worker's protocol says
constexpr std::size_t texts_max = 256;       // of one request
constexpr std::uint32_t dimensions_max = 1 << 16;

std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325) {  // FNV-1a
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

}  // namespace

Embeddings::Embeddings() = default;
Embeddings::Embeddings(Embeddings&&) noexcept = default;
Embeddings::~Embeddings() = default;

Result<Embeddings> Embeddings::open(const std::string& model, const std::filesystem::path& cache,
                                    int threads) {
  start_runtime();
  Embeddings result;
  result.engine_ = std::make_unique<OrderedRunner>(threads);
  if (auto loaded = result.engine_->load(model, Tokens(512), 1); !loaded) {
    return std::unexpected(loaded.error());
  }
  auto digest = digest_of(model, static_cast<std::int64_t>(std::filesystem::file_size(model)));
  if (!digest) return std::unexpected(digest.error());
  result.digest_ = *std::move(digest);
  result.cache_ = cache;
  result.read(cache);
  return result;
}

// Records of a hash, a size and that many numbers; a half one at the end, of a run that was
// killed, goes.
void Embeddings::read(const std::filesystem::path& cache) {
  std::ifstream file(cache, std::ios::binary);
  std::uintmax_t whole = 0;
  while (file) {
    std::uint64_t key = 0;
    std::uint32_t size = 0;
    file.read(reinterpret_cast<char*>(&key), sizeof key);
    file.read(reinterpret_cast<char*>(&size), sizeof size);
    if (!file || size == 0 || size > dimensions_max) break;
    Vector vector(size);
    file.read(reinterpret_cast<char*>(vector.data()),
              static_cast<std::streamsize>(size * sizeof(float)));
    if (!file) break;
    known_.insert_or_assign(key, std::move(vector));
    whole += sizeof key + sizeof size + size * sizeof(float);
  }
  std::error_code none_yet;
  if (file.is_open()) std::filesystem::resize_file(cache, whole, none_yet);
}

Result<> Embeddings::make(const std::vector<std::string>& texts) {
  std::ofstream file(cache_, std::ios::binary | std::ios::app);
  const bool shown = ::isatty(STDERR_FILENO) != 0;
  for (std::size_t from = 0; from < texts.size(); from += texts_max) {
    const std::size_t to = std::min(from + texts_max, texts.size());
    const auto at = [&](std::size_t index) { return texts.begin() + std::ptrdiff_t(index); };
    Result<std::vector<Vector>> vectors;
    seconds_ += time_of([&] { vectors = engine_->embed({at(from), at(to)}); });
    if (!vectors) return std::unexpected(vectors.error());
    made_ += vectors->size();
    for (std::size_t index = from; index < to; ++index) {
      const std::uint64_t key = hash_of(texts[index], hash_of(digest_));
      Vector& vector = (*vectors)[index - from];
      const auto size = static_cast<std::uint32_t>(vector.size());
      file.write(reinterpret_cast<const char*>(&key), sizeof key);
      file.write(reinterpret_cast<const char*>(&size), sizeof size);
      file.write(reinterpret_cast<const char*>(vector.data()),
                 static_cast<std::streamsize>(size * sizeof(float)));
      known_.insert_or_assign(key, std::move(vector));
    }
    if (!file.flush()) return fail(ErrorCode::storage, cache_.string() + " cannot be written");
    if (shown) fmt::print(stderr, "\rembedding: {} of {} texts", to, texts.size());
  }
  if (shown && !texts.empty()) fmt::print(stderr, "\n");
  return {};
}

Result<std::vector<Vector>> Embeddings::of(const std::vector<std::string>& texts) {
  std::vector<std::uint64_t> keys;
  std::vector<std::string> unknown;
  std::set<std::uint64_t> asked;
  for (const std::string& text : texts) {
    std::string begin = text.substr(0, text_max);
    keys.push_back(hash_of(begin, hash_of(digest_)));
    const bool is_new = !known_.contains(keys.back()) && asked.insert(keys.back()).second;
    if (is_new) unknown.push_back(std::move(begin));
  }
  made_ = 0;
  seconds_ = 0;
  if (auto made = make(unknown); !made) return std::unexpected(made.error());
  std::vector<Vector> vectors;
  for (const std::uint64_t key : keys) vectors.push_back(known_.at(key));
  return vectors;
}

}  // namespace kai::bench
