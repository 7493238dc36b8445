#include "wire/steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr std::size_t line_bytes_max = 240;

std::string names_of(const Plan& plan) {
  std::vector<std::string> names;
  for (const Ask& ask : plan.asks) names.push_back(ask.member.text);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string ended_words(const Answer& answer) {
  const double after = seconds(answer.timings.total);
  switch (answer.ending) {
    case Ending::stated:
    case Ending::complete:
      return fmt::format("{} has answered ({:.1f} s)", answer.member.text, after);
    case Ending::token_limit:
    case Ending::deadline:
      return fmt::format("{} was cut off ({:.1f} s)", answer.member.text, after);
    case Ending::cancelled: return fmt::format("{} was stopped", answer.member.text);
    case Ending::failed: break;
  }
  return fmt::format("{} failed: {}", answer.member.text,
                     answer.error ? answer.error->message : "no reason is known");
}

// One line, whatever words it was made of.
std::string as_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (text.size() <= line_bytes_max) return text;
  std::size_t end = line_bytes_max - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

std::string agreement_words(const event::Agreement& agreement) {
  return fmt::format("{} of {} have answered, {} of {} voices agree", agreement.answered,
                     agreement.asked, agreement.verdict.agreeing, agreement.verdict.voters);
}

std::string Steps::say(const Event& event) {
  return as_line(valid_utf8(told(event)));
}

std::string Steps::told(const Event& event) {
  if (const auto* started = std::get_if<event::Started>(&event.what)) {
    return fmt::format("{} question, asks {}", to_string(started->plan.tier),
                       names_of(started->plan));
  }
  if (const auto* fallback = std::get_if<event::Fallback>(&event.what)) {
    return fmt::format("{}; asks {}", fallback->why, names_of(fallback->plan));
  }
  if (const auto* device = std::get_if<event::DeviceChanged>(&event.what)) return device->what;
  if (const auto* waiting = std::get_if<event::Waiting>(&event.what)) {
    return std::exchange(waiting_, waiting->why) == waiting->why ? "" : "waits: " + waiting->why;
  }
  if (const auto* loading = std::get_if<event::Loading>(&event.what)) {
    return loading_.insert(loading->member).second ? loading->member.text + " loads" : "";
  }
  if (const auto* token = std::get_if<event::Token>(&event.what)) {
    return writing_.insert(token->member).second ? token->member.text + " begins to write" : "";
  }
  if (const auto* testing = std::get_if<event::Testing>(&event.what)) {
    return fmt::format("runs the code of {}", testing->member.text);
  }
  if (const auto* ended = std::get_if<event::Ended>(&event.what)) {
    return ended_words(ended->answer);
  }
  if (const auto* agreement = std::get_if<event::Agreement>(&event.what)) {
    return agreement_words(*agreement);
  }
  if (const auto* stop = std::get_if<event::EarlyStop>(&event.what)) {
    return "stops early: " + stop->why;
  }
  return "";
}

}  // namespace kai::wire
