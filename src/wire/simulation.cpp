#include "wire/simulation.h"

#include <fmt/format.h>

#include "wire/forecast.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

json::object encoded(const PcUse& use) {
  return {{"time_ms", to_ms(use.time)},
          {"gpu_busy", use.gpu_busy},
          {"cpu_busy", use.cpu_busy},
          {"gpu_peak_bytes", use.gpu_peak.count},
          {"loaded_bytes", use.loaded.count}};
}

json::object encoded(const PcTrial& trial) {
  const bool answered = trial.answered();
  json::array refused;
  for (const auto& model : trial.original_refused) refused.emplace_back(model);
  const auto if_answered = [&](json::value value) { return answered ? std::move(value) : nullptr; };
  return {{"question", trial.question},
          {"tier", to_string(trial.tier)},
          {"kind", to_string(trial.shape)},
          {"error", answered ? json::value() : json::value(trial.error)},
          {"partial", trial.partial},
          {"asked", trial.asked},
          {"heard", trial.heard},
          {"agreement", if_answered(trial.agreement)},
          {"predicted_ms", if_answered(to_ms(trial.predicted))},
          {"predicted_p90_ms", if_answered(to_ms(trial.predicted_p90))},
          {"kai", encoded(trial.kai)},
          {"kai_all_heard", if_answered(encoded(trial.kai_all))},
          {"original_same_models", if_answered(encoded(trial.same))},
          {"original_same_models_settled_ms", if_answered(to_ms(trial.same_settled))},
          {"original_all_models", if_answered(encoded(trial.original))},
          {"original_refused", std::move(refused)}};
}

}  // namespace

std::string encode_simulation(const SimulationDocument& document) {
  json::array models, questions;
  for (const auto& model : document.models) models.emplace_back(model);
  for (const auto& trial : document.trials) questions.push_back(encoded(trial));
  json::value plan;
  if (document.forecast) plan = parse(encode_forecast(*document.forecast)).value_or(json::value());
  return to_line(json::object{{"schema", "kai.simulation.v1"},
                              {"simulated", true},
                              {"pc", json::object{{"file", document.file},
                                                  {"what", document.pc.what},
                                                  {"gpu_bytes", document.pc.gpu_memory.count},
                                                  {"memory_bytes", document.pc.memory.count}}},
                              {"models", std::move(models)},
                              {"seed", fmt::format("{}", document.seed)},
                              {"plan", std::move(plan)},
                              {"questions", std::move(questions)}});
}

}  // namespace kai::wire
