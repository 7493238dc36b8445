#include "worker/text_stream.h"

#include <utf8.h>

#include <algorithm>
#include <iterator>

namespace kai {

namespace {

// Length of the longest beginning of `text` that does not end inside a character.
std::size_t whole_characters(std::string_view text) {
  std::size_t lead = text.size();
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;  // a continuation: the lead byte is further left
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    if (length > back) lead = text.size() - back;
    break;
  }
  return lead;
}

}  // namespace

TextStream::TextStream(std::vector<std::string> stop) : stop_(std::move(stop)) {
  std::erase_if(stop_, [](const std::string& text) { return text.empty(); });
}

std::string TextStream::push(std::string_view piece) {
  if (stopped_) return {};
  pending_ += piece;
  std::size_t first = std::string::npos;
  for (const auto& stop : stop_) first = std::min(first, pending_.find(stop));
  if (first != std::string::npos) {
    stopped_ = true;
    pending_.resize(first);
    return take(pending_.size());
  }
  return take(
      whole_characters(std::string_view(pending_).substr(0, pending_.size() - held_for_stop())));
}

std::string TextStream::finish() {
  return take(pending_.size());
}

// How many bytes at the end could be the beginning of a stop string.
std::size_t TextStream::held_for_stop() const {
  std::size_t held = 0;
  for (const auto& stop : stop_) {
    for (std::size_t size = std::min(stop.size() - 1, pending_.size()); size > held; --size) {
      if (pending_.ends_with(std::string_view(stop).substr(0, size))) held = size;
    }
  }
  return held;
}

std::string TextStream::take(std::size_t count) {
  std::string raw = pending_.substr(0, count);
  pending_.erase(0, count);
  if (!begun_) {
    const std::size_t start = raw.find_first_not_of(" \t\r\n");
    if (start == std::string::npos) return {};
    raw.erase(0, start);
    begun_ = true;
  }
  std::string text;
  utf8::replace_invalid(raw.begin(), raw.end(), std::back_inserter(text));
  std::erase(text, '\0');
  return text;
}

}  // namespace kai
