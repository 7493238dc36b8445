#include "api/spine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/task_group.h"
#include "wire/documents.h"

namespace kai {

namespace {

// About how long an event's text is, and what it holds until it is text: what is in it of changing
// length, and what stands around that.
struct TextBytes {
  static constexpr std::size_t line = 150, ask = 400, answer = 700, group = 200;

  std::size_t operator()(const event::Started& e) const { return line + of(e.plan); }
  std::size_t operator()(const event::Fallback& e) const { return line + of(e.plan); }
  std::size_t operator()(const event::Token& e) const { return line + e.text.size(); }
  std::size_t operator()(const event::Draft& e) const { return line + e.text.size(); }
  std::size_t operator()(const event::Ended& e) const { return line + of(e.answer); }
  std::size_t operator()(const event::Agreement& e) const { return line + of(e.verdict); }
  std::size_t operator()(const event::Completed& e) const {
    std::size_t sum = line + 2 * answer + of(e.outcome.verdict);
    if (e.outcome.synthesis) sum += of(e.outcome.synthesis->answer);
    for (const auto& plan : e.outcome.plans) sum += of(plan);
    for (const auto& one : e.outcome.answers) sum += of(one);
    for (const auto& message : e.outcome.query.messages) sum += message.text.size();
    return sum + e.outcome.query.json_form.size();
  }
  std::size_t operator()(const auto&) const { return line; }

  static std::size_t of(const Plan& plan) {
    std::size_t sum = ask * (1 + plan.asks.size()) + line * plan.left_out.size();
    for (const auto& one : plan.asks) sum += one.sampling.form.size();
    return sum;
  }
  static std::size_t of(const Answer& one) {
    return answer + one.text.size() + (one.document ? one.document->size() : 0);
  }
  static std::size_t of(const Verdict& verdict) {
    std::size_t sum = answer + verdict.text.size();
    for (const auto& one : verdict.groups) sum += group + one.answer.size();
    for (const auto& one : verdict.dissent) sum += line + one.words.size();
    return sum;
  }
};

std::uint64_t microseconds_of(WallTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}

}  // namespace

Spine::Spine(Executor executor, Clock& clock, Options options)
    : executor_(std::move(executor)),
      clock_(clock),
      options_(options),
      next_(microseconds_of(clock.wall())) {}

Spine::Known& Spine::known(const Query& query) {
  const auto [found, is_new] = known_.try_emplace(query.id);
  Known& known = found->second;
  known.query.asked = query.asked;  // its turn may have begun its time anew
  if (!is_new) return known;
  known.query.id = query.id;
  known.query.messages = {{Role::user, query.messages.empty() ? "" : query.question()}};
  known.wall = clock_.wall();
  known.told.first = next_;
  constexpr std::size_t envelope = 200;  // as text, about
  append({&known, Asked{query.asked}, envelope + known.query.messages.front().text.size()});
  return known;
}

void Spine::expect(const Query& query) {
  known(query);
}

Task<Outcome> Spine::tell(Query query, OnEvent on_event) {
  Known& mine = known(query);
  mine.telling = true;
  TaskGroup<Outcome> group(executor_);
  mine.stop = [&group] { group.cancel(0); };
  group.start(answered(std::move(query), [this, &mine, on_event](const Event& event) {
    take(mine, event);
    if (on_event) on_event(event);
  }));
  while (!mine.told.over) {
    co_await clock_.sleep_on(mine.stirred, mine.due);
    if (!mine.told.over && co_await cancelled()) break;
    if (clock_.now() >= mine.due) flush(mine);
  }
  std::optional<Outcome> outcome;
  if (mine.told.over) {
    if (auto ended = co_await group.next(clock_, Time::max())) outcome = std::move(ended->value);
  }
  for (auto& rest : co_await group.join()) outcome = std::move(rest.value);
  mine.stop = {};
  mine.telling = false;
  forget_if_gone(mine);
  co_return *std::move(outcome);
}

// An exception on the way is an outcome like any other.
Task<Outcome> Spine::answered(Query query, OnEvent on_event) {
  std::string fault;
  try {
    co_return co_await answer_(query, std::move(on_event));
  } catch (const std::exception& error) {
    fault = error.what();
  }
  tell_fault_(fmt::format("question {} ended by a fault of kai's own, please report it: {}",
                          query.id.text, fault));
  co_return refuse(query, {ErrorCode::internal,
                           "a fault of kai's own ended this question; the server's log says more, "
                           "please report it"});
}

Outcome Spine::refuse(const Query& query, const Error& error) {
  Outcome outcome;
  outcome.query = query;
  outcome.asked = known(query).wall;
  outcome.error = error;
  outcome.latency = clock_.now() - query.asked;
  // It was told already where it broke off behind its end.
  if (!known(query).told.over)
    take(known(query), Event{outcome.latency, event::Completed{outcome}});
  return outcome;
}

bool Spine::stop(const QueryId& query) {
  const auto found = known_.find(query);
  if (found == known_.end() || !found->second.stop) return false;
  found->second.stop();
  return true;
}

void Spine::tell_beside(const std::function<std::string(std::uint64_t)>& encode) {
  auto text = encode(next_);
  const std::size_t bytes = text.size();
  append({nullptr, std::move(text), bytes});
}

void Spine::take(Known& known, const Event& event) {
  if (known.batch.take(event)) {
    if (known.due != Time::max()) return;
    known.due = clock_.now() + options_.batch;
    known.stirred.resume();
    return;
  }
  flush(known);
  append(known, event);
  if (!std::holds_alternative<event::Completed>(event.what)) return;
  known.told.over = true;
  known.recap = {};
  known.stirred.resume();
}

void Spine::flush(Known& known) {
  known.due = Time::max();
  for (const Event& event : known.batch.empty_out()) append(known, event);
}

void Spine::append(Known& known, const Event& event) {
  // After its end nobody asks what a question came to until now.
  if (!std::holds_alternative<event::Completed>(event.what)) known.recap.take(event);
  append({&known, std::make_unique<const Event>(event),
          sizeof(Event) + std::visit(TextBytes(), event.what)});
}

void Spine::append(Entry entry) {
  bytes_ += entry.bytes + sizeof(Entry);
  if (entry.question != nullptr) {
    entry.question->told.last = next_;
    ++entry.question->held;
  }
  entries_.push_back(std::move(entry));
  ++next_;
  while (bytes_ > static_cast<std::size_t>(options_.kept_max.count) && entries_.size() > 1) {
    forget_oldest();
  }
  for (Wait& watcher : watchers_) watcher.resume();
}

void Spine::forget_oldest() {
  const Entry& oldest = entries_.front();
  bytes_ -= oldest.bytes + sizeof(Entry);
  Known* question = oldest.question;
  entries_.pop_front();
  if (question == nullptr) return;
  question->told.whole = false;
  --question->held;
  forget_if_gone(*question);
}

void Spine::forget_if_gone(Known& known) {
  if (known.held == 0 && known.told.over && !known.telling) known_.erase(QueryId(known.query.id));
}

bool Spine::reaches(std::uint64_t after) const {
  return after < next_ && after + 1 >= next_ - entries_.size();
}

std::optional<Spine::Told> Spine::find(const QueryId& query) const {
  const auto found = known_.find(query);
  return found == known_.end() ? std::nullopt : std::optional(found->second.told);
}

QueryId Spine::whole_id(const QueryId& beginning) const {
  std::optional<QueryId> whole;
  for (const auto& [id, known] : known_) {
    if (!id.text.starts_with(beginning.text)) continue;
    if (whole || id == beginning) return beginning;
    whole = id;
  }
  return whole.value_or(beginning);
}

const std::string& Spine::text_of(std::uint64_t seq) {
  Entry& entry = entries_[seq - (next_ - entries_.size())];
  if (auto* text = std::get_if<std::string>(&entry.event)) return *text;
  const Query& query = entry.question->query;
  if (const auto* asked = std::get_if<Asked>(&entry.event)) {
    entry.event = wire::encode_asked(query, entry.question->wall, {seq, query.id, asked->time});
  } else {
    const auto& event = std::get<std::unique_ptr<const Event>>(entry.event);
    entry.event = wire::encode_event(*event, {seq, query.id, query.asked});
  }
  const std::string& text = std::get<std::string>(entry.event);
  bytes_ += text.size() - std::exchange(entry.bytes, text.size());
  return text;
}

Spine::Piece Spine::read(std::uint64_t after, const QueryId* only, std::size_t bytes_max) {
  const std::uint64_t first = next_ - entries_.size();
  Piece piece;
  std::uint64_t seq = std::max(after + 1, first);
  for (; seq < next_ && piece.text.size() < bytes_max; ++seq) {
    const Entry& entry = entries_[seq - first];
    if (only != nullptr && (entry.question == nullptr || entry.question->query.id != *only)) {
      continue;
    }
    fmt::format_to(std::back_inserter(piece.text), "id: {}\ndata: {}\n\n", seq, text_of(seq));
  }
  piece.last = std::max(after, seq - 1);
  piece.more = seq < next_;
  return piece;
}

void Spine::add_recap(const Known& known, std::vector<std::string>& texts) const {
  wire::EventPlace place{last(), known.query.id, known.query.asked};
  texts.push_back(wire::encode_asked(known.query, known.wall, place));
  for (const Event& event : known.recap.events()) {
    texts.push_back(wire::encode_event(event, place));
  }
}

std::vector<std::string> Spine::recap(const QueryId& query) const {
  std::vector<std::string> texts;
  const auto found = known_.find(query);
  if (found != known_.end() && !found->second.told.over) add_recap(found->second, texts);
  return texts;
}

std::vector<std::string> Spine::recap() const {
  std::vector<const Known*> running;
  for (const auto& [id, known] : known_) {
    if (!known.told.over) running.push_back(&known);
  }
  std::ranges::sort(running, {}, [](const Known* one) { return one->told.first; });
  std::vector<std::string> texts;
  for (const Known* one : running) add_recap(*one, texts);
  return texts;
}

void Spine::close() {
  closed_ = true;
  for (Wait& watcher : watchers_) watcher.resume();
}

}  // namespace kai
