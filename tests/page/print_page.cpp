// Prints the files of the page that is in it: a line each, with its type and its bytes.
#include <cstdio>

#include "page/page.h"

int main() {
  for (const auto& file : kai::page_files()) {
    std::printf("%.*s %.*s %.*s\n", static_cast<int>(file.path.size()), file.path.data(),
                static_cast<int>(file.content_type.size()), file.content_type.data(),
                static_cast<int>(file.bytes.size()), file.bytes.data());
  }
}
