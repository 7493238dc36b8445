#include "sim/pc_file.h"

#include <fmt/format.h>

#include <fstream>

#include "wire/pc.h"

namespace kai {

namespace {

constexpr std::size_t file_max = 4 * 1024 * 1024;  // bytes

}  // namespace

Result<Pc> read_pc(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(file_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  // A folder opens, and fails when it is read.
  if (!file.eof() && !file.good()) {
    return fail(ErrorCode::not_found, path +
                                          " cannot be read; name a file such as "
                                          "examples/reference-pc.json");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > file_max) {
    return fail(ErrorCode::invalid_request, path + " is larger than 4 MiB: that is no PC's file");
  }
  auto pc = wire::decode_pc(text);
  if (!pc) return fail(pc.error().code, fmt::format("{}: {}", path, pc.error().message));
  return pc;
}

}  // namespace kai
