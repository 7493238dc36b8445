#include "http/reading.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <iterator>

#include "http/parse.h"

namespace kai::http {

namespace beast = boost::beast;

namespace {

// What the parser found wrong, and what to do about it.
std::string_view fault_of(const beast::error_code& code) {
  using beast::http::error;
  if (code == error::bad_version) {
    return "The request is of another HTTP than 1.0 and 1.1: send HTTP/1.1.";
  }
  if (code == error::multiple_content_length) {
    return "The request has two different Content-Length: send one.";
  }
  if (code == error::bad_content_length) {
    return "Content-Length is no length, or stands beside Transfer-Encoding: send one of them.";
  }
  if (code == error::bad_transfer_encoding) {
    return "Transfer-Encoding stands twice, or beside Content-Length: send one of them.";
  }
  if (code == error::bad_chunk || code == error::bad_chunk_extension) {
    return "A chunk of the body has no valid size: send that in hexadecimal, a line for it alone.";
  }
  if (code == error::bad_field || code == error::bad_value) {
    return "A header is malformed: send each as a line `Name: value`.";
  }
  if (code == error::bad_line_ending) {
    return "A line of the head does not end in CR LF: end each so.";
  }
  if (code == error::bad_target) return "The request's target has a byte that is no part of one.";
  return "The request is not HTTP: send HTTP/1.1.";
}

}  // namespace

class RequestReader::Parser : public beast::http::request_parser<GrowingBody> {};

RequestReader::RequestReader(const Limits& limits)
    : limits_(limits), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_max.count));
  parser_->body_limit(static_cast<std::uint64_t>(limits.body_max.count));
}

RequestReader::~RequestReader() = default;

int RequestReader::refuse(int status, std::string_view why) {
  why_ = why.empty() ? refusal_text(status) : why;
  return status;
}

int RequestReader::feed(std::string& raw) {
  // What a TLS hello begins with, and no method.
  constexpr char handshake = 0x16;
  if (!parser_->got_some() && raw.starts_with(handshake)) {
    return refuse(400, "This port speaks http://, not https://: use http://, or a proxy for TLS.");
  }
  int status = 0;
  const auto error =
      http::feed(*parser_, raw, static_cast<std::size_t>(limits_.header_max.count), [&] {
        headers_ = headers_in(parser_->get());
        keeps_alive_ = parser_->get().keep_alive();
        status = judge_head();
      });
  if (status != 0) return status;
  if (error == beast::http::error::body_limit) return refuse(413);
  if (error == beast::http::error::header_limit) return refuse(431);
  return error ? refuse(400, fault_of(error)) : 0;
}

// What Beast lets pass and is not to be taken: a body whose end two readers would see in two
// places, above all.
int RequestReader::judge_head() {
  const auto& head = parser_->get();
  if (head.version() != 10 && head.version() != 11) return refuse(505);
  if (std::distance(head.begin(), head.end()) > limits_.headers_max) return refuse(431);
  const auto [first, end] = head.equal_range(beast::http::field::transfer_encoding);
  if (first != end) {
    if (head.version() == 10) return refuse(400, "HTTP/1.0 has no chunks: send a Content-Length.");
    const bool chunked = std::next(first) == end && beast::iequals(first->value(), "chunked");
    if (!chunked) return refuse(501);
  }
  const auto expected = head.find(beast::http::field::expect);
  if (expected != head.end()) {
    if (!beast::iequals(expected->value(), "100-continue")) return refuse(417);
    expects_ = head.version() == 11;
  }
  return 0;
}

bool RequestReader::done() const {
  return parser_->is_done();
}

std::string RequestReader::target() const {
  return std::string(parser_->get().target());
}

bool RequestReader::wants_continue() {
  return !done() && std::exchange(expects_, false);
}

bool RequestReader::is_old() const {
  return parser_->get().version() == 10;
}

bool RequestReader::is_head() const {
  return parser_->get().method() == beast::http::verb::head;
}

Request RequestReader::take() {
  auto& message = parser_->get();
  return {.method = std::string(message.method_string()),
          .target = std::string(message.target()),
          .body = std::move(message.body()),
          .headers = std::move(headers_)};
}

std::string_view refusal_text(int status) {
  switch (status) {
    case 408: return "The request did not arrive in time.";
    case 413: return "The request's body is too large.";
    case 417: return "What the request expects is not known: only 100-continue is.";
    case 431: return "The request's head is too large.";
    case 501: return "The request's transfer coding is not known: only chunked is.";
    case 505: return "The request is of another HTTP than 1.0 and 1.1.";
    default: return "";
  }
}

}  // namespace kai::http
