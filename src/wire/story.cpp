#include "wire/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr std::int64_t tokens_max = 1'000'000'000;
constexpr double ms_max = 1e15;

// Absent or null: nothing, or the default.
std::string text_in(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.text(name) : std::string();
}
double number_in(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.number(name, -1e18, 1e18) : 0;
}
double seconds_in(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.number(name, 0, ms_max) / 1000 : 0;
}
std::int64_t count_in(Fields& fields, std::string_view name) {
  return fields.has(name) ? fields.integer(name, {0, tokens_max}) : 0;
}

// Every line of `text` behind `margin`.
std::string indented(std::string_view text, std::string_view margin) {
  std::string lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines += fmt::format("{}{}\n", margin, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string error_in(Fields& fields) {
  if (!fields.has("error")) return {};
  Fields error = fields.object("error");
  return fmt::format("{} ({})", error.text("message"), error.text("code"));
}

// What came of running its code.
std::string run_in(Fields& member) {
  if (!member.has("run")) return {};
  Fields run = member.object("run");
  const auto passed = count_in(run, "passed");
  const auto all = passed + count_in(run, "failed");
  const std::string why = text_in(run, "why");
  if (all == 0) return "    code: not run" + (why.empty() ? why : ": " + why) + '\n';
  return fmt::format("    code: passes {} of {} examples{}\n", passed, all,
                     why.empty() ? why : "; fails " + why);
}

std::string member_line(Fields& member) {
  const std::string stance = text_in(member, "stance");
  std::string line = fmt::format("  {}  {}{}{}\n", member.text("member"), member.text("ending"),
                                 stance.empty() || stance == "none" ? "" : ", " + stance,
                                 member.has("device") ? " · on " + member.text("device") : "");
  if (const auto error = error_in(member); !error.empty()) line += "    ✗ " + error + '\n';
  const auto wrote = count_in(member, "answer_tokens");
  const double total = seconds_in(member, "total_ms");
  if (total > 0) {
    line += fmt::format("    {:.2f} s: queued {:.2f} s · loaded {:.2f} s", total,
                        seconds_in(member, "queued_ms"), seconds_in(member, "load_ms"));
    // One that was cut never told what it had read and written.
    if (wrote > 0) {
      line +=
          fmt::format(" · read {} tokens in {:.2f} s · wrote {} in {:.2f} s ({:.0f}/s)",
                      count_in(member, "prompt_tokens"), seconds_in(member, "prefill_ms"), wrote,
                      seconds_in(member, "decode_ms"), number_in(member, "tokens_per_second"));
    }
    line += '\n';
  }
  line += run_in(member);
  return line + indented(text_in(member, "text"), "    │ ");
}

std::string verdict_lines(Fields& verdict) {
  std::string lines;
  if (verdict.has("groups")) {
    for (auto& group : verdict.objects("groups")) {
      lines += fmt::format("  \"{}\": {}\n", group.text("answer"),
                           fmt::join(group.texts("members"), ", "));
    }
  }
  if (verdict.has("dissent")) {
    for (auto& dissent : verdict.objects("dissent")) {
      lines +=
          fmt::format("  dissent: {} says \"{}\"\n", dissent.text("member"), dissent.text("words"));
    }
  }
  const auto abstained =
      verdict.has("abstained") ? verdict.texts("abstained") : std::vector<std::string>();
  if (!abstained.empty()) {
    lines += fmt::format("  said nothing that can be counted: {}\n", fmt::join(abstained, ", "));
  }
  return lines.empty() ? lines : "\nVerdict\n" + lines;
}

std::string left_out_lines(Fields& plan) {
  std::string lines;
  for (auto& item : plan.objects("left_out")) {
    lines += fmt::format("  {}: {}\n", item.text("model"), item.text("why"));
  }
  return lines.empty() ? lines : "\nLeft out\n" + lines;
}

std::string agreement_in(Fields& verdict) {
  const auto voters = count_in(verdict, "voters");
  if (voters == 0) return "no votes";
  if (voters == 1) return "1 answer";
  return fmt::format("{} of {} agree", count_in(verdict, "agreeing"), voters);
}

std::string heading(Fields& story, Fields& verdict) {
  std::string text = fmt::format("{}  {}\n\nQuestion\n{}", story.text("id"), story.text("asked"),
                                 indented(story.text("question"), "  "));
  if (story.has("text")) {
    text += fmt::format("\nAnswer, in the words of {}\n{}", text_in(story, "author"),
                        indented(story.text("text"), "  "));
  }
  if (const auto error = error_in(story); !error.empty()) text += "\nFailed\n  " + error + '\n';
  text += fmt::format("\n{} · {}{} · {:.2f} s\n", story.text("tier"), agreement_in(verdict),
                      verdict.has("method") ? " · by " + verdict.text("method") : "",
                      seconds_in(story, "latency_ms"));
  Fields complexity = story.object("complexity");
  const std::string why = text_in(complexity, "why");
  if (!why.empty()) {
    text += fmt::format("complexity {:.2f}: {}\n", number_in(complexity, "difficulty"), why);
  }
  if (story.has("asked_why")) text += story.text("asked_why") + '\n';
  if (story.has("device_changes")) {
    for (const auto& change : story.texts("device_changes")) text += change + '\n';
  }
  if (story.has("stop_why")) text += "stopped early: " + story.text("stop_why") + '\n';
  if (story.has("partial") && story.flag("partial")) text += "partial: the deadline cut members\n";
  return text;
}

}  // namespace

Result<std::string> tell_story(std::string_view json) {
  return decode(json, [](Fields& story) {
    Fields verdict = story.object("verdict");
    std::string text = heading(story, verdict) + verdict_lines(verdict);
    if (story.has("members")) {
      std::string members;
      for (auto& member : story.objects("members")) members += member_line(member);
      if (!members.empty()) text += "\nMembers\n" + members;
    }
    if (story.has("plan")) {
      Fields plan = story.object("plan");
      text += left_out_lines(plan);
      const auto fallbacks = count_in(plan, "fallbacks");
      if (fallbacks > 0) text += fmt::format("\n{} fallback plans were tried\n", fallbacks);
    }
    return text;
  });
}

}  // namespace kai::wire
