#include "api/answering.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/replies.h"
#include "base/task_group.h"
#include "domain/model_names.h"
#include "wire/tools.h"

namespace kai {

namespace {

constexpr std::array<std::string_view, 5> tier_names{"kai:auto", "kai:simple", "kai:medium",
                                                     "kai:complex", "kai:expert"};

constexpr Duration look_every = std::chrono::seconds(1);

}  // namespace

// What a stream has to say, as a question's events bring it, in the client's protocol.
class Answering::Feed {
 public:
  Feed(Dialect& dialect, bool settled) : dialect_(dialect), settled_(settled) {}

  void take(const Event& event) {
    if (const std::string note = dialect_.note(event); !note.empty()) {
      notes_ += note;
      news_.resume();
    }
    if (const auto* started = std::get_if<event::Started>(&event.what)) {
      tier_ = to_string(started->plan.tier);
    } else if (const auto* draft = std::get_if<event::Draft>(&event.what)) {
      if (settled_) return;
      // What was sent cannot be taken back: the reader is told that it begins anew.
      if (draft->anew && told_) {
        pending_ += fmt::format("\n\n[revised: {} answers in place of {}]\n\n", draft->member.text,
                                writer_.text);
      }
      writer_ = draft->member;
      pending_ += draft->text;
      told_ = true;
      news_.resume();
    } else if (std::holds_alternative<event::Completed>(event.what)) {
      end();
    }
  }
  // Nothing comes any more.
  void end() {
    over_ = true;
    news_.resume();
  }

  Wait& news() { return news_; }
  bool over() const { return over_; }
  std::string_view tier() const { return tier_; }  // empty: not known yet
  std::string take_news() { return std::exchange(notes_, "") + words(std::exchange(pending_, "")); }
  // What is left to say once it is known what the answer is.
  std::string take_rest(const Outcome& outcome) {
    std::string rest = take_news();
    if (!told_) rest += dialect_.all_words(outcome, std::exchange(first_, false));
    return rest;
  }

 private:
  std::string words(const std::string& text) {
    return text.empty() ? "" : dialect_.words(text, std::exchange(first_, false));
  }

  Dialect& dialect_;
  bool settled_;
  std::string notes_;
  std::string pending_;
  std::string_view tier_;
  MemberId writer_;
  bool told_ = false;  // any word
  bool first_ = true;  // what is sent next is the first
  bool over_ = false;
  Wait news_;
};

namespace {

// `feed` must outlive the task.
template <class T, class Feed>
Task<T> ending(Task<T> task, Feed* feed) {
  std::exception_ptr fault;
  try {
    T value = co_await std::move(task);
    feed->end();
    co_return value;
  } catch (...) {
    fault = std::current_exception();
  }
  feed->end();
  std::rethrow_exception(fault);
}

std::vector<http::Header> kai_headers(const Query& query) {
  return {{"x-kai-schema-version", "1"}, {"x-kai-query-id", query.id.text}};
}

void add(std::vector<http::Header>& headers, std::vector<http::Header> more) {
  headers.insert(headers.end(), more.begin(), more.end());
}

// A stream begins with its first words: by then the tier is known.
http::StreamHead with_tier(http::StreamHead head, std::string_view tier) {
  if (!tier.empty()) head.headers.push_back({"x-kai-tier", std::string(tier)});
  return head;
}

// An outcome that is no stream.
http::Response whole_reply(const Dialect& dialect, const Outcome& outcome) {
  http::Response response = outcome.answered()
                                ? http::Response{.body = dialect.whole(outcome)}
                                : refusal(*outcome.error, dialect.refusal(*outcome.error));
  // The time for it is over, and would be again.
  if (response.status == 429) response.headers.push_back({"x-should-retry", "false"});
  add(response.headers, kai_headers(outcome.query));
  if (!outcome.plans.empty()) {
    response.headers.push_back({"x-kai-tier", std::string(to_string(outcome.plans.back().tier))});
  }
  response.headers.push_back({"x-kai-response-path", std::string(wire::answer_path(outcome))});
  return response;
}

}  // namespace

Answering::Answering(Executor executor, Clock& clock, const ServeOptions& options)
    : executor_(std::move(executor)),
      clock_(clock),
      options_(options),
      started_(clock.wall()),
      admission_(clock, options.questions_max, options.waiting_max) {}

bool Answering::ready() const {
  return backend_ && !closing_ && std::ranges::any_of(backend_->models(), [](const Model& model) {
           return model.refused.empty();
         });
}

void Answering::look_again(bool at_once) {
  const Time now = clock_.now();
  if (!backend_ || admission_.running() > 0) return;
  if (!at_once && looked_ && now - *looked_ < look_every) return;
  looked_ = now;
  backend_->look_again();
}

const Model* Answering::member_named(std::string_view name) const {
  if (!backend_) return nullptr;
  for (const Model& model : backend_->models()) {
    if (model.id.text == name && model.refused.empty()) return &model;
  }
  return nullptr;
}

std::string Answering::listed_name(std::string_view name) const {
  constexpr std::string_view tag = ":latest";
  std::vector<std::string> ways{std::string(name)};
  if (name.ends_with(tag)) ways.emplace_back(name.substr(0, name.size() - tag.size()));
  ways.push_back(std::string(name) + std::string(tag));
  for (const auto& way : ways) {
    if (way == "kai") return "kai:auto";
    if (std::ranges::count(tier_names, std::string_view(way)) > 0) return way;
    if (member_named(way) != nullptr) return way;
  }
  return "";
}

std::vector<wire::ollama::Listed> Answering::listed() const {
  std::vector<wire::ollama::Listed> list;
  for (const auto name : tier_names) list.push_back({std::string(name), nullptr});
  if (!backend_) return list;
  for (const Model& model : backend_->models()) {
    if (model.refused.empty()) list.push_back({model.id.text, &model});
  }
  return list;
}

Result<Query> Answering::query_of(wire::ChatRequest& request) {
  look_again(listed_name(request.model).empty());
  const std::string name = listed_name(request.model);
  if (name.empty()) {
    std::vector<std::string> known;
    for (const auto& one : listed()) known.push_back(one.name);
    return fail(ErrorCode::not_found, unknown_name(request.model, known));
  }
  std::optional<Tier> tier;
  std::vector<ModelId> members = request.members;
  if (const Model* member = member_named(name); member == nullptr) {
    if (name != "kai:auto") tier = tier_named(name.substr(std::string_view("kai:").size()));
  } else {
    if (!members.empty()) {
      return fail(ErrorCode::invalid_request,
                  "field \"kai.members\" is for the models kai:auto to kai:expert");
    }
    members = {member->id};
  }
  Query query = backend_->new_query(std::move(request.messages));
  query.tier = request.tier ? request.tier : tier;
  query.mode = request.mode;
  query.models = std::move(members);
  query.time_limit = request.deadline;
  query.answer_max = request.answer_max;
  query.stop = std::move(request.stop);
  query.temperature = request.temperature;
  query.top_p = request.top_p;
  query.json_form = std::move(request.json_form);
  query.top_logprobs = request.top_logprobs;
  query.keep = request.keep;
  query.seed = request.seed.value_or(query.seed);
  return query;
}

// It has not begun to answer, or stops.
http::Response Answering::unavailable(const Dialect& dialect) const {
  const Error why{ErrorCode::overloaded,
                  closing_ ? "kai is stopping" : "kai is looking at its models; ask again"};
  auto response = refusal(why, dialect.refusal(why), std::chrono::seconds(1));
  response.status = 503;
  return response;
}

Task<Reply> Answering::converse(http::Exchange& exchange, Dialect& dialect,
                                wire::ChatRequest request) {
  if (!backend_ || closing_) co_return unavailable(dialect);
  auto query = query_of(request);
  if (!query) co_return refusal(query.error(), dialect.refusal(query.error()));
  dialect.about(query->id);
  exchange.leaving_cancels = true;
  if (request.stream) {
    co_return co_await answer_streaming(exchange, dialect, *std::move(query),
                                        request.settled || request.top_logprobs.has_value());
  }
  co_return replied(dialect, co_await take_turn(exchange.caller, *std::move(query), {}));
}

Task<Result<Outcome>> Answering::answer_in_turn(std::string caller, Query query) {
  Turned turned = co_await take_turn(std::move(caller), std::move(query), {});
  if (!turned.outcome) co_return std::unexpected(std::move(turned.no_turn));
  co_return *std::move(turned.outcome);
}

Task<Result<Embedded>> Answering::embed(std::string caller, std::string model,
                                        std::vector<std::string> texts) {
  if (!backend_ || closing_) {
    co_return fail(ErrorCode::overloaded,
                   closing_ ? "kai is stopping" : "kai is looking at its models; ask again");
  }
  look_again();
  const Time until = clock_.now() + options_.embed_max;
  const auto turn = co_await admission_.enter(std::move(caller),
                                              std::min(until, clock_.now() + options_.wait_max));
  if (!turn) co_return std::unexpected(turn.error());
  co_return co_await backend_->embed(ModelId(std::move(model)), std::move(texts), until);
}

http::Response Answering::refused(const Error& error, std::string body) const {
  std::optional<Duration> again;
  if (error.code == ErrorCode::overloaded) again = admission_.come_again();
  return refusal(error, std::move(body), again);
}

Task<Answering::Turned> Answering::take_turn(std::string caller, Query query, OnEvent on_event) {
  const Time latest =
      clock_.now() + std::min(options_.wait_max, query.time_limit.value_or(Duration::max()));
  const auto turn = co_await admission_.enter(std::move(caller), latest);
  if (closing_) co_return Turned{.no_turn = {ErrorCode::cancelled, "kai is stopping"}};
  if (!turn) co_return Turned{.no_turn = turn.error()};
  // A tier's time begins with its turn; what the client gave began with its request.
  if (!query.time_limit) query.asked = clock_.now();
  const Time begun = clock_.now();
  Turned turned{.outcome = co_await backend_->answer(std::move(query), std::move(on_event))};
  admission_.note(clock_.now() - begun);
  co_return turned;
}

// What is no stream.
http::Response Answering::replied(const Dialect& dialect, const Turned& turned) const {
  if (turned.outcome) return whole_reply(dialect, *turned.outcome);
  if (closing_) return unavailable(dialect);
  return refusal(turned.no_turn, dialect.refusal(turned.no_turn), admission_.come_again());
}

// What the question says on its way; `stream` is taken with the first of it. An exception is a
// fault of whoever writes: its task goes on without it.
Task<std::exception_ptr> Answering::tell_news(http::Exchange& exchange, Dialect& dialect,
                                              Feed& feed, const http::StreamHead& head,
                                              std::unique_ptr<http::Stream>& stream) {
  try {
    bool here = true;
    Time silent_until = clock_.now() + options_.silence_max;
    while (here && !feed.over()) {
      co_await clock_.sleep_on(feed.news(), silent_until);
      if (co_await cancelled()) break;
      std::string news = feed.take_news();
      if (news.empty() && (feed.over() || clock_.now() < silent_until)) continue;
      if (news.empty()) news = dialect.silence();
      if (!stream) stream = co_await exchange.stream(with_tier(head, feed.tier()));
      here = co_await stream->write(std::move(news));
      silent_until = clock_.now() + options_.silence_max;
    }
  } catch (const std::exception&) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

Task<Reply> Answering::answer_streaming(http::Exchange& exchange, Dialect& dialect, Query query,
                                        bool settled) {
  http::StreamHead head{std::string(dialect.stream_type()), kai_headers(query)};
  head.headers.push_back({"Cache-Control", "no-store"});
  Feed feed(dialect, settled);
  TaskGroup<Turned> group(executor_);
  group.start(ending(take_turn(exchange.caller, std::move(query),
                               [&feed](const Event& event) { feed.take(event); }),
                     &feed));
  std::unique_ptr<http::Stream> stream;
  const auto fault = co_await tell_news(exchange, dialect, feed, head, stream);
  std::optional<Turned> turned;
  if (feed.over()) {
    if (auto ended = co_await group.next(clock_, Time::max())) turned = std::move(ended->value);
  }
  for (auto& rest : co_await group.join()) turned = std::move(rest.value);
  if (fault) std::rethrow_exception(fault);
  if (!turned) co_return Reply();
  const bool answered = turned->outcome && turned->outcome->answered();
  if (!answered && !stream) co_return replied(dialect, *turned);
  std::string rest;
  if (answered) {
    rest = feed.take_rest(*turned->outcome);
    rest += dialect.last(*turned->outcome);
  } else {
    rest = dialect.broken(turned->outcome ? *turned->outcome->error : turned->no_turn);
  }
  if (!stream) stream = co_await exchange.stream(with_tier(head, feed.tier()));
  co_await stream->write(std::move(rest));
  co_return Reply();
}

}  // namespace kai
