#include "api/refusals.h"

#include <string>

#include "api/mcp.h"
#include "api/native.h"
#include "wire/documents.h"
#include "wire/ollama_api.h"
#include "wire/openai.h"

namespace kai {

namespace {

enum class Form : std::uint8_t { openai, ollama, native, mcp };

Form form_of(std::string_view path) {
  if (path.starts_with("/api/v1/")) return Form::native;
  if (path == "/mcp") return Form::mcp;
  return path.starts_with("/api/") ? Form::ollama : Form::openai;
}

std::string body_of(std::string_view path, const Error& error) {
  switch (form_of(path)) {
    case Form::native: return wire::encode_error(error);
    case Form::mcp: return mcp_refusal(error.message);
    case Form::ollama: return wire::ollama::encode_error(error);
    case Form::openai: break;
  }
  return wire::openai::encode_error(error);
}

}  // namespace

http::Response refused(std::string_view path, const Error& error) {
  if (form_of(path) == Form::native) return native_refusal(error);
  return refusal(error, body_of(path, error));
}

http::Response denied(std::string_view path, wire::Denied why, std::string_view sentence) {
  const Form form = form_of(path);
  const bool unknown = why == wire::Denied::unauthorized;
  http::Response response{.status = unknown ? 401 : 403};
  response.body = form == Form::openai ? wire::encode_denied_openai(why, sentence)
                  : form == Form::native
                      ? wire::encode_denied_native(why, sentence)
                      : body_of(path, {ErrorCode::invalid_request, std::string(sentence)});
  // Not Basic, which is taken too: a browser would show a form of its own, over the page's.
  if (unknown) response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"kai\""});
  return response;
}

http::Response too_often(std::string_view path, std::string_view sentence, Duration wait) {
  const Error error{ErrorCode::overloaded, std::string(sentence)};
  return refusal(error, body_of(path, error), wait);
}

}  // namespace kai
