#include "api/mcp.h"

#include <fmt/format.h>

#include <utility>

#include "api/replies.h"

namespace kai {

namespace {

namespace mcp = wire::mcp;

bool takes_streams(const http::Request& request) {
  const auto accept = http::header_of(request.headers, "accept");
  return accept && accept->find("text/event-stream") != std::string_view::npos;
}

}  // namespace

std::string mcp_refusal(std::string_view sentence) {
  return mcp::encode_error("null", mcp::invalid_request, sentence);
}

std::vector<Route> Mcp::routes() {
  return {{"POST", "/mcp", [this](auto& exchange, auto) { return post(exchange); }}};
}

Task<Reply> Mcp::post(http::Exchange& exchange) {
  const auto version = http::header_of(exchange.request.headers, "mcp-protocol-version");
  if (version && !mcp::is_spoken(*version)) {
    co_return http::Response{
        .status = 400,
        .body = mcp_refusal(fmt::format("the version in MCP-Protocol-Version is not spoken; {} is",
                                        mcp::versions.front()))};
  }
  co_return co_await answer(exchange, mcp::decode(exchange.request.body));
}

Task<Reply> Mcp::answer(http::Exchange& exchange, mcp::Message message) {
  switch (message.what) {
    case mcp::What::initialize:
      co_return json_reply(mcp::encode_initialized(message.id, message.version, kai_version_));
    case mcp::What::ping: co_return json_reply(mcp::encode_pong(message.id));
    case mcp::What::tools: co_return json_reply(mcp::encode_tools(message.id));
    case mcp::What::ask: co_return co_await ask(exchange, std::move(message));
    case mcp::What::status: co_return json_reply(status(message));
    case mcp::What::cancelled:
    case mcp::What::nothing: co_return http::Response{.status = 202, .content_type = "text/plain"};
    case mcp::What::wrong: break;
  }
  auto response = json_reply(mcp::encode_error(message.id, message.code, message.error->message));
  // What is no message at all has no reply that could be 200.
  if (message.id == "null") response.status = 400;
  co_return response;
}

Task<Reply> Mcp::ask(http::Exchange& exchange, mcp::Message call) {
  if (call.error) co_return json_reply(mcp::encode_refused(call.id, *call.error));
  const auto dialect = make_mcp(call);
  call.question.stream = !call.progress.empty() && takes_streams(exchange.request);
  Reply reply = co_await answering_.converse(exchange, *dialect, std::move(call.question));
  // A tool that failed is a reply like any other: the client's model shall read why.
  if (reply) reply->status = 200;
  co_return reply;
}

std::string Mcp::status(const mcp::Message& call) const {
  if (call.error) return mcp::encode_refused(call.id, *call.error);
  answering_.look_again();
  mcp::Status status{.ready = answering_.ready(),
                     .questions = answering_.questions(),
                     .models = nullptr,
                     .loaded = {}};
  if (const Backend* backend = answering_.backend()) {
    status.models = &backend->models();
    for (const auto& running : backend->loaded()) status.loaded.push_back(running.model->id);
  }
  return mcp::encode_status(call.id, status);
}

}  // namespace kai
