// Requests of OpenAI's, Ollama's and MCP's clients: refused with a sentence, or read within their
// bounds.
#include "tests/fuzz/fuzz.h"
#include "wire/host_api.h"
#include "wire/mcp.h"
#include "wire/ollama_api.h"
#include "wire/openai.h"
#include "wire/responses.h"
#include "wire/tools.h"

namespace {

using namespace kai;

void check(const Result<wire::ChatRequest>& request, bool may_be_empty) {
  if (!request) return fuzz::check(request.error(), ErrorCode::invalid_request);
  ensure(may_be_empty || !request->messages.empty(), "a request without a question");
  ensure(request->messages.size() <= wire::chat_messages_max, "too many messages");
  ensure(request->messages.empty() || request->messages.back().role == Role::user,
         "the last word is not the user's");
  ensure(request->stop.size() <= wire::chat_stops_max, "too many stop words");
  for (const auto& word : request->stop) {
    ensure(!word.empty() && word.size() <= wire::chat_stop_bytes_max, "an odd stop word");
  }
  ensure(request->json_form.grammar.size() < 64 * 1024, "a grammar that no worker takes");
  // A host is told the form as it was made here.
  wire::HostAsk ask;
  ask.messages = request->messages;
  ask.sampling.form = request->json_form;
  for (const auto kind : {wire::HostKind::openai, wire::HostKind::ollama}) {
    ensure(fuzz::is_utf8(wire::encode_ask(kind, ask)), "a question to a host that is no UTF-8");
  }
  if (request->answer_max) {
    ensure(request->answer_max->count >= 1 && request->answer_max->count <= wire::chat_tokens_max,
           "tokens out of range");
  }
  if (request->temperature) ensure(*request->temperature >= 0 && *request->temperature <= 2, "hot");
  if (request->top_p) ensure(*request->top_p > 0 && *request->top_p <= 1, "top_p out of range");
  if (const auto beside = request->top_logprobs) {
    ensure(*beside >= 0 && *beside <= likeliest_max, "too many tokens beside one");
    ensure(!request->answer_max || *request->answer_max <= answer_max_with_odds(*beside),
           "an answer whose tokens are too many");
  }
  if (request->keep) ensure(*request->keep >= Duration::zero(), "less than no time to stay");
  if (request->deadline) ensure(*request->deadline > Duration::zero(), "no time at all");
}

// An answer of which `words` are a part, by tokens of three bytes.
Outcome written_by(const std::string& words) {
  Outcome outcome;
  outcome.answers.emplace_back().text = words;
  outcome.verdict.text = words.substr(words.size() / 2);
  if (words.size() % 2 != 0) outcome.verdict.text = words;
  for (std::size_t at = 0; at < words.size(); at += 3) {
    outcome.tokens.push_back({{words.substr(at, 3), -1}, {}});
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  check(wire::openai::decode_chat(text), false);
  check(wire::openai::decode_response_request(text), false);
  check(wire::ollama::decode_chat(wire::ollama::Form::chat, text), true);
  check(wire::ollama::decode_chat(wire::ollama::Form::generate, text), true);
  if (const auto name = wire::ollama::decode_show(text); !name) {
    fuzz::check(name.error(), ErrorCode::invalid_request);
  }
  const auto said = wire::tool_answer(text, {});
  ensure(fuzz::is_utf8(said.document.value_or("")), "a form that is no UTF-8");
  ensure(!said.document || said.text == text, "a call is not as it was written");
  const auto message = wire::mcp::decode(text);
  ensure(message.what != wire::mcp::What::wrong || message.error, "refused without a word");
  if (message.error) {
    fuzz::check(*message.error, ErrorCode::invalid_request);
  } else if (message.what == wire::mcp::What::ask) {
    check(message.question, false);
  }
  ensure(fuzz::is_utf8(wire::mcp::encode_pong(message.id)), "a reply that is no UTF-8");
  // Whatever a model is called or says, what is written is UTF-8.
  const std::string word(text.substr(0, 200));
  const wire::openai::Stamp stamp{word, word, {}, false};
  ensure(fuzz::is_utf8(wire::openai::encode_words(stamp, word, true)), "an event that is no UTF-8");
  ensure(fuzz::is_utf8(wire::ollama::encode_words({{}, word, {}}, word)),
         "a line that is no UTF-8");
  ensure(fuzz::is_utf8(wire::openai::encode_error({ErrorCode::internal, word})), "no UTF-8");
  const std::string told = wire::openai::encode_all_words(stamp, written_by(word), true);
  ensure(fuzz::is_utf8(told), "logprobs that are no UTF-8");
  ensure(word.empty() || told.contains("\"content\""), "words that are left out");
  return 0;
}
