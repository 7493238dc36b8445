// bench models: each model on each device, alone: what loading, reading and writing cost here.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/measurement_table.h"
#include "wire/forecast.h"

namespace kai {

namespace {

constexpr Duration model_time = std::chrono::seconds(60);
constexpr int name_columns_max = 48;
constexpr int sentence_columns_max = 2000;

struct Pair {
  ModelId model;
  DeviceId device;
};

// Whom to measure where: the named models, or all that can be asked. Errors: not_found,
// model_refused (both name the model), no_members.
Result<std::vector<Pair>> pairs_of(const std::vector<std::string>& names, const Fleet& fleet) {
  for (const auto& name : names) {
    const auto model = std::ranges::find(fleet.models, ModelId(name), &Model::id);
    if (model == fleet.models.end()) {
      return fail(ErrorCode::not_found,
                  fmt::format("there is no model \"{}\"; `kai models` lists them all", name));
    }
    if (!model->refused.empty()) {
      return fail(ErrorCode::model_refused, fmt::format("{}: {}", name, model->refused));
    }
    if (model->remote()) {
      return fail(ErrorCode::invalid_request,
                  fmt::format("{} is a host's; what it costs is learned from its answers", name));
    }
  }
  std::vector<Pair> pairs;
  for (const auto& model : fleet.models) {
    const bool named = names.empty() || std::ranges::count(names, model.id.text) > 0;
    if (!named || !model.refused.empty() || model.remote()) continue;
    for (const auto& device : devices_here(fleet)) pairs.push_back({model.id, device});
  }
  if (pairs.empty()) {
    return fail(ErrorCode::no_members, "no usable model; run `kai models` to see why");
  }
  return pairs;
}

int refuse(const Error& error, bool json, Terminal& terminal) {
  AskOptions options;
  options.json = json;
  return refuse(error, options, terminal);
}

// Measures one after the other until the end or an interrupt, drawing where it is.
class ModelsBench {
 public:
  ModelsBench(Session& session, Terminal& terminal, Duration limit)
      : session_(session), terminal_(terminal), limit_(limit), interrupts_(session.io()) {}

  // Errors: as Session::measure(), but for an interrupt, which only ends it.
  Result<std::vector<Measurement>> measure(const std::vector<Pair>& pairs);
  bool interrupted() const { return interrupts_.count() > 0; }

 private:
  Session& session_;
  Terminal& terminal_;
  Duration limit_;
  Interrupts interrupts_;
};

Result<std::vector<Measurement>> ModelsBench::measure(const std::vector<Pair>& pairs) {
  std::vector<Measurement> measured;
  for (std::size_t index = 0; index < pairs.size() && !interrupted(); ++index) {
    const Pair& pair = pairs[index];
    const Time began = session_.clock().now();
    std::string step = "starting";
    const auto draw = [&] {
      terminal_.draw_live({{fmt::format("  {} of {} · {} on {} · {} · {:.0f} s", index + 1,
                                        pairs.size(), one_line(pair.model.text, name_columns_max),
                                        pair.device.text, one_line(step, name_columns_max),
                                        seconds(session_.clock().now() - began))}});
    };
    const Session::Watch watch{[](const Event&) {}, draw,
                               [this] {
                                 terminal_.clear_live();
                                 ::_exit(exit_status::interrupted);
                               }};
    auto one = session_.measure(
        {pair.model, pair.device, limit_, [&step](std::string what) { step = std::move(what); }},
        watch, interrupts_);
    terminal_.clear_live();
    if (one) {
      measured.push_back(*std::move(one));
    } else if (!interrupted()) {
      return std::unexpected(one.error());
    }
  }
  return measured;
}

}  // namespace

int run_bench_models(const Invocation& invocation, const Config& config, Terminal& terminal) {
  const bool json = invocation.json;
  auto session = open_session(config, terminal, false);
  if (!session) return refuse(session.error(), json, terminal);
  const auto pairs = pairs_of(invocation.ask.words, (*session)->fleet());
  if (!pairs) return refuse(pairs.error(), json, terminal);
  ModelsBench bench(**session, terminal, invocation.ask.deadline.value_or(model_time));
  const auto measured = bench.measure(*pairs);
  if (!measured) return refuse(measured.error(), json, terminal);
  if (json) {
    terminal.out(wire::encode_measurements({*measured, bench.interrupted()}));
  } else {
    for (const auto& line : measurement_lines(*measured)) terminal.out(line);
  }
  const Store& store = (*session)->store();
  for (const auto& warning : {store.notice(), store.fault()}) {
    if (!warning.empty()) terminal.err("kai: " + one_line(warning, sentence_columns_max));
  }
  if (bench.interrupted()) {
    terminal.err(fmt::format("kai: interrupted; {} of {} measured and kept", measured->size(),
                             pairs->size()));
    return exit_status::interrupted;
  }
  const bool all = std::ranges::all_of(*measured, &std::string::empty, &Measurement::fault);
  return all ? exit_status::ok : exit_status::failed;
}

}  // namespace kai
