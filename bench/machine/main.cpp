// kai-bench-machine: what kai's scheduler gains by grouping questions, and how well its planner
// predicts, with real workers on this machine, where memory holds one member at a time.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <numeric>
#include <thread>

#include "bench/machine/answers.h"
#include "bench/machine/machine.h"
#include "bench/machine/random_gguf.h"
#include "bench/machine/scratch.h"
#include "bench/rows.h"
#include "worker/inspect.h"
#include "worker/runtime.h"

namespace kai::bench {
namespace {

namespace fs = std::filesystem;

constexpr int plans = 9;
constexpr std::uintmax_t bytes_each = 1'500'000'000;

// Where `make setup` puts them.
std::string starter_models() {
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  const fs::path folder =
      data != nullptr ? fs::path(data) : fs::path(home != nullptr ? home : ".") / ".local/share";
  return folder / "kai/models";
}

struct Arguments {
  std::string json;
  std::uint64_t seed = 1;
  int questions = 8;
  int rounds = 2;
  int members = 3;
  Site site;          // one thread: a lane's on two cores, as kai shares them out
  std::string write;  // only the models, to this folder
  std::string asked;  // questions for real models: a folder of panels or a file; empty: none
  bool answers_only = false;
  AnswersOptions answers{.models = starter_models()};
};

// The model files, in a folder that goes with this.
class Files {
 public:
  const fs::path& folder() const { return scratch_.folder(); }

 private:
  const Scratch scratch_{"kai-bench-machine-"};
};

Result<std::vector<std::string>> write_members(const fs::path& folder, const Arguments& arguments) {
  const auto bytes = bytes_each * static_cast<std::uintmax_t>(arguments.members);
  std::error_code unknown;
  if (fs::space(folder, unknown).available < bytes || unknown) {
    return fail(ErrorCode::storage,
                fmt::format("{} is no folder with {:.1f} GB free; name another", folder.string(),
                            1e-9 * static_cast<double>(bytes)));
  }
  std::vector<std::string> paths;
  for (int member = 0; member < arguments.members; ++member) {
    fmt::print(stderr, "writing model {} of {} …\n", member + 1, arguments.members);
    paths.push_back(folder / fmt::format("random{}.gguf", member + 1));
    const auto written = write_random_gguf(granite_1b, arguments.seed + member, paths.back());
    if (!written) return std::unexpected(written.error());
  }
  return paths;
}

Result<Members> make_members(const fs::path& folder, const Arguments& arguments) {
  auto paths = write_members(folder, arguments);
  if (!paths) return std::unexpected(paths.error());
  start_runtime();
  auto facts = inspect(paths->front());
  if (!facts) return std::unexpected(facts.error());
  return Members{*std::move(paths), *std::move(facts), folder};
}

double mean(const std::vector<double>& values) {
  return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
}

// Questions at once, from a worker that is not started yet.
struct Crowd {
  double seconds = 0;
  int loads = 0;
  std::vector<double> load, answer;  // of each that had one
};

Result<Crowd> run_crowd(const Members& all, const Arguments& arguments, Duration overtaken_max) {
  Machine machine(all, arguments.site, overtaken_max);
  std::optional<Result<std::vector<Served>>> served;
  Crowd crowd;
  crowd.seconds = time_of([&] { served = machine.ask_all(arguments.questions); });
  if (!*served) return std::unexpected(served->error());
  for (const auto& one : **served) {
    crowd.answer.push_back(seconds(one.answer.timings.total));
    if (one.load <= Duration::zero()) continue;
    ++crowd.loads;
    crowd.load.push_back(seconds(one.load));
  }
  return crowd;
}

Result<std::vector<Row>> grouping_rows(const Members& all, const Arguments& arguments) {
  std::vector<double> grouped, ordered, ratios, loads, answers;
  int loads_grouped = 0, loads_ordered = 0;
  if (arguments.site.device.text != "cpu") {
    // A GPU's backend makes its programs when it first meets a shape of work, and keeps them.
    fmt::print(stderr, "warming {} up …\n", arguments.site.device.text);
    if (auto warm = run_crowd(all, arguments, SchedulerOptions{}.overtaken_max); !warm) {
      return std::unexpected(warm.error());
    }
  }
  for (int round = 0; round < arguments.rounds; ++round) {
    fmt::print(stderr, "{} questions, round {} of {} …\n", arguments.questions, round + 1,
               arguments.rounds);
    const auto in_order = run_crowd(all, arguments, Duration::zero());
    if (!in_order) return std::unexpected(in_order.error());
    const auto by_model = run_crowd(all, arguments, SchedulerOptions{}.overtaken_max);
    if (!by_model) return std::unexpected(by_model.error());
    ordered.push_back(in_order->seconds);
    grouped.push_back(by_model->seconds);
    ratios.push_back(ordered.back() / grouped.back());
    loads_ordered = in_order->loads;
    loads_grouped = by_model->loads;
    loads.push_back(mean(in_order->load));
    answers.push_back(mean(in_order->answer));
  }
  // What both ways come to, if nothing took time but loads and answers.
  const double load = mean(loads);
  const double answer = mean(answers);
  const double asks = arguments.questions * arguments.members;
  const double bound = asks * (load + answer) / (arguments.members * load + asks * answer);
  const double ratio = median(ratios);
  return std::vector<Row>{
      {"a load, where it is in the page cache", load, "s",
       fmt::format("an answer of {} tokens: {:.2f} s", Machine::answer_tokens, answer),
       load / answer, ">= 1", load >= answer},
      {fmt::format("{} questions to {} members, by model", arguments.questions, arguments.members),
       median(grouped), "s",
       fmt::format("in the order asked: {:.1f} s; loads {} against {}; bound {:.2f}",
                   median(ordered), loads_grouped, loads_ordered, bound),
       ratio, ">= 1.5", ratio >= 1.5}};
}

Result<Row> prediction_row(const Members& all, const Arguments& arguments) {
  Machine machine(all, arguments.site, SchedulerOptions{}.overtaken_max);
  std::vector<ModelId> ids;
  for (const auto& model : machine.models()) ids.push_back(model.id);
  std::vector<double> errors, real, predicted;
  // From estimates to warm cards, then one, two or three members in turn.
  for (int plan = -2; plan < plans; ++plan) {
    fmt::print(stderr, "{}\n", plan < 0 ? "learning what they cost …" : "a plan …");
    const auto count = plan < 0 ? ids.size() : 1 + static_cast<std::size_t>(plan) % ids.size();
    const auto finish = machine.ask_planned({ids.begin(), ids.begin() + count});
    if (!finish) return std::unexpected(finish.error());
    if (plan < 0) continue;
    predicted.push_back(seconds(finish->predicted));
    real.push_back(seconds(finish->real));
    errors.push_back(100 * std::abs(predicted.back() / real.back() - 1));
    std::ranges::rotate(ids, ids.begin() + 1);
  }
  const double error = median(errors);
  return Row{"a plan's finish, predicted: median error",
             error,
             "%",
             fmt::format("{} plans of {:.1f} to {:.1f} s; largest error {:.0f} %", plans,
                         std::ranges::min(real), std::ranges::max(real), std::ranges::max(errors)),
             0,
             "<= 10 %",
             error <= 10};
}

// As many busy loops as there are cores, until it dies.
class BusyCores {
 public:
  explicit BusyCores(int cores) {
    for (int core = 0; core < cores; ++core) {
      loops_.emplace_back([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
        }
      });
    }
  }

 private:
  std::vector<std::jthread> loops_;
};

// An answer with all cores, alone and beside other programs that want all of them too. With fewer
// threads than its worker may have it would take twice as long, since it gets half of the cores.
Result<Row> busy_row(const Members& all) {
  constexpr int each = 5;
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  Machine machine(all, Site{.threads = cores}, SchedulerOptions{}.overtaken_max);
  const auto time = [&](std::vector<double>* times) -> Result<> {
    const auto finish = machine.ask_planned({machine.models().front().id});
    if (!finish) return std::unexpected(finish.error());
    if (times != nullptr) times->push_back(seconds(finish->real));
    return {};
  };
  if (auto loaded = time(nullptr); !loaded) return std::unexpected(loaded.error());
  std::vector<double> alone, busy;
  for (int round = 0; round < each; ++round) {
    fmt::print(stderr, "an answer alone, and beside busy loops …\n");
    if (auto timed = time(&alone); !timed) return std::unexpected(timed.error());
    const BusyCores others(cores);
    if (auto timed = time(&busy); !timed) return std::unexpected(timed.error());
  }
  const double ratio = median(busy) / median(alone);
  return Row{fmt::format("an answer beside {} busy loops", cores),
             median(busy),
             "s",
             fmt::format("alone: {:.2f} s, on as many threads; longest {:.2f} s", median(alone),
                         std::ranges::max(busy)),
             ratio,
             "<= 4",
             ratio <= 4};
}

// What random models show: grouping, and plans of fixed lengths.
Result<std::vector<Row>> machine_rows(const Arguments& arguments) {
  const Files files;
  const auto all = make_members(files.folder(), arguments);
  if (!all) return std::unexpected(all.error());
  auto rows = grouping_rows(*all, arguments);
  if (!rows) return std::unexpected(rows.error());
  auto prediction = prediction_row(*all, arguments);
  if (!prediction) return std::unexpected(prediction.error());
  rows->push_back(*std::move(prediction));
  if (arguments.site.device.text == "cpu") {
    auto busy = busy_row(*all);
    if (!busy) return std::unexpected(busy.error());
    rows->push_back(*std::move(busy));
  }
  fmt::print(
      "{} members of the shape of {}, {:.2f} GB each, random weights; {} holds {} of them{}\n\n",
      arguments.members, granite_1b.name, 1e-9 * static_cast<double>(all->facts.weights.count),
      arguments.site.device.text, arguments.site.holds,
      arguments.site.device.text == "cpu" ? fmt::format("; {} threads", arguments.site.threads)
                                          : std::string());
  return rows;
}

Result<> run(const Arguments& arguments) {
  if (!arguments.write.empty()) {
    const auto written = write_members(arguments.write, arguments);
    return written ? Result<>{} : std::unexpected(written.error());
  }
  std::vector<Row> rows;
  // First, since it fails at once where something is missing.
  if (arguments.asked.empty()) {
    fmt::print("no --panel or --ask: nothing on the lengths of real answers\n\n");
  } else {
    const auto questions = read_questions(arguments.asked);
    if (!questions) return std::unexpected(questions.error());
    auto real = answers_rows(*questions, arguments.answers);
    if (!real) return std::unexpected(real.error());
    rows = *std::move(real);
  }
  if (!arguments.answers_only) {
    auto others = machine_rows(arguments);
    if (!others) return std::unexpected(others.error());
    std::ranges::move(*others, std::back_inserter(rows));
  }
  print(rows);
  if (arguments.json.empty()) return {};
  return write_json(rows, arguments.json);
}

}  // namespace
}  // namespace kai::bench

int main(int argc, char** argv) {
  CLI::App app(
      "kai-bench-machine: real workers on a device of this machine that holds only some members.");
  kai::bench::Arguments arguments;
  app.add_option("--json", arguments.json, "write the rows to this file as JSON");
  app.add_option("--seed", arguments.seed, "of the models' weights");
  app.add_option("--questions", arguments.questions, "that wait at once")
      ->check(CLI::Range(1, 100));
  app.add_option("--rounds", arguments.rounds, "of the questions, in both ways")
      ->check(CLI::Range(1, 20));
  app.add_option("--members", arguments.members, "models of 1.4 GB each")->check(CLI::Range(1, 12));
  app.add_option("--device", arguments.site.device.text,
                 "where they answer, as `kai-worker devices` names it");
  app.add_option("--holds", arguments.site.holds, "members that it has memory for, at a time")
      ->check(CLI::Range(1, 12));
  app.add_option("--threads", arguments.site.threads, "of a worker, on the CPU")
      ->check(CLI::Range(1, 1024));
  app.add_option("--write", arguments.write, "only write the models, to this folder");
  auto* panel = app.add_option("--panel", arguments.asked,
                               "folder of recorded answers, whose questions real models are asked");
  app.add_option("--ask", arguments.asked, "the same with a file, one question a line")
      ->excludes(panel);
  app.add_option("--models", arguments.answers.models, "folder of the models that are asked")
      ->capture_default_str();
  app.add_option("--asked", arguments.answers.count, "questions at most")
      ->check(CLI::Range(21, 100'000))
      ->capture_default_str();
  app.add_option("--minutes", arguments.answers.minutes, "after which no question is begun")
      ->check(CLI::Range(0.1, 1e4))
      ->capture_default_str();
  app.add_flag("--answers-only", arguments.answers_only, "nothing but these");
  CLI11_PARSE(app, argc, argv);
  const auto ran = kai::bench::run(arguments);
  if (ran) return 0;
  fmt::print(stderr, "kai-bench-machine: {}\n", ran.error().message);
  return 1;
}
