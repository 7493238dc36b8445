// fuzz: what the fuzz targets share. Each target is one file with LLVMFuzzerTestOneInput(): any
// bytes in, and whatever must always hold checked with ensure(), which ends the process. libFuzzer
// drives them in `make fuzz`, driver.cpp in `make test`.
#pragma once

#include <utf8.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace kai::fuzz {

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Parts between form feeds.
inline std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find('\f');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

inline bool is_utf8(std::string_view text) {
  return utf8::is_valid(text.begin(), text.end());
}

// An error is a sentence for people: valid UTF-8, and not as long as the input that caused it.
inline void check(const Error& error, ErrorCode code) {
  ensure(error.code == code, "an error of another code than the header says");
  ensure(!error.message.empty(), "an error without a word");
  ensure(is_utf8(error.message), "an error that is no UTF-8");
  ensure(error.message.size() < 4096, "an error as long as a book");
}

}  // namespace kai::fuzz
