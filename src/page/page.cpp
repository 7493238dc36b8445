#include "page/page.h"

#include <algorithm>

namespace kai {

const PageFile* page_file(std::span<const PageFile> files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &PageFile::path);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace kai
