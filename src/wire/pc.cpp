#include "wire/pc.h"

#include <fmt/format.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "wire/json.h"
#include "wire/repeated_key.h"

namespace kai::wire {

namespace {

using namespace std::string_view_literals;

constexpr double giga = 1e9;
constexpr double tiny = 1e-6;  // of what must be more than nothing
constexpr double large = 1e6;  // GB, GB/s, 1e9 parameters
constexpr double seconds_max = 1e6;
constexpr double flops_max = 1e20;
constexpr std::size_t models_max = 1000;
constexpr std::size_t known_max = 1000;
constexpr std::size_t known_models_max = 12;
constexpr std::size_t name_max = 60;  // bytes of one in an error
constexpr Bytes buffers{100'000'000};

constexpr std::array constants{"BWG"sv,
                               "OG"sv,
                               "BWC"sv,
                               "OC"sv,
                               "FG"sv,
                               "OPG"sv,
                               "FC"sv,
                               "PCIE_PIN"sv,
                               "PCIE_NAIVE"sv,
                               "LOAD_FIX_OPT"sv,
                               "LOAD_FIX_NAIVE"sv,
                               "UNLOAD_NAIVE"sv,
                               "RAM"sv,
                               "VRAM"sv};
constexpr std::array model_fields{"params_B"sv, "active_B"sv, "file_GB"sv, "read_GB_per_tok"sv,
                                  "kv_B_per_tok"sv};
constexpr std::array known_fields{
    "name"sv,       "models"sv,         "bound_s"sv,
    "naive_s"sv,    "naive_gpu_busy"sv, "best_s"sv,
    "best_128_s"sv, "naive_pinned_s"sv, "naive_pinned_context_640_s"sv};

// A number under a name that nobody reads would be missed by whoever wrote it.
void refuse_others(Fields& fields, std::span<const std::string_view> known) {
  for (const auto& name : fields.names()) {
    if (std::ranges::find(known, name) != known.end()) continue;
    return fields.reject(name.substr(0, name_max),
                         fmt::format("is not known; there may be {}", fmt::join(known, ", ")));
  }
}

double positive(Fields& fields, std::string_view name) {
  return fields.number(name, tiny, large);
}

Bytes gigabytes(Fields& fields, std::string_view name) {
  return Bytes(std::llround(positive(fields, name) * giga));
}

Duration duration(Fields& fields, std::string_view name) {
  return from_seconds(fields.number(name, 0, seconds_max));
}

void read_constants(Fields fields, Pc& pc) {
  refuse_others(fields, constants);
  pc.gpu = {.bandwidth = positive(fields, "BWG") * giga,
            .per_token = duration(fields, "OG"),
            .flops = fields.number("FG", 1, flops_max),
            .per_prefill = duration(fields, "OPG")};
  pc.cpu = {.bandwidth = positive(fields, "BWC") * giga,
            .per_token = duration(fields, "OC"),
            .flops = fields.number("FC", 1, flops_max),
            .per_prefill = Duration::zero()};
  pc.pinned = {.rate = positive(fields, "PCIE_PIN") * giga,
               .per_load = duration(fields, "LOAD_FIX_OPT"),
               .per_unload = Duration::zero()};
  pc.naive = {.rate = positive(fields, "PCIE_NAIVE") * giga,
              .per_load = duration(fields, "LOAD_FIX_NAIVE"),
              .per_unload = duration(fields, "UNLOAD_NAIVE")};
  pc.memory = gigabytes(fields, "RAM");
  pc.gpu_memory = gigabytes(fields, "VRAM");
  pc.buffers = buffers;
}

PcModel read_model(std::string name, Fields fields) {
  refuse_others(fields, model_fields);
  PcModel model;
  model.name = std::move(name);
  model.active = positive(fields, "active_B") * giga;
  model.parameters = fields.has("params_B") ? positive(fields, "params_B") * giga : model.active;
  model.file = gigabytes(fields, "file_GB");
  model.read_per_token = positive(fields, "read_GB_per_tok") * giga;
  model.kv_per_token = Bytes(fields.integer("kv_B_per_tok", {.min = 0, .max = 1'000'000'000}));
  return model;
}

PcKnown read_known(Fields& fields, const std::vector<PcModel>& models) {
  refuse_others(fields, known_fields);
  PcKnown known;
  known.name = fields.text("name");
  known.models = fields.texts("models");
  if (known.models.empty() || known.models.size() > known_models_max) {
    fields.reject("models", "must hold 1 to 12 names");
  }
  for (const auto& name : known.models) {
    if (std::ranges::count(known.models, name) > 1) fields.reject("models", "names one twice");
    if (std::ranges::find(models, name, &PcModel::name) != models.end()) continue;
    fields.reject("models", fmt::format("names \"{}\", which is not in \"models\"",
                                        name.substr(0, name_max)));
  }
  known.bound = from_seconds(positive(fields, "bound_s"));
  known.naive = from_seconds(positive(fields, "naive_s"));
  if (fields.has("naive_gpu_busy")) known.naive_gpu_busy = fields.number("naive_gpu_busy", 0, 1);
  known.best = from_seconds(positive(fields, "best_s"));
  const auto if_there = [&](std::string_view name) -> std::optional<Duration> {
    if (!fields.has(name)) return std::nullopt;
    return from_seconds(positive(fields, name));
  };
  known.best_short = if_there("best_128_s");
  known.naive_pinned = if_there("naive_pinned_s");
  known.naive_context_640 = if_there("naive_pinned_context_640_s");
  return known;
}

}  // namespace

Result<Pc> decode_pc(std::string_view text) {
  if (const auto twice = repeated_key(text)) {
    return fail(ErrorCode::invalid_request, fmt::format("field \"{}\" stands twice in one object",
                                                        valid_utf8(twice->substr(0, name_max))));
  }
  return decode(text, [](Fields& fields) {
    Pc pc;
    if (fields.has("what")) pc.what = fields.text("what");
    read_constants(fields.object("const"), pc);
    Fields models = fields.object("models");
    const auto names = models.names();
    if (names.empty() || names.size() > models_max) {
      fields.reject("models", "must hold 1 to 1,000 models");
      return pc;
    }
    if (std::ranges::find(names, std::string()) != names.end()) {
      fields.reject("models", "has a model without a name");
    }
    for (const auto& name : names) pc.models.push_back(read_model(name, models.object(name)));
    if (!fields.has("known")) return pc;
    auto known = fields.objects("known");
    if (known.size() > known_max) {
      fields.reject("known", "must hold at most 1,000 runs");
      return pc;
    }
    for (auto& each : known) pc.known.push_back(read_known(each, pc.models));
    return pc;
  });
}

}  // namespace kai::wire
