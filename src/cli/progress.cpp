#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kai {

namespace {

constexpr int name_columns_max = 40;
constexpr int reason_columns_max = 60;
constexpr std::string_view gap = "   ";
constexpr std::string_view wide_gap = "      ";  // before the agreement

void append(Line& line, Line more) {
  line.insert(line.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

}  // namespace

Line fate(const Answer& answer) {
  switch (answer.ending) {
    case Ending::complete:
    case Ending::token_limit:
      return {{fmt::format("✓{:.1f}s", seconds(answer.timings.total)), Style::good}};
    case Ending::deadline: return {{"✗ out of time", Style::bad}};
    case Ending::cancelled: return {{"stopped early", Style::dim}};
    case Ending::stated:
      return {{fmt::format("✓{:.1f}s, enough", seconds(answer.timings.total)), Style::good}};
    case Ending::failed: break;
  }
  const std::string why = answer.error ? answer.error->message : "failed";
  return {{"✗ " + one_line(why, reason_columns_max), Style::bad}};
}

struct Progress::Take {
  Progress& view;

  void operator()(const event::Started& e) const { view.plan(e.plan); }
  void operator()(const event::Fallback& e) const {
    view.notes_.push_back(e.why);
    view.plan(e.plan);
  }
  void operator()(const event::DeviceChanged& e) const { view.notes_.push_back(e.what); }
  void operator()(const event::Waiting& e) const { view.notes_.push_back(e.why); }
  void operator()(const event::Queued& e) const { view.member(e.member).phase = Phase::queued; }
  void operator()(const event::Loading& e) const { step(e.member, Phase::loading, e.progress); }
  void operator()(const event::Prefill& e) const { step(e.member, Phase::reading, e.progress); }
  void operator()(const event::Token& e) const {
    Member& member = view.member(e.member);
    member.phase = Phase::writing;
    ++member.pieces;
  }
  void operator()(const event::Testing& e) const { view.member(e.member).phase = Phase::testing; }
  void operator()(const event::Ended& e) const {
    Member& member = view.member(e.answer.member);
    member.phase = Phase::ended;
    member.answer = e.answer;
  }
  void operator()(const event::Agreement& e) const { view.verdict_ = e.verdict; }
  void operator()(const event::Draft&) const {}  // its words stand elsewhere
  void operator()(const event::EarlyStop&) const {}
  void operator()(const event::Completed& e) const { view.verdict_ = e.outcome.verdict; }

  void step(const MemberId& id, Phase phase, double done) const {
    Member& member = view.member(id);
    member.phase = phase;
    member.done = done;
  }
};

void Progress::take(const Event& event) {
  std::visit(Take{*this}, event.what);
}

Progress::Member& Progress::member(const MemberId& id) {
  const auto found = std::ranges::find(members_, id, &Member::id);
  return found != members_.end() ? *found : members_.emplace_back(Member{id, {}, 0, 0, {}});
}

void Progress::plan(const Plan& plan) {
  deadline_ = plan.deadline;
  for (const auto& ask : plan.asks) member(ask.member) = Member{ask.member, {}, 0, 0, {}};
}

Line Progress::state(const Member& member) const {
  Line line{{one_line(member.id.text, name_columns_max) + ' ', Style::plain}};
  switch (member.phase) {
    case Phase::planned: line.push_back({"planned", Style::dim}); break;
    case Phase::queued: line.push_back({"queued", Style::dim}); break;
    case Phase::loading: line.push_back({fmt::format("loading {:.0f}%", member.done * 100)}); break;
    case Phase::reading: line.push_back({"reading"}); break;
    case Phase::writing: line.push_back({fmt::format("writing {} tokens", member.pieces)}); break;
    case Phase::testing: line.push_back({"testing"}); break;
    case Phase::ended: append(line, fate(member.answer)); break;
  }
  return line;
}

Line Progress::agreement() const {
  if (verdict_.voters == 0) return {};
  if (verdict_.voters == 1) return {{"[1 answer]"}};
  return {{fmt::format("[{} of {} agree]", verdict_.agreeing, verdict_.voters)}};
}

Line Progress::live(Duration elapsed, int columns) const {
  Line tail = agreement();
  const std::string until =
      deadline_ == Time{} ? "" : fmt::format("/{:.0f}", seconds(deadline_ - asked_));
  tail.push_back({fmt::format("{}{:.1f}{} s", tail.empty() ? "" : " ", seconds(elapsed), until)});
  Line line;
  for (const auto& member : members_) {
    line.push_back({line.empty() ? "  " : std::string(gap)});
    append(line, state(member));
  }
  line = cut(std::move(line), std::max(0, columns - columns_of(tail) - 2));
  line.push_back({"  "});
  append(line, std::move(tail));
  return line;
}

std::vector<Line> Progress::ended(int columns) const {
  std::vector<Line> parts;
  for (const auto& member : members_) {
    if (member.phase == Phase::ended) parts.push_back(state(member));
  }
  if (parts.empty()) return {};
  if (auto tail = agreement(); !tail.empty()) parts.push_back(std::move(tail));
  std::vector<Line> lines{{{"  "}}};
  for (auto& part : parts) {
    const int used = columns_of(lines.back());
    const std::string_view between = part.front().text.starts_with('[') ? wide_gap : gap;
    const int wanted = used + columns_of(between) + columns_of(part);
    if (used > 2 && columns > 0 && wanted > columns) {
      lines.push_back({{"  "}});
    } else if (used > 2) {
      lines.back().push_back({std::string(between)});
    }
    append(lines.back(), std::move(part));
  }
  return lines;
}

std::vector<std::string> Progress::take_notes() {
  return std::exchange(notes_, {});
}

}  // namespace kai
