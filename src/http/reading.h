// reading: one request out of a connection's bytes. Private to http/; does no waiting.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.h"

namespace kai::http {

class RequestReader {
 public:
  explicit RequestReader(const Limits& limits);
  ~RequestReader();

  // Reads on in `raw` and removes there what belongs to this request; what follows it stays.
  // Not 0: the status to refuse it with; why() says the reason then, and what to do about it.
  int feed(std::string& raw);
  std::string_view why() const { return why_; }
  bool done() const;
  // The client waits for a word before it sends the body; true once.
  bool wants_continue();

  std::string target() const;  // empty: not known yet

  // Of a request that is done.
  Request take();
  // The client wants the connection for more.
  bool keeps_alive() const { return keeps_alive_; }
  bool is_old() const;   // HTTP/1.0, which knows no chunks
  bool is_head() const;  // HEAD: the answer has no body

 private:
  class Parser;
  int refuse(int status, std::string_view why = {});
  int judge_head();

  Limits limits_;
  std::unique_ptr<Parser> parser_;
  std::vector<Header> headers_;  // of the head alone
  std::string_view why_;
  bool keeps_alive_ = false;
  bool expects_ = false;  // "Expect: 100-continue", not yet answered
};

// "The request's body is too large." Empty: the status does not tell.
std::string_view refusal_text(int status);

}  // namespace kai::http
