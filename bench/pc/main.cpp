// kai-bench-pc: what the original way and the best order take on a PC in virtual time, held against
// what is known.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "bench/rows.h"
#include "sim/naive.h"
#include "sim/ordered.h"
#include "wire/pc.h"

namespace kai::bench {
namespace {

constexpr Tokens order_context{640};  // of the best order

struct Arguments {
  std::string pc = "examples/reference-pc.json";
  std::string json;
  std::string trace;
};

Result<Pc> read_pc(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(ErrorCode::not_found, path + " cannot be read; name a file with --pc");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto pc = wire::decode_pc(text);
  if (!pc) return fail(pc.error().code, path + ": " + pc.error().message);
  return pc;
}

double percent_off(double ours, double known) {
  return 100 * (ours / known - 1);
}

void print_head(const Pc& pc) {
  fmt::print("{}\n\n", pc.what);
  fmt::print("{:<20} {:>13}  {:>31}  {:>11}  {:>14}  {:>11}\n", "", "bound, s", "naive, s",
             "GPU busy, %", "best order, s", "GPU busy, %");
  fmt::print("{:<20} {:>6} {:>6}  {:>7} {:>7} {:>7} {:>7}  {:>5} {:>5}  {:>7} {:>6}  {:>11}\n",
             "models", "kai", "known", "kai", "known", "off", "/bound", "kai", "known", "kai",
             "known", "kai");
}

Row compared(std::string_view way, std::string_view models, const PcRun& run, Duration known) {
  const double ratio = run.makespan.count() / seconds(known);
  return {.what = fmt::format("{}, {}", way, models),
          .value = run.makespan.count(),
          .unit = "s",
          .compared_with = fmt::format("{:.1f} s known", seconds(known)),
          .ratio = ratio,
          .reach = "0.95..1.05",
          .met = std::abs(ratio - 1) <= 0.05};
}

// Prints a row of the table, and gives what it compares.
std::vector<Row> rows_of(const Pc& pc, const PcKnown& known,
                         const std::vector<std::size_t>& members) {
  const PcQuestion question;
  const PcRun naive = run_naive(pc, members, question);
  const PcRun best =
      run_ordered(pc, best_order(pc, members, question, order_context), question, order_context);
  const double least = bound(pc, members, question).count();
  const double off = percent_off(naive.makespan.count(), seconds(known.naive));
  const std::string busy =
      known.naive_gpu_busy ? fmt::format("{:.0f}", 100 * *known.naive_gpu_busy) : "";
  fmt::print(
      "{:<20} {:>6.1f} {:>6.1f}  {:>7.1f} {:>7.1f} {:>+6.1f}% {:>7.2f}  {:>5.0f} {:>5}  "
      "{:>7.1f} {:>6.1f}  {:>11.0f}\n",
      known.name, least, seconds(known.bound), naive.makespan.count(), seconds(known.naive), off,
      naive.makespan.count() / least, 100 * naive.gpu_busy, busy, best.makespan.count(),
      seconds(known.best), 100 * best.gpu_busy);
  return {compared("naive", known.name, naive, known.naive),
          compared("best order", known.name, best, known.best)};
}

void print_trace(const Pc& pc, const std::vector<std::size_t>& members) {
  fmt::print("\n{:>8}  {:<18} {:<8} {:>8} {:>12}\n", "s", "model", "stage", "on GPU", "GPU GB");
  for (const auto& event : run_naive(pc, members, {}).events) {
    fmt::print("{:>8.2f}  {:<18} {:<8} {:>7.0f}% {:>12.2f}\n", event.at.count(), event.model,
               to_string(event.stage), 100 * event.share,
               static_cast<double>(event.gpu_taken.count) / 1e9);
  }
}

Result<> run(const Arguments& given) {
  const auto pc = read_pc(given.pc);
  if (!pc) return std::unexpected(pc.error());
  if (pc->known.empty()) {
    return fail(ErrorCode::invalid_request, given.pc + ": \"known\" names no runs to compare with");
  }
  std::vector<Row> rows;
  const PcKnown* traced = nullptr;
  print_head(*pc);
  for (const auto& known : pc->known) {
    const auto members = find_models(*pc, known.models);
    if (!members) return std::unexpected(members.error());
    std::ranges::move(rows_of(*pc, known, *members), std::back_inserter(rows));
    if (known.name == given.trace) traced = &known;
  }
  if (traced != nullptr) print_trace(*pc, *find_models(*pc, traced->models));
  if (traced == nullptr && !given.trace.empty()) {
    return fail(
        ErrorCode::not_found,
        fmt::format("no row is called \"{}\"; its name is in the first column", given.trace));
  }
  if (given.json.empty()) return {};
  return write_json(rows, given.json);
}

}  // namespace
}  // namespace kai::bench

int main(int argc, char** argv) {
  CLI::App app(
      "kai-bench-pc: every model at once, as Ollama would, and the best order, in virtual time.");
  kai::bench::Arguments given;
  app.add_option("--pc", given.pc, "file that describes the PC")->capture_default_str();
  app.add_option("--json", given.json, "write the rows to this file as JSON");
  app.add_option("--trace", given.trace,
                 "print what happens when in the original way, of the row of this name");
  CLI11_PARSE(app, argc, argv);
  const auto ran = kai::bench::run(given);
  if (ran) return 0;
  fmt::print(stderr, "kai-bench-pc: {}\n", ran.error().message);
  return 1;
}
