#include "cli/remote_ask.h"

#include <unistd.h>

#include "base/task_group.h"
#include "cli/exit_code.h"
#include "wire/native_api.h"
#include "wire/told.h"

namespace kai {

namespace {

constexpr Duration tick = std::chrono::milliseconds(100);
constexpr Duration reply_max = std::chrono::seconds(5);
// A server says something at least every 15 s.
constexpr Duration silence_max = std::chrono::seconds(40);
constexpr std::string_view data = "data: ";

http::Limits limits() {
  http::Limits limits;
  limits.line_max = 64_MiB;  // the last event has everyone's words
  limits.body_max = 64_MiB;
  return limits;
}

class RemoteQuestion {
 public:
  RemoteQuestion(const ServerPlace& place, const AskOptions& options, Terminal& terminal)
      : address_(place.address),
        key_(shown_key(place.secret)),
        options_(options),
        terminal_(terminal) {}

  std::optional<std::expected<Remote, RemoteRefusal>> ask(const Query& query);

 private:
  Task<bool> begin(std::string body);
  Task<bool> follow();
  Task<bool> stop();
  Task<bool> fetch_document();
  // Runs a task to its end, drawing and hearing Ctrl-C.
  void drive(Task<bool> task);

  http::Address address_;
  std::vector<http::Header> key_;
  const AskOptions& options_;
  Terminal& terminal_;
  boost::asio::io_context io_{1};
  std::unique_ptr<Clock> clock_ = make_real_clock(io_.get_executor());
  Interrupts interrupts_{io_};
  std::optional<QuestionScreen> screen_;  // once it was taken
  Time asked_{};

  std::optional<http::Response> taken_;
  bool late_ = false;  // it may take the question yet
  QueryId id_;
  std::vector<Plan> plans_;
  std::optional<Outcome> outcome_;
  std::string document_;
};

Task<bool> RemoteQuestion::begin(std::string body) {
  auto reply = co_await http::fetch(
      *clock_, address_,
      {.method = "POST", .target = "/api/v1/queries", .body = std::move(body), .headers = key_},
      clock_->now() + reply_max, limits());
  if (!reply) {
    late_ = reply.error().code == ErrorCode::deadline;
    co_return false;
  }
  taken_ = *std::move(reply);
  co_return true;
}

Task<bool> RemoteQuestion::follow() {
  auto lines = co_await http::open(*clock_, address_,
                                   {.method = "GET",
                                    .target = "/api/v1/queries/" + id_.text + "/events",
                                    .body = "",
                                    .headers = key_},
                                   clock_->now() + reply_max, limits());
  if (!lines) co_return false;
  while (!outcome_) {
    const auto line = co_await (*lines)->next(clock_->now() + silence_max);
    if (!line || !*line) co_return false;
    if (!(*line)->starts_with(data)) continue;
    auto event = wire::decode_event(std::string_view(**line).substr(data.size()), asked_);
    if (!event || !*event) continue;
    screen_->take(**event);
    if (const auto* started = std::get_if<event::Started>(&(*event)->what)) {
      plans_.push_back(started->plan);
    } else if (const auto* fallback = std::get_if<event::Fallback>(&(*event)->what)) {
      plans_.push_back(fallback->plan);
    } else if (auto* completed = std::get_if<event::Completed>(&(*event)->what)) {
      outcome_ = std::move(completed->outcome);
    }
  }
  co_return true;
}

Task<bool> RemoteQuestion::stop() {
  const auto reply = co_await http::fetch(
      *clock_, address_,
      {.method = "DELETE", .target = "/api/v1/queries/" + id_.text, .body = "", .headers = key_},
      clock_->now() + reply_max, limits());
  co_return reply.has_value();
}

Task<bool> RemoteQuestion::fetch_document() {
  const auto reply = co_await http::fetch(
      *clock_, address_,
      {.method = "GET", .target = "/api/v1/queries/" + id_.text, .body = "", .headers = key_},
      clock_->now() + reply_max, limits());
  if (reply && reply->status == 200) document_ = reply->body;
  co_return !document_.empty();
}

void RemoteQuestion::drive(Task<bool> task) {
  TaskGroup<bool> tasks(io_.get_executor());
  tasks.start(std::move(task));
  bool stopping = false;
  Time next_tick = clock_->now();
  while (tasks.running() > 0) {
    io_.restart();
    io_.run_one_for(tick);
    if (interrupts_.count() > 0 && !std::exchange(stopping, true)) {
      if (id_.text.empty()) {
        tasks.cancel_all();
      } else {
        tasks.start(stop());
      }
    }
    if (interrupts_.count() > 1) {
      terminal_.clear_live();
      ::_exit(exit_status::interrupted);
    }
    if (!screen_ || clock_->now() < next_tick) continue;
    next_tick = clock_->now() + tick;
    screen_->draw(clock_->now() - asked_);
  }
}

std::optional<std::expected<Remote, RemoteRefusal>> RemoteQuestion::ask(const Query& query) {
  asked_ = clock_->now();
  drive(begin(wire::native::encode_asking(query, options_.seed.has_value())));
  if (interrupts_.count() > 0 && !taken_) {
    return fail(ErrorCode::cancelled, "interrupted before the server took the question");
  }
  if (late_) {
    return fail(
        ErrorCode::deadline,
        "the kai server that runs is too busy to take a question; ask again, or with --local");
  }
  // It looks at its models, or stops: whoever asks does not wait for that.
  if (!taken_ || taken_->status == 503) return std::nullopt;
  if (taken_->status != 202) {
    Error error = wire::native::decode_refusal(taken_->body);
    const bool wants_key = taken_->status == 401 || taken_->status == 403;
    if (wants_key) error.code = ErrorCode::invalid_request;
    if (wants_key) error.message += "; KAI_API_KEY is where kai takes a key from";
    return std::unexpected(RemoteRefusal(std::move(error), wants_key));
  }
  auto id = wire::native::decode_taken(taken_->body);
  if (!id) return std::unexpected(id.error());
  id_ = *std::move(id);
  screen_.emplace(options_, terminal_, asked_);
  drive(follow());
  if (!outcome_) {
    terminal_.clear_live();
    return fail(ErrorCode::lane_lost,
                "the kai server went away while it answered; ask again, or with --local");
  }
  outcome_->plans = std::move(plans_);
  if (options_.json) drive(fetch_document());
  Watched watched = screen_->finish(*std::move(outcome_), clock_->now() - asked_);
  return Remote{std::move(watched), std::move(document_)};
}

}  // namespace

std::optional<std::expected<Remote, RemoteRefusal>> ask_remotely(const ServerPlace& place,
                                                                 const Query& query,
                                                                 const AskOptions& options,
                                                                 Terminal& terminal) {
  return RemoteQuestion(place, options, terminal).ask(query);
}

}  // namespace kai
