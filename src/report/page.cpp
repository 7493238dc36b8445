#include "report/page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "report/statistics.h"

namespace kai::report {

namespace {

constexpr std::array kinds{Shape::choice, Shape::number, Shape::short_text, Shape::code,
                           Shape::open};
constexpr std::array tiers{Tier::simple, Tier::medium, Tier::complex, Tier::expert};

constexpr int few_answers = 10;  // below it a median says little

// In a cell of a table, or a paragraph: what Markdown would read as its own is taken apart.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("|*_`[]<>\\#").find(c) != std::string_view::npos) out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

// As code, whatever it holds.
std::string code(std::string_view text) {
  std::string fence = "`";
  while (text.find(fence) != std::string_view::npos) fence += '`';
  const std::string_view gap = fence.size() > 1 ? " " : "";
  return fmt::format("{0}{1}{2}{1}{0}", fence, gap, text);
}

std::string kind_words(Shape kind) {
  switch (kind) {
    case Shape::choice: return "one of choices";
    case Shape::number: return "a number";
    case Shape::short_text: return "a few words";
    case Shape::code: return "code";
    case Shape::open: return "a text";
  }
  return {};
}

std::string gigabytes(Bytes bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes.count) / 1e9);
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.0f} %", 100 * *share) : "";
}

std::string times(const WayFigures& way) {
  if (way.answered == 0) return "";
  return fmt::format("{:.1f}, {:.1f}", seconds(way.median), seconds(way.p90));
}

// Share with its 95 % interval.
std::string share_of(int right, int marked) {
  if (marked == 0) return "";
  const Interval range = wilson(right, marked);
  return fmt::format("{:.0f} % ({:.0f}-{:.0f})", 100.0 * right / marked, 100 * range.low,
                     100 * range.high);
}

class Page {
 public:
  Page(const PerformanceReport& report, const PageOptions& options)
      : report_(report), options_(options) {}

  std::string write() {
    add_head();
    add_short();
    add_speed();
    add_example();
    add_kinds();
    add_use();
    add_curve();
    add_trade_off();
    add_timeouts();
    add_missing();
    add_how();
    return std::move(text_);
  }

 private:
  void add(std::string_view line) {
    text_ += line;
    text_ += '\n';
  }
  void picture(std::string_view name, std::string_view alt) {
    if (!options_.pictures) return;
    add(fmt::format("![{}]({}-{}.svg)\n", alt, options_.stem, name));
  }
  void add_head();
  void add_short();
  void add_speed();
  void add_example();
  void add_kinds();
  void add_use();
  void add_curve();
  void add_trade_off();
  void add_timeouts();
  void add_missing();
  void add_how();

  const PerformanceReport& report_;
  const PageOptions& options_;
  std::string text_;
};

void Page::add_head() {
  add(report_.recorded    ? "# Performance with recorded answers"
      : report_.simulated ? "# Performance, simulated"
                          : "# Performance on this machine");
  add(fmt::format("Written by {}; not by hand.\n", code(report_.made_by)));
  add((report_.simulated ? "The PC: " : "") + plain(report_.subject) + ".\n");
  if (report_.simulated) {
    add("**Simulated: none of these times was measured.** kai's own planner, scheduler and "
        "consensus ran in virtual time; the original way was played beside them.\n");
  }
  add("*kai* asks as many models as a question deserves, in an order made for the machine, and "
      "stops once nothing left could change the outcome. *The original way* asks every model at "
      "once and waits for all of them.");
  add(report_.simulated
          ? "Each question begins with nothing loaded.\n"
          : "Here that is `kai ask --mode all`: every model once, in an order that kai plans, and "
            "stopped early as any question. Each question begins with what is loaded already.\n");
  add(fmt::format("Models: {}.", plain(fmt::format("{}", fmt::join(report_.models, ", ")))));
}

void Page::add_short() {
  const auto is_asked = [](const PerformanceRow& row) { return row.adaptive.questions > 0; };
  if (std::ranges::none_of(report_.tiers, is_asked)) return;
  add("\n## In short");
  for (const auto& row : report_.tiers) {
    const auto place = static_cast<std::size_t>(*row.tier);
    if (row.adaptive.questions == 0) continue;
    if (row.adaptive.answered == 0) {
      const int count = row.adaptive.questions;
      add(fmt::format("- **{}**: no answer to {} question{}{}.", to_string(*row.tier), count,
                      count == 1 ? "" : "s",
                      row.adaptive.why.empty() ? "" : ": " + plain(row.adaptive.why)));
      continue;
    }
    std::string line =
        fmt::format("- **{}**: an answer in {:.1f} s, nine in ten within {:.1f} s",
                    to_string(*row.tier), seconds(row.adaptive.median), seconds(row.adaptive.p90));
    if (place < report_.aims.size()) {
      line += fmt::format(" (aim: {:.0f} s)", seconds(report_.aims[place]));
    }
    if (row.adaptive.answered < row.adaptive.questions) {
      line += fmt::format(", of the {} of {} questions that had one", row.adaptive.answered,
                          row.adaptive.questions);
    }
    if (row.faster > 0) {
      line += fmt::format("; {} than ", sooner_words(row.faster)) +
              (report_.simulated ? fmt::format("all {} models at once", report_.models.size())
                                 : "in the original way");
    }
    if (row.adaptive.gpu_busy && row.original.gpu_busy) {
      line += fmt::format(", the GPU {} busy instead of {}", percent(row.adaptive.gpu_busy),
                          percent(row.original.gpu_busy));
    }
    const bool few = std::min(row.adaptive.answered, row.original.answered) < few_answers;
    add(line + (row.faster > 0 && few ? " (few questions: an impression)." : "."));
  }
}

void Page::add_speed() {
  if (report_.tiers.empty()) return;
  add("\n## Speed by tier\n");
  if (shows_tiers(report_)) {
    picture("tiers", "Bars: time to an answer in each tier, kai and the original way");
  }
  add("Seconds, median and 90th percentile. *Asked* counts voices, *heard* those that were not "
      "stopped since the outcome was settled. *Sooner* is " +
      std::string(report_.simulated
                      ? "the median of the questions' own ratios, original over kai.\n"
                      : "the ratio of the two medians, which are of different "
                        "questions.\n"));
  add("| tier | answered | asked, heard | kai | original way, same models | original way, all | "
      "sooner | agreement |");
  add("|---|--:|--:|--:|--:|--:|--:|--:|");
  for (const auto& row : report_.tiers) {
    const WayFigures& kai = row.adaptive;
    add(fmt::format("| {} | {} of {} | {:.1f}, {:.1f} | {} | {} | {} | {} | {} |",
                    to_string(*row.tier), kai.answered, kai.questions, kai.asked, kai.heard,
                    times(kai), times(row.same), times(row.original),
                    row.faster > 0 ? fmt::format("{:.1f}", row.faster) : "",
                    kai.answered > 0 ? percent(kai.agreement) : ""));
  }
}

void Page::add_example() {
  if (!report_.example || !report_.example->answered()) return;
  const PcTrial& trial = *report_.example;
  add("\n## One question, second by second");
  add(fmt::format(
      "\"{}\", {}. kai stops once {} of {} voices are heard: {:.1f} s. The original way loads one "
      "after the other, and has to unload before it can go on: {:.1f} s with the same models, "
      "{:.1f} s with all.\n",
      plain(trial.question), to_string(trial.tier), trial.heard, trial.asked,
      seconds(trial.kai.time), seconds(trial.same.time), seconds(trial.original.time)));
  picture("timeline", "Bars: when each model loads, reads and writes, kai and the original way");
}

void Page::add_kinds() {
  if (report_.kinds.empty()) return;
  add("\n## By kind of question");
  add("What a question asks for decides how answers are compared, and so how early kai may stop. "
      "kai's seconds, median and 90th percentile; in brackets the voices heard of those asked.\n");
  add("| kind | simple | medium | complex | expert |");
  add("|---|--:|--:|--:|--:|");
  for (const Shape kind : kinds) {
    std::string line = fmt::format("| {} |", kind_words(kind));
    bool any = false;
    for (const Tier tier : tiers) {
      const auto row = std::ranges::find_if(report_.kinds, [&](const PerformanceRow& one) {
        return one.kind == kind && one.tier == tier;
      });
      const bool known = row != report_.kinds.end() && row->adaptive.answered > 0;
      any = any || known;
      line += known ? fmt::format(" {} ({:.1f} of {:.1f}) |", times(row->adaptive),
                                  row->adaptive.heard, row->adaptive.asked)
                    : " |";
    }
    if (any) add(line);
  }
}

void Page::add_use() {
  const bool running = std::ranges::any_of(
      report_.tiers, [](const PerformanceRow& row) { return row.adaptive.running.has_value(); });
  if (report_.tiers.empty()) return;
  add("\n## Use of the machine");
  if (running) {
    add("*Models at work* counts those that read or write at a time, mean over a question. "
        "*Loaded* "
        "is what one question brings into memory.\n");
    add("| tier | models at work | loaded, GB | original way: models at work | loaded, GB |");
    add("|---|--:|--:|--:|--:|");
    const auto number = [](const std::optional<double>& value) {
      return value ? fmt::format("{:.2f}", *value) : "";
    };
    for (const auto& row : report_.tiers) {
      add(fmt::format("| {} | {} | {} | {} | {} |", to_string(*row.tier),
                      number(row.adaptive.running), gigabytes(row.adaptive.loaded),
                      number(row.original.running),
                      row.original.answered > 0 ? gigabytes(row.original.loaded) : ""));
    }
    return;
  }
  add("*Busy* is the part of the time in which a device's bandwidth or arithmetic is in use. "
      "*Loaded* is what one question brings to the GPU, mean; *peak* the most of the GPU's memory "
      "at a time.\n");
  add("| tier | kai: GPU busy | CPU busy | loaded, GB | peak, GB | original way, all: GPU busy | "
      "CPU busy | loaded, GB | peak, GB |");
  add("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
  const auto use = [](const WayFigures& way) {
    return way.answered == 0
               ? std::string(" | | | |")
               : fmt::format(" {} | {} | {} | {} |", percent(way.gpu_busy), percent(way.cpu_busy),
                             gigabytes(way.loaded), gigabytes(way.gpu_peak));
  };
  for (const auto& row : report_.tiers) {
    add(fmt::format("| {} |{}{}", to_string(*row.tier), use(row.adaptive), use(row.original)));
  }
}

void Page::add_curve() {
  if (report_.curve.empty()) return;
  add("\n## What each further model costs");
  add("The first so many models of the list above, each once, a prompt of about 200 tokens, 256 "
      "written by each, all heard. *Bound* is the time in which GPU and CPU together could read "
      "what the answers need: no order is faster.\n");
  picture("models", "Lines: seconds against the number of models asked, kai and the original way");
  picture("gpu", "Lines: how busy the GPU is against the number of models asked");
  add("*Split*: with `planner.splits = true` a model that the GPU does not hold lies there in "
      "part; "
      "without it, the CPU has it alone.\n");
  add("| models | kai, s | kai split, s | original way, s | bound, s | GPU busy: kai | kai split | "
      "original |");
  add("|--:|--:|--:|--:|--:|--:|--:|--:|");
  for (const auto& point : report_.curve) {
    add(fmt::format("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {} | {} | {} |", point.models,
                    seconds(point.adaptive), seconds(point.split), seconds(point.original),
                    seconds(point.bound), percent(point.adaptive_gpu), percent(point.split_gpu),
                    percent(point.original_gpu)));
  }
  const auto slower = std::ranges::find_if(
      report_.curve, [](const CurvePoint& point) { return point.adaptive > point.original; });
  if (slower == report_.curve.end()) return;
  add(
      fmt::format("\n**From {} models on kai can take longer than the original way** where all are "
                  "asked and heard to the end and none is split: the large ones have the CPU to "
                  "themselves, one after the other. A tier asks such a model only where it "
                  "answers within the tier's aim.",
                  slower->models));
}

void Page::add_trade_off() {
  if (report_.trade_off.empty()) return;
  add("\n## What more time buys");
  add(fmt::format("{}. In brackets the 95 % interval (Wilson).\n", plain(report_.trade_off_of)));
  if (shows_quality(report_)) {
    picture("quality", "Line: right answers against seconds");
  }
  add("| way | voices asked | seconds, median and 90th percentile | right |");
  add("|---|--:|--:|--:|");
  for (const auto& point : report_.trade_off) {
    add(fmt::format("| {} | {} | {:.1f}, {:.1f} | {} |", plain(point.way),
                    point.asked > 0 ? fmt::format("{:.1f}", point.asked) : "",
                    seconds(point.median), seconds(point.p90),
                    share_of(point.right, point.marked)));
  }
}

void Page::add_timeouts() {
  if (report_.timeouts.empty()) return;
  add("\n## Timeouts");
  add("How long a tier takes with nothing loaded and everybody heard, and whether its timeout "
      "suits "
      "that (`kai doctor` says the same of its own machine). A suggestion goes into `kai.toml`.\n");
  add("| tier | members | usual, s | longest, s | timeout, s | suggested, s |");
  add("|---|--:|--:|--:|--:|--:|");
  for (const auto& time : report_.timeouts) {
    if (time.members == 0) {
      add(fmt::format("| {} | 0 | | | {:.0f} | |", to_string(time.tier), seconds(time.timeout)));
      continue;
    }
    add(fmt::format("| {} | {} | {:.1f} | {:.1f} | {:.0f} | {} |", to_string(time.tier),
                    time.members, seconds(time.usual), seconds(time.longest), seconds(time.timeout),
                    time.suggested == time.timeout
                        ? "as it is"
                        : fmt::format("{:.0f}", seconds(time.suggested))));
  }
}

void Page::add_missing() {
  if (report_.missing.empty()) return;
  add("\n## What is missing");
  for (const auto& one : report_.missing) {
    add(fmt::format("- {}: {}", one.what, code(one.command)));
  }
}

void Page::add_how() {
  if (!report_.simulated) return;
  add("\n## How far it can be believed");
  add("The PC is a file of numbers; loads, reading and writing take what formulas say, and share "
      "the devices. `docs/decisions/016-a-pc-in-virtual-time.md` has the rules, how they were held "
      "against another simulation of the same PC, and what is not modelled: the disk, heat, a "
      "desktop that uses the GPU.\n");
  if (report_.recorded) {
    add("Members give the recorded answers of real models of about their size, as long as these "
        "were. Which model gives whose: `make bench-pc ARGS=\"--panel FOLDER\"`. The recordings "
        "were made without a limit; here a tier cuts them at its own (128, 256, 512, 768 tokens), "
        "and a member that is cut before it states an answer has none, which costs the lower tiers "
        "right answers on questions that are not simple. Nothing is learned: all say is by the "
        "priors of kai's table.");
    return;
  }
  add("What members say is drawn by chance, from a fixed seed: the higher a model's prior in kai's "
      "own table, the likelier it gives the common answer, and it writes between half and one and "
      "a half times what its tier expects. So the figures say how soon kai may stop with models of "
      "such priors, and nothing about whether answers are right.");
}

}  // namespace

std::string page_of(const PerformanceReport& report, const PageOptions& options) {
  return Page(report, options).write();
}

}  // namespace kai::report
