// page: the dashboard as it is inside the program: the files that `make web` makes of web/, each
// with its compressed form. A kai that was built without them has no page, and says so.
#pragma once

#include <span>
#include <string_view>

namespace kai {

struct PageFile {
  std::string_view path;          // "/assets/main-D3b1.js"; the page itself is "/index.html"
  std::string_view content_type;  // as HTTP says it
  std::string_view tag;           // other bytes have another one
  std::string_view bytes;
  std::string_view gzip;  // the same compressed; empty: that would not be smaller
};

// All of them; none: kai was built without its page.
std::span<const PageFile> page_files();

// The file at `path`; null: there is none.
const PageFile* page_file(std::span<const PageFile> files, std::string_view path);

}  // namespace kai
