// JSON as text.
#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "wire/json.h"

namespace kai::wire {

namespace {

// C1 controls, DEL and the bidirectional overrides: valid in JSON, but a terminal acts on them.
bool steers_terminal(char32_t c) {
  return (c >= 0x7F && c <= 0x9F) || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0x061C || c == 0xFEFF;
}

// Of a JSON string already quoted and escaped, so that only \u escapes are added.
std::string with_steering_escaped(const std::string& quoted) {
  std::string out;
  out.reserve(quoted.size());
  for (auto at = quoted.begin(); at != quoted.end();) {
    const auto start = at;
    const auto c = static_cast<char32_t>(utf8::next(at, quoted.end()));
    if (steers_terminal(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(c));
    } else {
      out.append(start, at);
    }
  }
  return out;
}

constexpr bool is_plain(char c) {
  return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

// Eight characters at once: `less` sets a bit of each that is less, and maybe of one behind such.
constexpr std::uint64_t each(unsigned char c) {
  return 0x0101010101010101ULL * c;
}
constexpr std::uint64_t less(std::uint64_t bytes, unsigned char than) {
  return (bytes - each(than)) & ~bytes & each(0x80);
}
constexpr bool are_plain(std::uint64_t bytes) {
  const std::uint64_t special = (bytes & each(0x80)) | less(bytes, ' ') |
                                less(bytes ^ each('"'), 1) | less(bytes ^ each('\\'), 1) |
                                less(bytes ^ each(0x7F), 1);
  return special == 0;
}

// Nothing in it needs an escape, and it is UTF-8: most of what is written.
bool is_plain(std::string_view text) {
  std::uint64_t bytes = 0;
  for (; text.size() >= sizeof bytes; text.remove_prefix(sizeof bytes)) {
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (!are_plain(bytes)) return false;
  }
  return std::ranges::all_of(text, [](char c) { return is_plain(c); });
}

}  // namespace

void add_quoted(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  const std::string line = utf8::is_valid(text.begin(), text.end())
                               ? json::serialize(json::string_view(text))
                               : json::serialize(json::string_view(valid_utf8(text)));
  // All steering characters but DEL have a lead byte among these four.
  const bool steers = line.find_first_of("\x7F\xC2\xD8\xE2\xEF") != std::string::npos;
  out += steers ? with_steering_escaped(line) : line;
}

void add_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
}

namespace {

constexpr std::size_t flat_max = 88;  // characters of a flat value that stays on one line

// Whether it is a list or object with nothing nested inside.
bool is_flat(const json::value& value) {
  if (const auto* array = value.if_array()) {
    return std::ranges::none_of(*array, &json::value::is_structured);
  }
  const auto* object = value.if_object();
  return object != nullptr && std::ranges::none_of(*object, [](const auto& field) {
           return field.value().is_structured();
         });
}

class Writer {
 public:
  explicit Writer(bool indented) : indented_(indented) {}

  std::string take() { return std::move(out_); }

  // Recursion: the depth of `value` is bounded, see to_line().
  void write(const json::value& value, int level) {
    if (indented_ && is_flat(value)) {
      const std::string line = to_line(value);
      if (line.size() <= flat_max) {
        out_ += line;
        return;
      }
    }
    switch (value.kind()) {
      case json::kind::null: out_ += "null"; return;
      case json::kind::bool_: out_ += value.get_bool() ? "true" : "false"; return;
      case json::kind::int64: out_ += std::to_string(value.get_int64()); return;
      case json::kind::uint64: out_ += std::to_string(value.get_uint64()); return;
      case json::kind::double_: add_number(out_, value.get_double()); return;
      case json::kind::string: add_quoted(out_, value.get_string()); return;
      case json::kind::array: write(value.get_array(), level); return;
      case json::kind::object: write(value.get_object(), level); return;
    }
  }

 private:
  void write(const json::array& array, int level) {
    out_ += '[';
    bool first = true;
    for (const auto& item : array) {
      if (!std::exchange(first, false)) out_ += ',';
      if (indented_) line_end(level + 1);
      write(item, level + 1);
    }
    if (!first && indented_) line_end(level);
    out_ += ']';
  }

  void write(const json::object& object, int level) {
    out_ += '{';
    bool first = true;
    for (const auto& [key, item] : object) {
      if (!std::exchange(first, false)) out_ += ',';
      if (indented_) line_end(level + 1);
      add_quoted(out_, key);
      out_ += ':';
      if (indented_) out_ += ' ';
      write(item, level + 1);
    }
    if (!first && indented_) line_end(level);
    out_ += '}';
  }

  void line_end(int level) {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(level) * 2, ' ');
  }

  bool indented_;
  std::string out_;
};

std::string written(const json::value& value, bool indented) {
  Writer writer(indented);
  writer.write(value, 0);
  return writer.take();
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  utf8::replace_invalid(text.begin(), text.end(), std::back_inserter(out));
  return out;
}

std::string with_field(std::string object, std::string_view name, std::string_view json) {
  object.pop_back();
  object += fmt::format(R"(,"{}":)", name);
  object += json;
  return object + '}';
}

std::string to_line(const json::value& value) {
  return written(value, false);
}
std::string to_indented(const json::value& value) {
  return written(value, true);
}

}  // namespace kai::wire
