// embeddings: vectors of recorded answers, made by the worker's engine and kept in a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace kai::bench {

class OrderedRunner;

using Vector = std::vector<float>;

// Owns the worker's engine with the model loaded. What it made stays in the cache file, under the
// text's and the model's hash, so that a second run needs no model's time.
class Embeddings {
 public:
  // threads: 1.. the cores. Errors: those of loading the model; storage (the cache cannot be
  // written).
  static Result<Embeddings> open(const std::string& model, const std::filesystem::path& cache,
                                 int threads);
  Embeddings(Embeddings&&) noexcept;
  ~Embeddings();

  // Of each text, in order; its first 64 KiB. Some 50 ms for one that is new (two cores, 256 word
  // pieces), nothing for one that is known. Errors: the engine's.
  Result<std::vector<Vector>> of(const std::vector<std::string>& texts);

  // By the last of(): vectors made anew, and the time they took.
  std::size_t made() const { return made_; }
  double seconds() const { return seconds_; }

 private:
  Embeddings();
  void read(const std::filesystem::path& cache);
  Result<> make(const std::vector<std::string>& texts);

  std::unique_ptr<OrderedRunner> engine_;
  std::string digest_;  // of the model
  std::filesystem::path cache_;
  std::unordered_map<std::uint64_t, Vector> known_;
  std::size_t made_ = 0;
  double seconds_ = 0;
};

}  // namespace kai::bench
