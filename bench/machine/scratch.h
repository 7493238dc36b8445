// Scratch: a private folder that goes with its owner; what killed runs left goes at the next start.
#pragma once

#include <filesystem>
#include <string_view>

namespace kai::bench {

class Scratch {
 public:
  // `prefix` of the folder's name in the folder for temporary files; the process's id follows it.
  explicit Scratch(std::string_view prefix);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace kai::bench
