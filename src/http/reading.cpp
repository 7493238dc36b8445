#include "http/reading.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <iterator>

#include "http/parse.h"

namespace kai::http {

namespace beast = boost::beast;

class RequestReader::Parser : public beast::http::request_parser<GrowingBody> {};

RequestReader::RequestReader(const Limits& limits)
    : limits_(limits), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_max.count));
  parser_->body_limit(static_cast<std::uint64_t>(limits.body_max.count));
}

RequestReader::~RequestReader() = default;

int RequestReader::feed(std::string& raw) {
  int status = 0;
  const auto error =
      http::feed(*parser_, raw, static_cast<std::size_t>(limits_.header_max.count), [&] {
        headers_ = headers_in(parser_->get());
        keeps_alive_ = parser_->get().keep_alive();
        status = judge_head();
      });
  if (status != 0) return status;
  if (error == beast::http::error::body_limit) return 413;
  if (error == beast::http::error::header_limit) return 431;
  return error ? 400 : 0;
}

// What Beast lets pass and is not to be taken: a body whose end two readers would see in two
// places, above all.
int RequestReader::judge_head() {
  const auto& head = parser_->get();
  if (head.version() != 10 && head.version() != 11) return 505;
  if (std::distance(head.begin(), head.end()) > limits_.headers_max) return 431;
  const auto [first, end] = head.equal_range(beast::http::field::transfer_encoding);
  if (first != end) {
    if (head.version() == 10) return 400;
    const bool chunked = std::next(first) == end && beast::iequals(first->value(), "chunked");
    if (!chunked) return 501;
  }
  const auto expected = head.find(beast::http::field::expect);
  if (expected != head.end()) {
    if (!beast::iequals(expected->value(), "100-continue")) return 417;
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
    default: return "The request is not HTTP.";
  }
}

}  // namespace kai::http
