// How server and client feed Beast's parsers. Private to http/; Beast itself does no waiting here.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "http/http.h"

namespace kai::http {

// A body as a string which the owner may take away as it grows. Beast's own string_body reserves
// the length that a header claims, which throws when the claim is wild.
struct GrowingBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>& /*head*/, value_type& body)
        : body_(body) {}
    void init(const boost::optional<std::uint64_t>& /*claimed*/, boost::beast::error_code& error) {
      error = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      const std::size_t before = body_.size();
      for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
      }
      error = {};
      return body_.size() - before;
    }
    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

template <class Message>
std::vector<Header> headers_in(const Message& message) {
  std::vector<Header> headers;
  for (const auto& field : message) {
    Header header{std::string(field.name_string()), std::string(field.value())};
    for (char& c : header.name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    headers.push_back(std::move(header));
  }
  return headers;
}

// Parses what `raw` holds and removes it there; a remainder waits for more bytes. The parser must
// not be done. `on_head` is called once the head is there and nothing behind it: Beast puts the
// trailers of a chunked body among the head's fields. unparsed_max bounds the remainder: a chunk's
// head has no end otherwise.
template <class Parser, class OnHead>
boost::beast::error_code feed(Parser& parser, std::string& raw, std::size_t unparsed_max,
                              OnHead on_head) {
  namespace beast = boost::beast;
  std::size_t parsed = 0;
  beast::error_code error;
  while (parsed < raw.size() && !parser.is_done() && !error) {
    const bool in_head = !parser.is_header_done();
    parser.eager(!in_head);  // what is not eager stops behind the head
    parsed += parser.put(boost::asio::buffer(raw.data() + parsed, raw.size() - parsed), error);
    if (in_head && parser.is_header_done()) on_head();
  }
  raw.erase(0, parsed);
  if (error == beast::http::error::need_more) error = {};
  if (!error && !parser.is_done() && raw.size() > unparsed_max) {
    error = beast::http::error::header_limit;
  }
  return error;
}

}  // namespace kai::http
