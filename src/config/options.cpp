#include "config/options.h"

#include <fmt/format.h>

#include "api/guard.h"
#include "config/setting_forms.h"

namespace kai {

namespace {

constexpr std::array<std::string_view, 4> tier_names{"simple", "medium", "complex", "expert"};

void add_tiers(std::vector<Setting>& table) {
  using namespace std::chrono_literals;
  for (std::size_t tier = 0; tier < tier_names.size(); ++tier) {
    const auto key = [&](std::string_view name) {
      return fmt::format("tiers.{}.{}", tier_names[tier], name);
    };
    const auto of = [tier](auto member) {
      return [tier, member](auto& config) -> auto& {
        return config.coordinator.planner.tiers[tier].*member;
      };
    };
    table.push_back(ranged(key("members_min"), Range{1, 12}, "members asked, at least",
                           of(&TierOptions::members_min)));
    table.push_back(ranged(key("members_max"), Range{1, 12}, "members asked, at most",
                           of(&TierOptions::members_max)));
    table.push_back(ranged(key("timeout"), Range<Duration>{1s, 1h},
                           "deadline of the whole question", of(&TierOptions::timeout)));
    table.push_back(ranged(key("member_timeout"), Range<Duration>{1s, 1h},
                           "of one member from its turn on; never beyond the question's",
                           of(&TierOptions::member_timeout)));
    table.push_back(ranged(key("aim"), Range<Duration>{1s, 1h},
                           "by when the last member shall have answered, where enough can",
                           of(&TierOptions::aim)));
    table.push_back(ranged(key("answer_max"), Range{Tokens(1), Tokens(32768)},
                           "tokens of one member's answer", of(&TierOptions::answer_max)));
  }
}

void add_decisions(std::vector<Setting>& table) {
  const auto planner = [](auto member) {
    return [member](auto& config) -> auto& { return config.coordinator.planner.*member; };
  };
  table.push_back(ranged("planner.samples_per_model_max", Range{1, 16},
                         "voices of one model where models are few",
                         planner(&PlannerOptions::samples_per_model_max)));
  table.push_back(ranged("planner.sample_temperature", Range{0.0, 2.0},
                         "temperature of a model's second and further voices",
                         planner(&PlannerOptions::sample_temperature)));
  table.push_back(ranged("planner.time_margin", Range{0.0, 0.5},
                         "share of the deadline kept free when planning",
                         planner(&PlannerOptions::time_margin)));
  table.push_back(
      yes_no("planner.splits",
             "a model larger than a GPU lies on GPU and CPU; not yet tried on a real GPU",
             planner(&PlannerOptions::splits)));
  table.push_back(texts(
      "planner.chat_tasks",
      [](std::string_view text) { return !text.empty() && text.size() <= 200; },
      "a beginning of 1 to 200 bytes",
      "how questions begin that chat programs ask for themselves, such as titles and tags: one "
      "member answers them; []: none",
      planner(&PlannerOptions::chat_tasks)));
  table.push_back(ranged("planner.chars_per_token", Range{1.0, 8.0},
                         "to estimate a prompt before it is tokenised",
                         planner(&PlannerOptions::chars_per_token)));
  table.push_back(ranged(
      "consensus.dissent_chars_max", Range{20, 2000}, "characters shown of a dissenting answer",
      [](auto& config) -> auto& { return config.coordinator.consensus.dissent_chars_max; }));
  table.push_back(
      ranged("question_chars_max", Range<std::size_t>{1, 16'777'216}, "bytes of one question",
             [](auto& config) -> auto& { return config.coordinator.question_chars_max; }));
}

void add_learning(std::vector<Setting>& table) {
  const auto study = [](auto member) {
    return [member](auto& config) -> auto& { return config.coordinator.study.*member; };
  };
  table.push_back(ranged("learning.full_share", Range{0.0, 1.0},
                         "questions of which all models answer in full, to learn when to stop; 20 "
                         "times as often, at most one in five, until 30 of a kind are known",
                         study(&StudyOptions::full_share)));
  table.push_back(ranged("learning.order_share", Range{0.0, 1.0},
                         "questions asked in an order drawn by chance, to learn of all models",
                         study(&StudyOptions::order_share)));
}

void add_places(std::vector<Setting>& table) {
  table.push_back(text("data_folder", Kind::path, "$XDG_DATA_HOME/kai, else ~/.local/share/kai",
                       "history, measured costs and models",
                       [](auto& config) -> auto& { return config.store.folder; }));
  table.push_back(text("runtime_folder", Kind::path, "/tmp/kai-<user id>",
                       "sockets and locks, shared by every kai of this user",
                       [](auto& config) -> auto& { return config.runtime_folder; }));
  table.push_back({"models", Kind::paths, "", "folders of GGUF files, searched three folders deep",
                   "<data_folder>/models",
                   [](Config& config, const Words& words) -> Set {
                     config.fleet.folders = words;
                     return {};
                   },
                   [](const Config& config) { return config.fleet.folders; }});
  table.push_back(text("ollama_store", Kind::path,
                       "$OLLAMA_MODELS, else ~/.ollama/models or "
                       "/usr/share/ollama/.ollama/models where there is one",
                       "Ollama's models folder, read in place; \"\": not read",
                       [](auto& config) -> auto& { return config.fleet.ollama_store; }));
  table.push_back(text("worker", Kind::path, "beside kai, else ../libexec/kai/kai-worker",
                       "the program that holds models",
                       [](auto& config) -> auto& { return config.fleet.worker; }));
}

void add_machine(std::vector<Setting>& table) {
  using namespace std::chrono_literals;
  const auto fleet = [](auto member) {
    return [member](auto& config) -> auto& { return config.fleet.*member; };
  };
  table.push_back(text("devices", Kind::text, "", "\"auto\", or a list: \"cpu\", \"gpu0,cpu\"",
                       fleet(&FleetOptions::devices)));
  table.push_back(ranged("cpu.lanes", Range{0, 64},
                         "models answering at once on the CPU; 0: as many as pay",
                         fleet(&FleetOptions::cpu_lanes)));
  table.push_back(ranged("cpu.threads", Range{0, 1024},
                         "threads of all CPU lanes together; 0: the cores",
                         fleet(&FleetOptions::cpu_threads)));
  table.push_back(ranged("cpu.memory", Range{Bytes(0), Bytes(1LL << 50)},
                         "memory for models on the CPU; 0: what is free less a buffer",
                         fleet(&FleetOptions::cpu_memory)));
  table.push_back(ranged("gpu.buffer", Range{Bytes(0), Bytes(1LL << 40)},
                         "memory of each GPU left to others", fleet(&FleetOptions::gpu_buffer)));
  table.push_back(ranged("fleet.idle_unload", Range<Duration>{0s, 24h * 30},
                         "where kai stays, a model not asked for so long is unloaded; 0s: never",
                         [](auto& config) -> auto& { return config.house.idle_unload; }));
  table.push_back(yes_no("fleet.preload",
                         "where kai stays, models likely to be asked are loaded into free memory",
                         [](auto& config) -> auto& { return config.house.preload.on; }));
  table.push_back(yes_no("fleet.read_ahead",
                         "files that a question loads later are read into the page cache before",
                         [](auto& config) -> auto& { return config.house.read_ahead; }));
  table.push_back(ranged("inspect.time_max", Range<Duration>{1s, 10min},
                         "for a first look at one model file", fleet(&FleetOptions::inspect_max)));
  table.push_back(ranged("inspect.files_max", Range{1, 4096}, "model files looked at",
                         fleet(&FleetOptions::files_max)));
}

void add_lanes_and_store(std::vector<Setting>& table) {
  using namespace std::chrono_literals;
  const auto lane = [](auto member) {
    return [member](auto& config) -> auto& { return config.lane.*member; };
  };
  const auto store = [](auto member) {
    return [member](auto& config) -> auto& { return config.store.*member; };
  };
  table.push_back(ranged("lane.start_max", Range<Duration>{1s, 5min},
                         "from a worker's start to its being ready",
                         lane(&LaneOptions::start_max)));
  table.push_back(ranged("lane.silence_max", Range<Duration>{2s, 1min},
                         "a worker silent for longer has hung and is replaced",
                         lane(&LaneOptions::silence_max)));
  table.push_back(ranged("lane.step_min", Range<Duration>{1s, 10min},
                         "a worker that completes no step for less is never replaced",
                         lane(&LaneOptions::step_min)));
  table.push_back(ranged("lane.step_max", Range<Duration>{5s, 1h},
                         "one that completes no step for longer always is; between them, by what "
                         "the model is known to take",
                         lane(&LaneOptions::step_max)));
  table.push_back(ranged("lane.pause_first", Range<Duration>{10ms, 10s},
                         "before a lost worker is restarted; doubles each time",
                         lane(&LaneOptions::pause_first)));
  table.push_back(ranged("lane.pause_max", Range<Duration>{1s, 10min}, "bound of that pause",
                         lane(&LaneOptions::pause_max)));
  table.push_back(ranged("store.history_max", Range{1, 10'000'000},
                         "questions kept; the oldest go first", store(&StoreOptions::history_max)));
  table.push_back(ranged("store.queue_max", Range{1, 65536},
                         "writes waiting for the disk; beyond: dropped and counted",
                         store(&StoreOptions::queue_max)));
  table.push_back(ranged("store.queue_bytes_max", Range{1_MiB, Bytes(1LL << 40)},
                         "text waiting for the disk; beyond: dropped and counted",
                         store(&StoreOptions::queue_bytes_max)));
}

void add_sandbox(std::vector<Setting>& table) {
  using namespace std::chrono_literals;
  const auto sandbox = [](auto member) {
    return [member](auto& config) -> auto& { return config.sandbox.*member; };
  };
  table.push_back(yes_no("sandbox.run_code",
                         "run code answers on the question's examples, in bubblewrap",
                         sandbox(&SandboxOptions::run_code)));
  table.push_back(ranged("sandbox.call_max", Range<Duration>{100ms, 1min}, "for one example",
                         sandbox(&SandboxOptions::call_max)));
  table.push_back(ranged("sandbox.check_max", Range<Duration>{1s, 5min},
                         "for all examples of one answer", sandbox(&SandboxOptions::check_max)));
  table.push_back(ranged("sandbox.memory", Range{64_MiB, Bytes(1LL << 36)},
                         "address space of each of its processes",
                         sandbox(&SandboxOptions::memory)));
  table.push_back(ranged("sandbox.files", Range{1_MiB, Bytes(1LL << 30)},
                         "what it may write, in a /tmp that is gone with it",
                         sandbox(&SandboxOptions::files)));
  table.push_back(ranged("sandbox.processes_max", Range{4, 1024},
                         "its processes and threads together",
                         sandbox(&SandboxOptions::processes_max)));
  table.push_back(text("sandbox.bubblewrap", Kind::path, "", "the program that shuts code off",
                       sandbox(&SandboxOptions::bubblewrap)));
}

void add_serve(std::vector<Setting>& table) {
  using namespace std::chrono_literals;
  const auto serve = [](auto member) {
    return [member](auto& config) -> auto& { return config.serve.*member; };
  };
  table.push_back(text("serve.address", Kind::text, "",
                       "where `kai serve` listens; one that others reach wants keys (`kai keys`)",
                       serve(&ServeOptions::address)));
  table.push_back(ranged("serve.port", Range{0, 65535}, "its port; 0: any that is free",
                         serve(&ServeOptions::port)));
  table.push_back(texts("serve.hosts", is_host, "a name or a number without a port, in lower case",
                        "further names of the server: behind a relay, or where others reach it",
                        serve(&ServeOptions::hosts)));
  table.push_back(texts(
      "serve.origins", is_origin, "a page's origin, such as https://page.example; no path, no *",
      "pages elsewhere that may use the server (CORS)", serve(&ServeOptions::origins)));
  table.push_back(ranged("serve.rate_max", Range{0, 1'000'000},
                         "requests a minute of one address, where no key is needed; 0: any number",
                         serve(&ServeOptions::rate_max)));
  table.push_back(ranged("serve.questions_max", Range{1, 64}, "questions answered at once",
                         serve(&ServeOptions::questions_max)));
  table.push_back(ranged("serve.waiting_max", Range{0, 10'000},
                         "questions that wait for a turn; beyond: refused with status 429",
                         serve(&ServeOptions::waiting_max)));
  table.push_back(ranged("serve.embed_max", Range<Duration>{1s, 1h},
                         "for texts to be turned into vectors", serve(&ServeOptions::embed_max)));
  table.push_back(ranged("serve.silence_max", Range<Duration>{100ms, 1h},
                         "of a stream, before it says that it lives",
                         serve(&ServeOptions::silence_max)));
  table.push_back(ranged("serve.wait_max", Range<Duration>{0s, 1h},
                         "for a turn; later: refused with status 429",
                         serve(&ServeOptions::wait_max)));
  table.push_back(ranged("serve.connections_max", Range{1, 100'000},
                         "open at once; further ones are closed",
                         serve(&ServeOptions::connections_max)));
  table.push_back(ranged("serve.body_max", Range{Bytes(1024), 64_MiB}, "of one request",
                         serve(&ServeOptions::body_max)));
  table.push_back(ranged("serve.drain_max", Range<Duration>{0s, 1h},
                         "for the answers under way when it is told to stop",
                         serve(&ServeOptions::drain_max)));
}

// A text that is empty or that `check` has no error for.
template <class Check, class Field>
Setting checked(std::string key, std::string what, Check check, Field field) {
  Setting setting = text(std::move(key), Kind::text, "", std::move(what), field);
  setting.set = [check, set = setting.set](Config& config, const Words& words) -> Set {
    if (!words.front().empty()) {
      if (const auto good = check(words.front()); !good) {
        return std::unexpected(good.error().message);
      }
    }
    return set(config, words);
  };
  return setting;
}

void add_tellings(std::vector<Setting>& table) {
  table.push_back(
      checked("alerts.webhook", "where `kai serve` tells alerts, such as http://127.0.0.1:9095/kai",
              webhook_target, [](auto& config) -> auto& { return config.webhook.url; }));
  table.push_back(checked(
      "telemetry.otlp", "OpenTelemetry's collector (OTLP over HTTP), such as http://127.0.0.1:4318",
      otlp_target, [](auto& config) -> auto& { return config.otlp.url; }));
}

}  // namespace

std::vector<Setting> option_table() {
  std::vector<Setting> table;
  add_places(table);
  add_tiers(table);
  add_decisions(table);
  add_learning(table);
  add_machine(table);
  add_lanes_and_store(table);
  add_sandbox(table);
  add_serve(table);
  add_tellings(table);
  return table;
}

std::string environment_name(std::string_view key) {
  std::string name = "KAI_";
  for (const char letter : key) {
    name += letter == '.'                    ? '_'
            : letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A')
                                             : letter;
  }
  return name;
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::text: return "text";
    case Kind::texts: return "list of texts";
    case Kind::path: return "path";
    case Kind::paths: return "list of paths";
    case Kind::integer: return "whole number";
    case Kind::number: return "number";
    case Kind::duration: return "duration such as 30s, 500ms or 2m";
    case Kind::size: return "size such as 7GB or 512MiB";
    case Kind::yes_no: return "true or false";
  }
  return "value";
}

}  // namespace kai
