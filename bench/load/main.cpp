// kai-bench-load: what `kai serve` costs between a client and an engine, beside the engine asked
// directly, a bare relay, and gateways of others where they are installed.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "bench/load/mock.h"
#include "bench/load/peers.h"
#include "bench/load/server.h"
#include "bench/load/traffic.h"
#include "bench/load/trials.h"
#include "bench/machine/scratch.h"
#include "bench/rows.h"

namespace kai::bench {
namespace {

namespace fs = std::filesystem;

// The measured one has a core for itself; tool and engines share the other.
constexpr int measured_core = 0;
constexpr int engine_core = 1;
constexpr Pace instant{0, 0, 1};
constexpr Pace paced{20, 5, 64};  // milliseconds, tokens
constexpr Pace writer{0, 0, 64};  // an ensemble's member
constexpr Pace endless{0, 1, 60'000};

struct Arguments {
  std::string self;
  std::string json;
  int rounds = 1000;
  double seconds = 5;
};

struct Site {
  Scratch scratch{"kai-bench-load-"};
  int kais = 0;  // started so far
};

// Where kai shall keep everything, with an engine called "mock".
Result<Server> start_kai(Site& site, const Server& engine) {
  const fs::path folder = site.scratch.folder() / fmt::format("kai{}", site.kais++);
  fs::create_directories(folder / "kai");
  fs::create_directories(folder / "none");
  std::ofstream(folder / "kai/kai.toml") << fmt::format(
      "models = [\"{}\"]\nserve.port = 0\nserve.questions_max = 64\n"
      "serve.waiting_max = 10000\nserve.connections_max = 11000\n\n[[engines]]\n"
      "name = \"mock\"\naddress = \"http://127.0.0.1:{}\"\nat_once = 64\n",
      (folder / "none").string(), engine.port());
  const std::vector<std::string> arguments{"/usr/bin/env",
                                           "XDG_CONFIG_HOME=" + folder.string(),
                                           "KAI_DATA_FOLDER=" + (folder / "data").string(),
                                           "KAI_RUNTIME_FOLDER=" + (folder / "run").string(),
                                           KAI_BINARY,
                                           "serve"};
  auto kai = Server::start(measured_core, arguments, folder / "log");
  if (!kai) return kai;
  for (int tries = 0; tries < 200; ++tries) {
    auto connection = Connection::open(kai->port());
    if (!connection) return std::unexpected(connection.error());
    const auto ready = connection->ask(get_request("/readyz"));
    if (ready && ready->status == 200) return kai;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return fail(ErrorCode::deadline,
              fmt::format("kai is not ready; see {}", (folder / "log").string()));
}

Result<Server> start_mock(const Arguments& arguments, Pace pace, const Site& site) {
  return Server::start(
      engine_core,
      {arguments.self, "mock", "--first-ms", std::to_string(pace.first_ms), "--token-ms",
       std::to_string(pace.token_ms), "--tokens", std::to_string(pace.tokens)},
      site.scratch.folder() / "mock.log");
}

Result<Server> start_relay(const Arguments& arguments, const Server& engine, const Site& site) {
  return Server::start(measured_core, {arguments.self, "relay", std::to_string(engine.port())},
                       site.scratch.folder() / "relay.log");
}

// An engine of a pace with the relay, kai and the peers before it; the engine itself comes first.
struct Line {
  std::vector<std::unique_ptr<Server>> servers;
  std::vector<Target> targets;
  const Target& engine() const { return targets[0]; }
  const Target& relay() const { return targets[1]; }
  const Target& kai() const { return targets[2]; }
};

Result<Line> make_line(const Arguments& arguments, Pace pace, Site& site, bool peers) {
  Line line;
  const auto add = [&](std::string name, std::string model, Result<Server> server,
                       std::string headers = "") -> Result<> {
    if (!server) return std::unexpected(server.error());
    line.servers.push_back(std::make_unique<Server>(*std::move(server)));
    line.targets.push_back(
        {std::move(name), line.servers.back().get(), std::move(model), std::move(headers)});
    return {};
  };
  if (auto ok = add("the engine itself", "m1", start_mock(arguments, pace, site)); !ok)
    return std::unexpected(ok.error());
  const Server& engine = *line.servers.front();
  if (auto ok = add("a bare relay", "m1", start_relay(arguments, engine, site)); !ok)
    return std::unexpected(ok.error());
  if (auto ok = add("kai", "mock/m1", start_kai(site, engine)); !ok)
    return std::unexpected(ok.error());
  if (!peers) return line;
  for (auto& peer : installed_peers(site.scratch.folder(), engine.port())) {
    auto server = Server::start_at(peer.port, measured_core, peer.command,
                                   site.scratch.folder() / (peer.name + ".log"));
    if (auto ok = add(peer.name, "m1", std::move(server), peer.headers); !ok) {
      return std::unexpected(ok.error());
    }
    // One that does not work here is said, and no reason to measure nothing.
    if (const auto works = ask_in_turn({line.targets.back()}, 1); !works) {
      fmt::print(stderr, "{}; it is left out\n", works.error().message);
      line.targets.pop_back();
    }
  }
  return line;
}

std::string micro(double seconds) {
  return fmt::format("{:.0f} µs", 1e6 * seconds);
}

double at(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// One client, one request after the other: what each adds to the engine asked directly, request by
// request.
Result<std::vector<Row>> latency_rows(const Line& line, const Arguments& arguments) {
  const auto times = ask_in_turn(line.targets, arguments.rounds);
  if (!times) return std::unexpected(times.error());
  std::vector<std::vector<double>> added;
  for (const auto& of_one : *times) {
    std::vector<double>& differences = added.emplace_back();
    for (std::size_t round = 0; round < of_one.size(); ++round) {
      differences.push_back(of_one[round] - (*times)[0][round]);
    }
  }
  std::vector<Row> rows;
  const double kai = median(added[2]);
  const double relay = median(added[1]);
  rows.push_back(
      {"added latency, one client: p50", 1e6 * kai, "µs",
       fmt::format("a bare relay: {}; p99 {} against {}; the engine itself: {}", micro(relay),
                   micro(at(added[2], .99)), micro(at(added[1], .99)), micro(median((*times)[0]))),
       kai / relay, "<= 3", kai <= 3 * relay});
  for (std::size_t peer = 3; peer < line.targets.size(); ++peer) {
    const double theirs = median(added[peer]);
    rows.push_back({"… against " + line.targets[peer].name, 1e6 * kai, "µs",
                    fmt::format("{}: {}, p99 {}", line.targets[peer].name, micro(theirs),
                                micro(at(added[peer], .99))),
                    theirs / kai, ">= 10", theirs >= 10 * kai});
  }
  return rows;
}

Result<std::vector<Row>> throughput_rows(const Line& line, const Arguments& arguments) {
  std::vector<Crowd> single, many;
  for (std::size_t which = 0; which < line.targets.size(); ++which) {
    const auto one = crowd(line.targets[which], 1, arguments.seconds / 2, false);
    const auto all = crowd(line.targets[which], 64, arguments.seconds, false);
    const bool peer = which > 2;  // one that gives up is said, and no reason to measure nothing
    if (!peer && !one) return std::unexpected(one.error());
    if (!peer && !all) return std::unexpected(all.error());
    if (!all) fmt::print(stderr, "{}\n", all.error().message);
    single.push_back(one.value_or(Crowd{}));
    many.push_back(all.value_or(Crowd{}));
  }
  std::vector<Row> rows;
  rows.push_back(
      {"processor time of a request", 1e6 * single[2].processor, "µs",
       fmt::format("a bare relay: {}; with 64 clients: {} against {}", micro(single[1].processor),
                   micro(many[2].processor), micro(many[1].processor)),
       single[2].processor / single[1].processor, "<= 150 µs", single[2].processor <= 150e-6});
  std::string all;
  double best = 0;
  for (std::size_t which = 0; which < line.targets.size(); ++which) {
    if (which == 2) continue;
    all += fmt::format("{}{}: {:.0f}", all.empty() ? "" : "; ", line.targets[which].name,
                       many[which].per_second);
    if (which > 2) best = std::max(best, many[which].per_second);
  }
  rows.push_back({"requests, 64 clients", many[2].per_second, "1/s", all,
                  best > 0 ? many[2].per_second / best : 0, ">= 10 x a peer's",
                  best == 0 || many[2].per_second >= 10 * best});
  return rows;
}

Result<std::vector<Row>> stream_rows(Site& site, const Arguments& arguments) {
  const auto line = make_line(arguments, paced, site, true);
  if (!line) return std::unexpected(line.error());
  std::vector<Crowd> of;
  std::string all;
  for (std::size_t which = 0; which < line->targets.size(); ++which) {
    const Target& target = line->targets[which];
    const auto streams = crowd(target, 16, arguments.seconds, true);
    const bool peer = which > 2;
    if (!streams && !peer) return std::unexpected(streams.error());
    if (which != 0 && which != 2) {
      all += fmt::format(
          "{}{}", all.empty() ? "" : "; ",
          streams ? fmt::format("{}: {:.1f} µs", target.name, 1e6 * streams->processor_token)
                  : streams.error().message);
    }
    of.push_back(streams.value_or(Crowd{}));
  }
  const double kai = of[2].processor_token, relay = of[1].processor_token;
  return std::vector<Row>{{"processor time of a streamed token", 1e6 * kai, "µs", all, kai / relay,
                           "<= 25 µs, <= 2 x", kai <= 25e-6 && kai <= 2 * relay}};
}

// Five members that write 64 tokens each; whoever asks reads one answer as a stream.
Result<std::vector<Row>> ensemble_rows(Site& site, const Arguments& arguments) {
  auto line = make_line(arguments, writer, site, false);
  if (!line) return std::unexpected(line.error());
  Target ensemble = line->kai();
  ensemble.model = "kai:medium";
  const auto asked =
      crowd(ensemble, 16, arguments.seconds, true,
            R"(,"kai":{"members":["mock/m1","mock/m2","mock/m3","mock/m4","mock/m5"]})");
  if (!asked) return std::unexpected(asked.error());
  return std::vector<Row>{{"questions to five members, 16 clients", asked->per_second, "1/s",
                           fmt::format("processor time of one: {}", micro(asked->processor)), 0,
                           ">= 300", asked->per_second >= 300}};
}

Result<std::vector<Row>> leaving_rows(Site& site, const Arguments& arguments) {
  const auto line = make_line(arguments, endless, site, false);
  if (!line) return std::unexpected(line.error());
  const auto open = [&]() -> Result<int> {
    auto connection = Connection::open(line->engine().server->port());
    if (!connection) return std::unexpected(connection.error());
    const auto said = connection->ask(get_request("/open"));
    if (!said) return std::unexpected(said.error());
    return std::atoi(said->body.c_str());
  };
  std::vector<double> times;
  for (int round = 0; round < 9; ++round) {
    const auto quiet = hang_up(line->kai(), open);
    if (!quiet) return std::unexpected(quiet.error());
    times.push_back(*quiet);
  }
  return std::vector<Row>{{"a client hangs up: the engine is quiet after", 1e3 * median(times),
                           "ms",
                           fmt::format("longest of 9: {:.0f} ms", 1e3 * std::ranges::max(times)), 0,
                           "<= 500 ms", std::ranges::max(times) <= 0.5}};
}

Result<std::vector<Row>> slow_rows(Site& site, const Arguments& arguments) {
  const auto line = make_line(arguments, Pace{0, 0, 60'000}, site, false);
  if (!line) return std::unexpected(line.error());
  const auto slow = read_slowly(line->kai(), arguments.seconds);
  if (!slow) return std::unexpected(slow.error());
  const double mib = static_cast<double>(slow->grown.count) / (1024 * 1024);
  return std::vector<Row>{{"a reader of a byte a second: memory", mib, "MiB",
                           fmt::format("others meanwhile: {:.2f} of the time before", slow->others),
                           slow->others, "<= 32 MiB", mib <= 32}};
}

Result<std::vector<Row>> watcher_rows(Site& site, const Arguments& arguments) {
  constexpr int watchers = 10'000, questions = 500;
  const auto line = make_line(arguments, instant, site, false);
  if (!line) return std::unexpected(line.error());
  const auto watched = watch_and_ask(line->kai(), watchers, questions);
  if (!watched) return std::unexpected(watched.error());
  const double megabytes = 1e-6 * static_cast<double>(watched->resident.count);
  return std::vector<Row>{
      {"10,000 watchers of all events: memory", megabytes, "MB", "nothing happens meanwhile", 0,
       "<= 100 MB", megabytes <= 100},
      {"… and 500 questions at once: the last is over after", watched->longest, "s",
       fmt::format("{} answered, {} refused; the watchers were told {:.0f} MB", watched->answered,
                   watched->refused, watched->told),
       0, "<= 60 s", watched->answered + watched->refused == questions && watched->longest <= 60}};
}

Result<std::vector<Row>> all_rows(const Arguments& arguments) {
  Site site;
  std::vector<Row> rows;
  const auto add = [&](std::string_view what, auto&& measure) -> Result<> {
    fmt::print(stderr, "{} …\n", what);
    auto more = measure();
    if (!more) {
      print(rows);  // what was measured before it
      return std::unexpected(more.error());
    }
    rows.insert(rows.end(), more->begin(), more->end());
    return {};
  };
  {
    const auto line = make_line(arguments, instant, site, true);
    if (!line) return std::unexpected(line.error());
    if (auto ok = add("one client", [&] { return latency_rows(*line, arguments); }); !ok)
      return std::unexpected(ok.error());
    if (auto ok = add("64 clients", [&] { return throughput_rows(*line, arguments); }); !ok)
      return std::unexpected(ok.error());
  }
  if (auto ok = add("streams", [&] { return stream_rows(site, arguments); }); !ok)
    return std::unexpected(ok.error());
  if (auto ok = add("ensembles", [&] { return ensemble_rows(site, arguments); }); !ok)
    return std::unexpected(ok.error());
  if (auto ok = add("who leaves", [&] { return leaving_rows(site, arguments); }); !ok)
    return std::unexpected(ok.error());
  if (auto ok = add("a slow reader", [&] { return slow_rows(site, arguments); }); !ok)
    return std::unexpected(ok.error());
  if (auto ok = add("watchers", [&] { return watcher_rows(site, arguments); }); !ok)
    return std::unexpected(ok.error());
  return rows;
}

// As many connections as the system allows at all.
void raise_descriptors_max() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const Arguments& arguments) {
  raise_descriptors_max();
  const auto rows = all_rows(arguments);
  if (!rows) {
    fmt::print(stderr, "kai-bench-load: {}\n", rows.error().message);
    return 1;
  }
  print(*rows);
  if (arguments.json.empty()) return 0;
  const auto written = write_json(*rows, arguments.json);
  if (!written) fmt::print(stderr, "kai-bench-load: {}\n", written.error().message);
  return written ? 0 : 1;
}

}  // namespace
}  // namespace kai::bench

int main(int argc, char** argv) {
  namespace bench = kai::bench;
  CLI::App app("kai-bench-load: what kai costs between a client and an engine. Needs two cores.");
  bench::Arguments arguments;
  arguments.self = argv[0];
  app.add_option("--json", arguments.json, "write the rows to this file as JSON");
  app.add_option("--rounds", arguments.rounds, "of one client's requests to each")
      ->check(CLI::Range(10, 100'000));
  app.add_option("--seconds", arguments.seconds, "of each crowd")->check(CLI::Range(0.5, 600.0));
  bench::Pace pace;
  auto* mock = app.add_subcommand("mock", "an engine that costs nothing");
  mock->add_option("--first-ms", pace.first_ms, "until the first token");
  mock->add_option("--token-ms", pace.token_ms, "between tokens");
  mock->add_option("--tokens", pace.tokens, "of an answer")->check(CLI::Range(1, 1'000'000));
  std::uint16_t to = 0;
  auto* relay = app.add_subcommand("relay", "a bare TCP relay");
  relay->add_option("PORT", to, "where to")->required();
  CLI11_PARSE(app, argc, argv);
  if (mock->parsed()) return bench::run_mock(pace);
  if (relay->parsed()) return bench::run_relay(to);
  return bench::run(arguments);
}
