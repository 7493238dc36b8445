// serve: kai as a server. It listens before it knows its models, so that whoever starts it knows
// at once where it is; questions are answered once it does.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <set>

#include "api/api.h"
#include "api/guard.h"
#include "api/stdio.h"
#include "base/telling_faults.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interrupts.h"
#include "cli/native_backend.h"
#include "cli/running_models.h"
#include "cli/runtime_folder.h"
#include "cli/server_file.h"
#include "cli/server_monitor.h"
#include "cli/service.h"
#include "cli/session.h"
#include "cli/upkeep_backend.h"
#include "keys/key_file.h"

namespace kai {

namespace {

constexpr int sentence_columns_max = 2000;
constexpr Duration look_every = std::chrono::seconds(1);

http::Limits limits_of(const ServeOptions& options) {
  http::Limits limits;
  limits.body_max = options.body_max;
  limits.connections_max = options.connections_max;
  return limits;
}

// A connection is a descriptor: as many as the system allows at all.
void raise_descriptors_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

OtlpOptions otlp_of(const Config& config) {
  OtlpOptions otlp = config.otlp;
  for (const auto& engine : config.engines) otlp.servers[engine.name] = {engine.host, engine.port};
  return otlp;
}

class Serving {
 public:
  Serving(const Config& config, std::string_view version,
          const std::function<Result<Config>()>& reread, Terminal& terminal)
      : config_(config),
        start_(config),
        reread_(reread),
        terminal_(terminal),
        keys_(*clock_, key_file_in(config.store.folder)),
        api_(io_.get_executor(), *clock_, config.serve, std::string(version), &keys_),
        monitor_(io_.get_executor(), *clock_,
                 {std::string(version), config.fleet.worker, config.webhook, otlp_of(config),
                  config.store.folder, [this](const std::string& notice) { tell({notice}); }},
                 [this] { return standing(); }) {
    terminal.log_to_err();
    api_.watch(monitor_.backend());
    api_.on_fault([this](const std::string& sentence) { tell({sentence}); });
    api_.trust(hash_of(own_secret_));
  }

  int run();
  int run_mcp();

 private:
  Result<> listen();
  Result<> find_models();
  void run_until_interrupted();
  void run_some();
  void between_steps();
  void stop();
  template <class T>
  void finish(Task<T> task);
  void check_second_interrupt() const;
  static Task<bool> served(Stdio* stdio);
  Task<Outcome> answer(Query query, OnEvent on_event);
  Monitor::Standing standing();
  void look_again();
  void tell(const std::vector<std::string>& sentences);
  void hear_hangup();
  void tell_ready() const;

  Result<wire::native::Reloaded> reload();
  NativeBackend native();

  Config config_;       // as read last
  const Config start_;  // what counts only at a start
  const std::function<Result<Config>()> reread_;
  Terminal& terminal_;
  boost::asio::io_context io_{1};
  std::unique_ptr<Clock> clock_ = make_real_clock(io_.get_executor());
  Interrupts interrupts_{io_, [this] { hear_hangup(); }};
  const std::string own_secret_ = new_secret();  // of this user's own commands
  KeyWatch keys_;
  Api api_;
  ServerMonitor monitor_;
  Failures failures_;
  std::unique_ptr<Session> session_;  // nothing: its models are being looked at
  bool answered_ = false;             // a question, and nothing was learned since
  std::set<Shape> judged_;            // of which feedback is not learned from yet
  Time looked_{};                     // at the models, for whoever watches
  http::Address address_{"", 0};      // where it listens, whatever the configuration says by now
  std::unique_ptr<http::Server> server_;
  Service service_;
  TaskGroup<bool> watchdog_{io_.get_executor()};
  std::unique_ptr<ServerFile> file_;  // nothing: it is not ready, or stops
};

int Serving::run() {
  raise_descriptors_max();
  // Before an address is said that would be gone a moment later.
  if (auto fit = RuntimeFolder::prepare(config_.runtime_folder); !fit) {
    return tell_error(fit.error(), terminal_);
  }
  if (auto listening = listen(); !listening) return tell_error(listening.error(), terminal_);
  auto found = find_models();
  if (found) {
    file_ = ServerFile::write(config_, {address_, own_secret_});
    tell_ready();
    watchdog_.start(telling_faults(service_.keep_alive(*clock_), "systemd is told nothing",
                                   [this](const std::string& fault) { tell({fault}); }));
    run_until_interrupted();
  }
  stop();
  return found ? exit_status::ok : tell_error(found.error(), terminal_);
}

// For the program that has started this one, over its standard input and output.
int Serving::run_mcp() {
  if (auto found = find_models(); !found) return tell_error(found.error(), terminal_);
  Stdio stdio(io_.get_executor(), *clock_, [this](http::Exchange& exchange, auto message) {
    return api_.call(exchange, std::move(message));
  });
  TaskGroup<bool> client(io_.get_executor());
  client.start(served(&stdio));
  while (client.running() > 0) {
    run_some();
    if (interrupts_.count() > 0) client.cancel_all();
    check_second_interrupt();
  }
  finish(monitor_.stop());
  return exit_status::ok;
}

Task<bool> Serving::served(Stdio* stdio) {
  co_await stdio->run();
  co_return true;
}

// Errors: invalid_config, storage (the port cannot be had).
Result<> Serving::listen() {
  const ServeOptions& options = config_.serve;
  if (!keys_.fault().empty()) return fail(ErrorCode::invalid_config, keys_.fault());
  if (auto good = check_serve(options, !keys_.keys().empty()); !good) return good;
  address_ = {options.address, static_cast<std::uint16_t>(options.port)};
  auto server = http::serve(
      io_.get_executor(), *clock_, address_,
      [this](http::Exchange& exchange) { return api_.handle(exchange); }, limits_of(options),
      Api::refuse);
  if (!server) return std::unexpected(std::move(server.error()));
  server_ = std::move(*server);
  address_.port = server_->port();
  terminal_.out(fmt::format("kai serves at http://{}", to_string(address_)));
  return {};
}

// Meanwhile requests are served between two files.
Result<> Serving::find_models() {
  const OnInspect teller = inspect_teller(terminal_);
  auto session = Session::open(
      config_,
      [&](const std::string& path, int done, int total) {
        teller(path, done, total);
        io_.poll();
        // Nobody is answered yet.
        if (interrupts_.count() > 0) ::_exit(exit_status::interrupted);
      },
      io_);
  terminal_.clear_live();
  if (!session) return std::unexpected(std::move(session.error()));
  session_ = std::move(*session);
  tell(session_->notes());
  tell({session_->store().notice(), session_->store().fault()});
  monitor_.begin(session_->store());
  session_->keep_house([this](const std::string& notice) { tell({notice}); });
  api_.open(
      {.new_query =
           [this](std::vector<Message> messages) {
             return session_->new_query(std::move(messages));
           },
       .answer = [this](Query query,
                        OnEvent on_event) { return answer(std::move(query), std::move(on_event)); },
       .models = [this]() -> const std::vector<Model>& { return session_->fleet().models; },
       .loaded = [this] { return running_models(*session_, start_.house.idle_unload); },
       .stay = [this](const ModelId& model,
                      std::optional<Duration> length) { session_->stay(model, length); },
       .look_again = [this] { look_again(); },
       .embed =
           [this](ModelId model, std::vector<std::string> texts, Time until) {
             return session_->embed(std::move(model), std::move(texts), until);
           }},
      native());
  api_.keep_up(upkeep_backend(*session_, failures_, [this]() -> const Config& { return config_; }));
  const auto& models = session_->fleet().models;
  const auto usable =
      std::ranges::count_if(models, [](const Model& model) { return model.refused.empty(); });
  terminal_.err(
      fmt::format("kai: ready, {} of {} models can be asked; Ctrl-C ends", usable, models.size()));
  return {};
}

void Serving::run_until_interrupted() {
  while (interrupts_.count() == 0) run_some();
}

// Of a fault the others know nothing: they go on.
void Serving::run_some() {
  const auto told = [this](const std::string& fault) { tell({fault}); };
  io_.restart();
  tell_faults([this] { io_.run_one(); }, told);
  tell_faults([this] { between_steps(); }, told);
}

void Serving::between_steps() {
  // It waits for the disk: not while somebody is answered.
  if (answered_ && api_.questions() == 0) {
    answered_ = false;
    tell(session_->learn());
  }
  if (!judged_.empty() && api_.questions() == 0) {
    tell(session_->learn_from_feedback(judged_.extract(judged_.begin()).value()));
  }
  if (clock_->now() < looked_ + look_every) return;
  looked_ = clock_->now();
  api_.look_at_models();
}

// What is being answered may end; nothing new comes in.
void Serving::stop() {
  file_.reset();
  service_.stopping("kai stops");
  api_.close();
  if (api_.questions() > 0) {
    terminal_.err(fmt::format("kai: stopping behind {} question{}; once more ends at once",
                              api_.questions(), api_.questions() == 1 ? "" : "s"));
  }
  const Time until = clock_->now() + config_.serve.drain_max;
  finish(api_.settle(until));
  finish(server_->drain(until));
  finish(server_->stop());
  finish(monitor_.stop());
  finish(watchdog_.join());
}

// Runs a task to its end.
template <class T>
void Serving::finish(Task<T> task) {
  bool done = false;
  boost::asio::co_spawn(io_, std::move(task), [&done](std::exception_ptr fault, auto&&...) {
    done = true;
    if (fault) std::rethrow_exception(fault);
  });
  while (!done) {
    io_.restart();
    tell_faults([this] { io_.run_one(); }, [this](const std::string& fault) { tell({fault}); });
    check_second_interrupt();
  }
}

// At once: the workers see the end of their standard input and go by themselves.
void Serving::check_second_interrupt() const {
  if (interrupts_.count() > 1) ::_exit(exit_status::interrupted);
}

Task<Outcome> Serving::answer(Query query, OnEvent on_event) {
  Outcome outcome = co_await session_->answer(std::move(query), std::move(on_event));
  monitor_.take(outcome);
  session_->count(outcome);
  answered_ = true;
  failures_.take(outcome, clock_->wall());
  co_return outcome;
}

Monitor::Standing Serving::standing() {
  Monitor::Standing standing{.running = api_.questions(), .waiting = api_.waiting()};
  const Gate::Counts& away = api_.sent_away();
  standing.refused = {{"foreign", away.foreign},
                      {"unauthorized", away.unauthorized},
                      {"forbidden", away.forbidden},
                      {"too_often", away.too_often}};
  if (!session_) return standing;
  const auto broken = session_->broken();
  const auto residents = session_->residents();
  for (const auto& model : session_->fleet().models) {
    const auto resident = std::ranges::find(residents, model.id, &Session::Resident::model);
    standing.models.push_back(
        {model.id, !model.refused.empty(), std::ranges::count(broken, model.id) > 0,
         resident == residents.end() ? std::nullopt : std::optional(resident->bytes)});
  }
  standing.history_dropped = session_->store().dropped();
  return standing;
}

// A file dropped into the folder is a model from the next question or listing on. Nobody else is
// served while a new one is inspected, some 0.1 s.
void Serving::look_again() {
  for (const auto& id : session_->look_again([](auto&&...) {})) {
    const auto& models = session_->fleet().models;
    const bool here = std::ranges::find(models, id, &Model::id) != models.end();
    tell({id.text + (here ? " is new or has changed" : " is gone")});
  }
}

// Errors: invalid_config, and nothing has changed.
Result<wire::native::Reloaded> Serving::reload() {
  auto config = reread_();
  if (!config) return std::unexpected(config.error());
  keys_.look();
  if (!keys_.fault().empty()) return fail(ErrorCode::invalid_config, keys_.fault());
  if (auto good = check_serve(config->serve, !keys_.keys().empty()); !good) {
    return std::unexpected(good.error());
  }
  auto reloaded = sorted_by_effect(changed_keys(config_, *config));
  reloaded.next_start = sorted_by_effect(changed_keys(start_, *config)).next_start;
  session_->use(*config);
  api_.use(config->serve);
  config_ = *std::move(config);
  // One that runs by half of a configuration is not what `kai ask` would be by the whole.
  file_ =
      reloaded.next_start.empty() ? ServerFile::write(config_, {address_, own_secret_}) : nullptr;
  return reloaded;
}

// As `systemctl reload` sends it.
void Serving::hear_hangup() {
  if (!session_) return tell({"the models are still being looked at; reload again"});
  service_.reloading(clock_->now());
  const auto reloaded = reload();
  tell_ready();
  if (!reloaded) return tell({reloaded.error().message, "the configuration stays as it was"});
  tell({fmt::format(
      "the configuration was read again; changed: {}{}",
      reloaded->at_once.empty() ? "nothing that counts at once"
                                : fmt::format("{}", fmt::join(reloaded->at_once, ", ")),
      reloaded->next_start.empty()
          ? ""
          : fmt::format("; at the next start: {}", fmt::join(reloaded->next_start, ", ")))});
}

void Serving::tell_ready() const {
  service_.ready(fmt::format("kai serves at http://{}", to_string(address_)));
}

NativeBackend Serving::native() {
  NativeBackend backend = native_backend(*session_, [this](Shape shape, Feedback::Kind kind) {
    judged_.insert(shape);
    monitor_.take(kind);
  });
  backend.reload = [this] { return reload(); };
  return backend;
}

void Serving::tell(const std::vector<std::string>& sentences) {
  for (const auto& sentence : sentences) {
    if (!sentence.empty()) terminal_.err("kai: " + one_line(sentence, sentence_columns_max));
  }
}

}  // namespace

int run_serve(const Config& config, std::string_view version,
              const std::function<Result<Config>()>& reread, Terminal& terminal) {
  return Serving(config, version, reread, terminal).run();
}

int run_mcp(const Config& config, std::string_view version,
            const std::function<Result<Config>()>& reread, Terminal& terminal) {
  return Serving(config, version, reread, terminal).run_mcp();
}

}  // namespace kai
