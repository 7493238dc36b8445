#include "worker/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <vector>

namespace kai {

namespace {

constexpr std::int64_t head = 64 * 1024;
constexpr std::int64_t sample = 16 * 1024;
constexpr std::int64_t samples = 64;

class Fnv {
 public:
  void add(const char* bytes, std::int64_t count) {
    for (std::int64_t at = 0; at < count; ++at) {
      state_ = (state_ ^ static_cast<unsigned char>(bytes[at])) * 0x100000001b3;
    }
  }
  std::uint64_t state() const { return state_; }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace

Result<std::string> digest_of(const std::string& path, std::int64_t size) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(static_cast<std::size_t>(head));
  Fnv hash;
  const std::string size_text = fmt::format("{};", size);
  hash.add(size_text.data(), std::ssize(size_text));
  const auto add = [&](std::int64_t from, std::int64_t count) {
    file.seekg(from);
    file.read(block.data(), std::min(count, size - from));
    hash.add(block.data(), file.gcount());
  };
  add(0, head);
  const std::int64_t rest = size - head;
  for (std::int64_t index = 0; index < samples && rest > 0; ++index) {
    // In floating point: size times index could pass the end of 64 bits in a hostile file's header.
    const auto offset =
        static_cast<std::int64_t>(static_cast<double>(rest) * static_cast<double>(index) / samples);
    add(head + offset, sample);
  }
  if (!file) {
    return fail(ErrorCode::model_refused, fmt::format("{}: cannot be read to its end", path));
  }
  return fmt::format("{:016x}", hash.state());
}

}  // namespace kai
