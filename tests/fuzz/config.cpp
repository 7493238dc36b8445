// kai.toml: refused in one line that names the place, or read; then what is shown of it is a file
// that reads back.
#include "config/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "tests/fuzz/fuzz.h"

namespace {

using namespace kai;

const Surroundings around{{}, "/home/somebody", "/usr/bin/kai", "/home/somebody", 1000};

// A file in memory, gone with this.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : descriptor_(::memfd_create("kai.toml", 0)) {
    ensure(descriptor_ >= 0, "no file in memory");
    while (!text.empty()) {
      const auto written = ::write(descriptor_, text.data(), text.size());
      ensure(written > 0, "no room for a file in memory");
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const MemoryFile file(fuzz::text_of(bytes, size));
  const auto config = check_config(around, file.path());
  if (!config) {
    fuzz::check(config.error(), ErrorCode::invalid_config);
    const std::string& message = config.error().message;
    ensure(message.starts_with(file.path()), "a complaint that does not name the file");
    ensure(message.find_first_of("\n\r\x1B") == std::string::npos, "a complaint of several lines");
    return 0;
  }
  const std::string shown = show_config(*config);
  const MemoryFile again(shown);
  const auto back = check_config(around, again.path());
  ensure(back.has_value(), "what is shown cannot be read");
  return 0;
}
