#include "wire/repeated_key.h"

#include <boost/json/basic_parser_impl.hpp>
#include <set>
#include <vector>

namespace kai::wire {

namespace {

namespace json = boost::json;

// What the parser tells as it goes; false ends it. Only objects and keys are of interest here.
struct Keys {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);
  using Code = boost::system::error_code;
  using Text = json::string_view;

  std::vector<std::set<std::string>> open{};  // the keys of the objects around
  std::string key{};                          // the beginning of one that comes in parts
  std::optional<std::string> repeated{};

  bool on_object_begin(Code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    open.pop_back();
    return true;
  }
  bool on_key_part(Text part, std::size_t, Code&) {
    key.append(part.data(), part.size());
    return true;
  }
  bool on_key(Text part, std::size_t, Code& error) {
    key.append(part.data(), part.size());
    if (!open.back().insert(key).second) {
      repeated = key;
      error = json::error::syntax;
      return false;
    }
    key.clear();
    return true;
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_string_part(Text, std::size_t, Code&) { return true; }
  bool on_string(Text, std::size_t, Code&) { return true; }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t, Text, Code&) { return true; }
  bool on_uint64(std::uint64_t, Text, Code&) { return true; }
  bool on_double(double, Text, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }
};

}  // namespace

std::optional<std::string> repeated_key(std::string_view text) {
  json::basic_parser<Keys> parser(json::parse_options{});
  boost::system::error_code error;
  parser.write_some(false, text.data(), text.size(), error);
  return std::move(parser.handler().repeated);
}

}  // namespace kai::wire
