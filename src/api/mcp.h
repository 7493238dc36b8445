// mcp: kai's tools for other programs' models, over HTTP and over standard input and output.
// Without sessions: every message stands for itself.
#pragma once

#include <string>
#include <vector>

#include "api/answering.h"
#include "api/routes.h"
#include "wire/mcp.h"

namespace kai {

class Mcp {
 public:
  // `answering` must outlive this.
  Mcp(Answering& answering, std::string kai_version)
      : answering_(answering), kai_version_(std::move(kai_version)) {}

  // What is said to one message: a body or, where progress is wanted and `exchange` can stream, a
  // stream of server-sent events with the reply as its last. Status 202 without a body: nothing.
  Task<Reply> answer(http::Exchange& exchange, wire::mcp::Message message);
  // POST /mcp; must outlive them.
  std::vector<Route> routes();

 private:
  Task<Reply> post(http::Exchange& exchange);
  Task<Reply> ask(http::Exchange& exchange, wire::mcp::Message call);
  std::string status(const wire::mcp::Message& call) const;

  Answering& answering_;
  std::string kai_version_;
};

// The body of a refusal that answers no message.
std::string mcp_refusal(std::string_view sentence);

}  // namespace kai
