// models: the model files that were found, what they cost, and whether they answer.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "base/process.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/hosts.h"
#include "cli/report.h"
#include "config/nearest.h"
#include "config/units.h"
#include "coordinator/breaker.h"
#include "wire/inspection.h"

namespace kai {

namespace {

constexpr int text_columns_max = 2000;
constexpr Duration test_time = std::chrono::minutes(2);

std::string short_count(std::int64_t count) {
  if (count >= 1'000'000'000) return fmt::format("{:.1f}B", static_cast<double>(count) / 1e9);
  if (count >= 1'000'000) return fmt::format("{:.0f}M", static_cast<double>(count) / 1e6);
  return count > 0 ? std::to_string(count) : "?";
}

std::string row(std::string_view id, int id_columns, std::string_view size,
                std::string_view parameters, std::string_view quantisation,
                std::string_view context, std::string_view prior, std::string_view state) {
  return fmt::format("{}  {:>8}  {:>6}  {}  {:>7}  {:>5}  {}", padded(id, id_columns), size,
                     parameters, padded(quantisation, 14), context, prior, state);
}

std::vector<Line> host_facts_of(const ModelFacts& facts) {
  const auto known = [](std::string text) { return text.empty() ? "not told" : text; };
  return {{{"  parameters    " + short_count(facts.parameters)}},
          {{"  quantisation  " + known(one_line(facts.quantisation, 60))}},
          {{"  context       " + known(facts.context_max > Tokens{}
                                           ? fmt::format("{} tokens", facts.context_max.count)
                                           : "")}}};
}

std::vector<Line> facts_of(const ModelFacts& facts) {
  return {
      {{fmt::format("  name          {}", one_line(facts.name, text_columns_max))}},
      {{fmt::format("  architecture  {}, {} layers", one_line(facts.architecture, 60),
                    facts.layers)}},
      {{fmt::format("  parameters    {} in {}", short_count(facts.parameters),
                    one_line(facts.quantisation, 60))}},
      {{fmt::format("  context       {} tokens", facts.context_max.count)}},
      {{fmt::format("  size          {} on disk, {} loaded, {} for 1000 tokens of context, {} "
                    "of buffers",
                    short_bytes(facts.file), short_bytes(facts.weights),
                    short_bytes(facts.kv_per_token * 1000), short_bytes(facts.buffers))}},
      {{fmt::format("  template      {}", facts.chat_template ? "its own" : "none of its own")}}};
}

Line cost_line(const CostCard& card, bool host) {
  const std::string origin =
      card.measured == 0 ? "estimated" : fmt::format("measured {} times", card.measured);
  if (host) {
    return {{fmt::format(
        "  on {:<10} begins after {:.1f} s, reads {:.0f} tokens/s, writes {:.0f} "
        "tokens/s ({})",
        card.device.text, seconds(card.load), card.prefill_rate, card.decode_rate, origin)}};
  }
  return {
      {fmt::format("  on {:<10} {}, loads in {:.1f} s, reads {:.0f} tokens/s, writes {:.0f} "
                   "tokens/s ({})",
                   card.device.text, short_bytes(card.weights + card.buffers), seconds(card.load),
                   card.prefill_rate, card.decode_rate, origin)}};
}

Error unknown_model(const std::string& name, const std::vector<Model>& models) {
  std::vector<std::string> ids;
  for (const auto& model : models) ids.push_back(model.id.text);
  const auto meant = nearest(name, ids);
  return {ErrorCode::not_found,
          fmt::format("there is no model \"{}\"{}; `kai models` lists them all", one_line(name, 80),
                      meant.empty() ? "" : " (did you mean " + meant + "?)")};
}

std::string_view name_of(const SeenHost& host) {
  return host.options.name;
}

// Why a host is out stands below the table.
void add_seen(const std::vector<SeenHost>& hosts, const Config& config, Found& found) {
  for (const auto& host : hosts) {
    add_host_models(found.models, config.fleet, host.options.name, host.view);
    if (!host.view.out.empty()) found.notes.push_back(host.view.out);
  }
}

// A file that is no known model: what the worker says of it.
int show_file(const std::string& path, const Config& config, Terminal& terminal) {
  const std::string whole = std::filesystem::absolute(path).string();
  const auto said = run_process({config.fleet.worker, "inspect", whole}, config.fleet.inspect_max);
  if (!said) return tell_error(said.error(), terminal);
  const auto facts = wire::decode_inspection(said->text);
  if (!facts) return tell_error(facts.error(), terminal);
  terminal.out(one_line(whole, text_columns_max));
  for (const auto& line : facts_of(*facts)) terminal.out(paint(line, false));
  return exit_status::ok;
}

}  // namespace

int list_models(const Config& config, Terminal& terminal) {
  const auto store = open_store(config.store);
  const auto hosts = look_at_hosts(config);
  if (!hosts) return tell_error(hosts.error(), terminal);
  auto found = find_models(config.fleet, *store, inspect_teller(terminal));
  terminal.clear_live();
  add_seen(*hosts, config, found);
  boost::asio::io_context io;
  const WallTime now = make_real_clock(io.get_executor())->wall();
  Breaker breaker(config.coordinator.breaker);
  breaker.remember(store->deaths().value_or(std::vector<Deaths>()));
  for (const auto& host : *hosts) breaker.note_host(DeviceId(host.options.name));
  const auto state_of = [&](const Model& model) -> std::string {
    if (!model.refused.empty()) return "refused: " + one_line(model.refused, text_columns_max);
    const auto host = std::ranges::find(*hosts, model.host.text, name_of);
    if (host != hosts->end() && !host->view.out.empty()) return "its host is out";
    const auto out = breaker.out(model.id, now);
    return out.empty() ? "usable" : "rests: " + one_line(out, text_columns_max);
  };
  int columns = 5;
  for (const auto& model : found.models) {
    columns = std::clamp(columns_of(one_line(model.id.text, 48)), columns, 48);
  }
  std::string table;
  if (!found.models.empty()) {
    table =
        row("MODEL", columns, "SIZE", "PARAMS", "QUANTISATION", "CONTEXT", "PRIOR", "STATE") + '\n';
  }
  for (const auto& model : found.models) {
    const ModelFacts& facts = model.facts;
    const bool unknown = facts.file == Bytes{};  // a host does not tell
    table += row(one_line(model.id.text, 48), columns, unknown ? "-" : short_bytes(facts.file),
                 short_count(facts.parameters), one_line(facts.quantisation, 14),
                 facts.context_max.count > 0 ? std::to_string(facts.context_max.count) : "?",
                 fmt::format("{:.2f}", model.prior), state_of(model)) +
             '\n';
  }
  if (!table.empty()) terminal.out(table);
  for (const auto& note : found.notes) terminal.err("kai: " + one_line(note, text_columns_max));
  if (found.models.empty() && hosts->empty()) {
    terminal.err(
        fmt::format("kai: there is no model; put GGUF files into {}, or run `make ask` in "
                    "kai's sources, which fetches two small ones",
                    config.fleet.folders.empty() ? "a folder named by KAI_MODELS"
                                                 : config.fleet.folders.front()));
  }
  const bool usable = std::ranges::any_of(found.models, &std::string::empty, &Model::refused);
  return usable ? exit_status::ok : exit_status::no_model;
}

int show_model(const std::string& name, const Config& config, Terminal& terminal) {
  const auto store = open_store(config.store);
  Fleet fleet;
  const auto hosts = look_at_hosts(config);
  if (!hosts) return tell_error(hosts.error(), terminal);
  fleet.models = find_models(config.fleet, *store, inspect_teller(terminal)).models;
  terminal.clear_live();
  const bool files = !fleet.models.empty();
  add_hosts(fleet, config.fleet, *hosts);
  std::error_code ignored;
  const bool is_file = std::filesystem::exists(name, ignored);
  const auto path = is_file ? std::filesystem::weakly_canonical(name, ignored).string() : name;
  const auto model = std::ranges::find_if(fleet.models, [&](const Model& known) {
    return known.id.text == name || known.path == path;
  });
  if (model == fleet.models.end()) {
    if (is_file) return show_file(name, config, terminal);
    return tell_error(unknown_model(name, fleet.models), terminal);
  }
  terminal.out(one_line(model->id.text, text_columns_max));
  const auto host = std::ranges::find(*hosts, model->host.text, name_of);
  terminal.out(host == hosts->end() ? "  file          " + one_line(model->path, text_columns_max)
                                    : fmt::format("  host          {}, which calls it {}",
                                                  device_of(host->options).name,
                                                  one_line(model->host_name, text_columns_max)));
  if (host != hosts->end() && !host->view.out.empty()) {
    terminal.out("  out           " + one_line(host->view.out, text_columns_max));
  }
  for (const auto& line : model->remote() ? host_facts_of(model->facts) : facts_of(model->facts)) {
    terminal.out(paint(line, false));
  }
  terminal.out(fmt::format("  prior         {:.2f}", model->prior));
  if (!model->refused.empty()) {
    terminal.out("  refused       " + one_line(model->refused, text_columns_max));
    return exit_status::ok;
  }
  auto devices = files ? find_devices(config.fleet) : std::vector<Device>();
  if (devices) fleet.devices.insert(fleet.devices.begin(), devices->begin(), devices->end());
  recall_speeds(fleet.devices, *store);
  for (const auto& card : known_cards(fleet, *store)) {
    if (card.model == model->id) terminal.out(paint(cost_line(card, host != hosts->end()), false));
  }
  return exit_status::ok;
}

int test_model(const std::string& name, std::optional<Duration> deadline, const Config& config,
               Terminal& terminal) {
  auto session = open_session(config, terminal, false);
  if (!session) return tell_error(session.error(), terminal);
  const auto& models = (*session)->fleet().models;
  const auto model =
      std::ranges::find(models, name, [](const Model& known) -> auto& { return known.id.text; });
  if (model == models.end()) return tell_error(unknown_model(name, models), terminal);
  if (!model->refused.empty()) {
    return tell_error({ErrorCode::model_refused, model->refused}, terminal);
  }
  AskOptions options;
  options.members = {model->id};
  options.deadline = deadline.value_or(test_time);
  options.tier = Tier::simple;
  Interrupts interrupts((*session)->io());
  Query query = (*session)->new_query({{Role::user, "What is the capital of France?"}});
  const Outcome outcome =
      ask_watched(**session, with_options(std::move(query), options), options, terminal, interrupts)
          .outcome;
  // Whether what it says is any good is not the question here.
  const bool spoke = !outcome.answers.empty() && outcome.answers.front().usage.answer.count > 0;
  if (!spoke) {
    return tell_error(outcome.error.value_or(Error{ErrorCode::internal, "it said nothing"}),
                      terminal);
  }
  const Answer& answer = outcome.answers.front();
  terminal.out(inert(answer.text));
  if (model->remote()) {  // it tells no more
    terminal.out(fmt::format("  on {}: its first word came after {:.2f} s, {} tokens in {:.2f} s",
                             model->host.text, seconds(answer.timings.ttft),
                             answer.usage.answer.count, seconds(answer.timings.total)));
    return exit_status::ok;
  }
  terminal.out(fmt::format(
      "  loaded in {:.1f} s ({}), read {} tokens in {:.2f} s, wrote {} in {:.2f} s ({:.0f}/s)",
      seconds(answer.timings.load), short_bytes(answer.weights + answer.buffers),
      answer.usage.prompt.count, seconds(answer.timings.prefill), answer.usage.answer.count,
      seconds(answer.timings.decode),
      answer.timings.decode > Duration::zero()
          ? static_cast<double>(answer.usage.answer.count) / seconds(answer.timings.decode)
          : 0.0));
  return exit_status::ok;
}

}  // namespace kai
