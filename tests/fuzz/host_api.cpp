// What hosts answer: each line a part or refused, lists and refusals within their bounds.
#include "wire/host_api.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kai;

void check_line(wire::HostKind kind, std::string_view line) {
  const auto part = wire::decode_line(kind, line);
  if (!part) return fuzz::check(part.error(), ErrorCode::invalid_request);
  if (!*part) return;
  ensure(fuzz::is_utf8((*part)->words), "words that are no UTF-8");
  ensure((*part)->odds.size() <= 64, "too many tokens of one line");
  for (const auto& odds : (*part)->odds) {
    ensure(odds.written.logprob <= 0 && odds.written.logprob >= -9999, "an odd logprob");
    ensure(odds.written.bytes.size() <= 256, "a token that is too long");
    ensure(std::ssize(odds.likeliest) <= likeliest_max, "too many tokens beside one");
  }
  const auto& usage = (*part)->usage;
  if (usage) ensure(usage->prompt.count >= 0 && usage->answer.count >= 0, "negative tokens");
}

void check_list(wire::HostKind kind, std::string_view body) {
  const auto models = wire::decode_models(kind, body);
  if (!models) return fuzz::check(models.error(), ErrorCode::invalid_request);
  ensure(models->size() <= wire::host_models_max, "too many models");
  for (const auto& model : *models) {
    ensure(!model.name.empty() && model.name.size() <= wire::host_name_max, "an odd name");
    ensure(model.parameters >= 0 && model.context_max.count >= 0, "negative facts");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  for (const wire::HostKind kind : {wire::HostKind::openai, wire::HostKind::ollama}) {
    std::size_t from = 0;
    while (from <= text.size()) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      check_line(kind, text.substr(from, end - from));
      from = end + 1;
    }
    check_list(kind, text);
  }
  if (const auto facts = wire::decode_show(text); !facts) {
    fuzz::check(facts.error(), ErrorCode::invalid_request);
  }
  const std::string refusal = wire::decode_refusal(text);
  ensure(!refusal.empty() && refusal.find('\n') == std::string::npos, "a refusal of no one line");
  ensure(fuzz::is_utf8(refusal), "a refusal that is no UTF-8");
  return 0;
}
