// Documents that come from disk, from a worker's output or from Ollama's store.
#include "wire/documents.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"
#include "wire/alerts.h"
#include "wire/asked.h"
#include "wire/bench_rows.h"
#include "wire/comparison.h"
#include "wire/inspection.h"
#include "wire/machine.h"
#include "wire/metrics_documents.h"
#include "wire/ollama_manifest.h"
#include "wire/pc.h"
#include "wire/story.h"

namespace {

using namespace kai;

void facts(std::string_view text) {
  const auto facts = wire::decode_facts(text);
  if (!facts) return fuzz::check(facts.error(), ErrorCode::invalid_request);
  const std::string line = wire::encode_facts(*facts);
  const auto back = wire::decode_facts(line);
  ensure(back && wire::encode_facts(*back) == line, "facts that do not read back");
}

void inspection(std::string_view text) {
  const auto facts = wire::decode_inspection(text);
  if (facts || facts.error().code == ErrorCode::model_refused) return;
  fuzz::check(facts.error(), ErrorCode::invalid_request);
}

void check(const wire::OllamaBlob& blob) {
  const auto digits =
      std::string_view(blob.file).substr(std::min<std::size_t>(7, blob.file.size()));
  ensure(blob.file.starts_with("sha256-") && digits.size() == 64 &&
             std::ranges::all_of(digits, [](char c) { return c != '/' && c != '.' && c != '\0'; }),
         "a blob's name that could lead elsewhere");
  ensure(blob.size >= Bytes{}, "a blob of less than nothing");
}

void manifest(std::string_view text) {
  const auto manifest = wire::decode_ollama_manifest(text);
  if (!manifest) return fuzz::check(manifest.error(), ErrorCode::invalid_request);
  check(manifest->model);
  if (manifest->params) check(*manifest->params);
}

void story(std::string_view text) {
  const auto story = wire::tell_story(text);
  if (!story) return fuzz::check(story.error(), ErrorCode::invalid_request);
  ensure(fuzz::is_utf8(*story), "a story that is no UTF-8");
}

void pretty(std::string_view text) {
  const std::string shown = wire::pretty(text);
  ensure(shown == text || fuzz::is_utf8(shown), "an indented document that is no UTF-8");
  ensure(shown.size() <= 100 * text.size() + 100, "indented out of all proportion");
}

void pc(std::string_view text) {
  const auto pc = wire::decode_pc(text);
  if (!pc) return fuzz::check(pc.error(), ErrorCode::invalid_request);
  ensure(!pc->models.empty() && pc->gpu_memory > Bytes{}, "a PC of nothing");
  ensure(pc->gpu.bandwidth > 0 && pc->cpu.bandwidth > 0 && pc->naive.rate > 0,
         "a PC without speed");
  for (const auto& model : pc->models) {
    ensure(!model.name.empty() && std::ranges::count(pc->models, model.name, &PcModel::name) == 1,
           "a model that cannot be named");
  }
}

void rest(std::string_view text) {
  const auto stop = wire::decode_ollama_stop(text);
  if (!stop) fuzz::check(stop.error(), ErrorCode::invalid_request);
  const auto first = wire::first_token_of(text);
  if (first) ensure(first->ttft > Duration::zero(), "a first token that never came");
  const auto asked = wire::decode_asked(text);
  if (!asked) fuzz::check(asked.error(), ErrorCode::invalid_request);
  const auto comparison = wire::decode_comparison(text);
  if (!comparison) return fuzz::check(comparison.error(), ErrorCode::invalid_request);
  for (const auto& arm : comparison->comparison.arms) {
    ensure(arm.right <= arm.marked, "more right answers than answers");
  }
}

// What is told of the machine, and read by kai top and kai alerts.
void measured(std::string_view text) {
  if (const auto gpus = wire::decode_gpu_readings(text)) {
    for (const auto& gpu : *gpus) {
      const double share = gpu.utilization.value_or(0);
      ensure(share >= 0 && share <= 1, "a GPU that is busier than busy");
      ensure(gpu.memory_used.has_value() == gpu.memory_total.has_value() &&
                 gpu.memory_used.value_or(Bytes()) <= gpu.memory_total.value_or(Bytes()),
             "more memory used than there is");
    }
  }
  if (const auto columns = wire::decode_history_columns(text)) {
    for (const auto& column : columns->columns) {
      ensure(column.values.size() == columns->times.size(), "columns of different lengths");
    }
  }
  if (const auto alerts = wire::decode_alerts(text)) {
    ensure(fuzz::is_utf8(wire::encode(*alerts)), "alerts that are no UTF-8");
  }
  const auto silence = wire::decode_silence(text);
  ensure(!silence || silence->length >= Duration::zero(), "a silence of less than nothing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  facts(text);
  inspection(text);
  manifest(text);
  story(text);
  pretty(text);
  pc(text);
  rest(text);
  measured(text);
  return 0;
}
