// Questions to a host: one attempt after the other until something came, then word by word.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <expected>
#include <utility>

#include "base/task_group.h"
#include "engines/host.h"
#include "wire/host_lines.h"

namespace kai {

namespace {

constexpr Bytes line_max = 1_MiB;
constexpr std::size_t refusal_max = 16 * 1024;  // bytes of it that are read
// A token is seldom longer: a host that writes more does not keep to the length it was given.
constexpr std::int64_t token_bytes_max = 64;
constexpr std::int64_t text_least = 4096;
// What follows the last word: the tokens used.
constexpr Duration usage_max = std::chrono::seconds(1);
// Less time than this is not worth another attempt.
constexpr Duration attempt_least = std::chrono::milliseconds(500);
constexpr Duration pause_max = std::chrono::minutes(1);

http::Limits stream_limits() {
  http::Limits limits;
  limits.line_max = line_max;
  return limits;
}

// Of "Retry-After" in seconds (RFC 9110, 10.2.3); a date, or nothing: 0.
Duration wished_pause(const std::vector<http::Header>& headers) {
  const auto value = http::header_of(headers, "retry-after");
  if (!value) return {};
  int whole = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), whole);
  if (error != std::errc() || end != value->data() + value->size() || whole < 0) return {};
  return std::min<Duration>(std::chrono::seconds(whole), pause_max);
}

bool is_stream(wire::HostKind kind, std::string_view type) {
  if (kind == wire::HostKind::openai) return type.starts_with("text/event-stream");
  return type.starts_with("application/x-ndjson") || type.starts_with("application/json");
}

Ending ending_of(ErrorCode code) {
  return code == ErrorCode::cancelled  ? Ending::cancelled
         : code == ErrorCode::deadline ? Ending::deadline
                                       : Ending::failed;
}

}  // namespace

std::string Host::asks_at() const {
  return options_.kind == wire::HostKind::openai ? "/chat/completions" : "/api/chat";
}

Task<Answer> Host::ask(std::vector<Message> messages, Ask ask, const Model& model, OnStep on_step) {
  const Time start = clock_.now();
  if (!ask.sampling.form.empty() && ask.sampling.form.schema.empty()) {
    Answer refused;
    refused.error = {ErrorCode::model_refused,
                     fmt::format("{} has no words for this form of answer", options_.name)};
    co_return refused;
  }
  const wire::HostAsk question{model.host_name, std::move(messages), ask.sampling,
                               ask.answer_max,  options_.context,    options_.keep};
  Reading reading;
  reading.deadline = ask.deadline;
  reading.answer_max = ask.answer_max;
  reading.member = ask.member;
  reading.odds = ask.sampling.top_logprobs.has_value();
  reading.on_step = std::move(on_step);
  reading.on_step(event::Prefill{ask.member, 0});  // how far it is nobody tells
  auto failure = co_await insist(
      request("POST", asks_at(), wire::encode_ask(options_.kind, question)), reading);
  Answer answer = std::move(reading.answer);
  if (failure) {
    // A form that the host cannot hold to is this question's fault: others are not to miss the
    // model.
    const bool of_form = !ask.sampling.form.empty() && answer.text.empty();
    if (of_form && failure->error.code == ErrorCode::host_lost) {
      failure->error.code = ErrorCode::model_refused;
      failure->error.message += "; it was asked for a form of answer";
    }
    answer.ending = ending_of(failure->error.code);
    if (answer.ending == Ending::failed) answer.error = failure->error;
  }
  if (reading.odds && !answer.text.empty() && answer.tokens.empty() && !answer.error) {
    answer.ending = Ending::failed;
    answer.error = {
        ErrorCode::model_refused,
        fmt::format("{} tells no logprobs; ask without them, or another model", options_.name)};
  }
  if (answer.usage.answer == Tokens{}) answer.usage = {ask.prompt, Tokens(reading.pieces)};
  if (answer.usage.prompt == Tokens{}) answer.usage.prompt = ask.prompt;
  if (reading.first) {
    answer.timings.ttft = *reading.first - start;
    const Duration before = *reading.began - reading.asked;
    answer.timings.prefill = before - std::min(before, reading.load);
    answer.timings.decode = *reading.last - *reading.began;
  }
  answer.timings.total = clock_.now() - start;
  co_return answer;
}

// The load of Ollama's own, by a question without messages, which is over once the model is there.
Task<Result<Residence::Loaded>> Host::load(const Model& model, Time until,
                                           Residence::OnProgress on_progress) {
  if (!view_.out.empty()) co_await look(until);
  if (!view_.out.empty()) co_return fail(ErrorCode::device_lost, view_.out);
  if (options_.kind == wire::HostKind::openai) co_return Residence::Loaded{};
  const Time start = clock_.now();
  const auto said = co_await fetch(request("GET", "/api/ps", ""),
                                   std::min(until, clock_.now() + options_.reach_max));
  if (said && said->status == 200) {
    const auto loaded = wire::decode_loaded(said->body);
    if (loaded && std::ranges::count(*loaded, model.host_name) > 0) co_return Residence::Loaded{};
  }
  if (on_progress) on_progress(0);
  const wire::HostAsk nothing{model.host_name, {}, {}, Tokens(0), options_.context, options_.keep};
  Reading reading;
  reading.deadline = until;
  reading.answer_max = Tokens(0);
  const auto failure = co_await insist(
      request("POST", asks_at(), wire::encode_ask(options_.kind, nothing)), reading);
  if (failure) co_return std::unexpected(failure->error);
  co_return Residence::Loaded{.load = clock_.now() - start};
}

Task<std::optional<Host::Failure>> Host::insist(http::Request request, Reading& reading) {
  for (int attempts = 1;; ++attempts) {
    reading.asked = clock_.now();
    if (reading.answer.text.empty()) reading.answer.tokens.clear();
    auto failure = co_await attempt(request, reading);
    if (!failure) co_return std::nullopt;
    const ErrorCode code = failure->error.code;
    if (code == ErrorCode::cancelled || code == ErrorCode::deadline) co_return failure;
    const Duration doubled = options_.try_again * (std::int64_t{1} << std::min(attempts - 1, 10));
    const Duration pause =
        std::max(failure->pause, from_seconds(seconds(doubled) * (0.5 + random_.unit())));
    const bool time = clock_.now() + pause + attempt_least < reading.deadline;
    const bool nothing_came = reading.answer.text.empty();
    if (failure->passing && nothing_came && attempts < options_.tries && time) {
      if (code == ErrorCode::host_lost) try_next_number();
      co_await clock_.sleep_until(clock_.now() + pause);
      if (co_await cancelled()) co_return Failure{{ErrorCode::cancelled, "cancelled"}};
      continue;
    }
    // Whether it is this question or all of the host.
    if (code == ErrorCode::host_lost) {
      co_await look(Time::max());
      if (!view_.out.empty()) failure->error = {ErrorCode::device_lost, view_.out};
    }
    co_return failure;
  }
}

Task<std::optional<Host::Failure>> Host::attempt(http::Request request, Reading& reading) {
  auto reply = co_await open(std::move(request), reading.deadline);
  if (!reply) co_return std::move(reply.error());
  http::Lines& lines = **reply;
  if (lines.status() != 200) co_return co_await refused(lines, reading.deadline);
  const auto headers = lines.headers();
  const auto type = http::header_of(headers, "content-type").value_or("");
  if (!is_stream(options_.kind, type)) {
    co_return Failure{{ErrorCode::host_lost,
                       fmt::format("{} answers with {}, not with a stream", options_.name,
                                   type.empty() ? "nothing that has a type" : type.substr(0, 60))}};
  }
  co_return co_await read(lines, reading);
}

// Waits for the head of the answer, which some send with their first word. Meanwhile it is looked
// whether the host is there: one that hangs does not show it otherwise.
Task<std::expected<Host::Reply, Host::Failure>> Host::open(http::Request request, Time until) {
  const auto address = co_await find(std::min(until, clock_.now() + options_.reach_max));
  if (!address) co_return std::unexpected(Failure{address.error(), true});
  using Opened = Result<Reply>;
  TaskGroup<Opened> group(executor_);
  group.start(connections_.open(*address, std::move(request), until, stream_limits()));
  std::optional<Opened> opened;
  std::optional<Failure> failure;
  while (!opened && !failure) {
    const Time look_at = std::min(until, clock_.now() + options_.look_waiting);
    if (auto ended = co_await group.next(clock_, look_at)) {
      opened = std::move(ended->value);
    } else if (co_await cancelled()) {
      failure = Failure{{ErrorCode::cancelled, "cancelled"}};
    } else if (clock_.now() >= until) {
      failure = Failure{{ErrorCode::deadline, "no time is left"}};
    } else {
      co_await look(until);
      if (!view_.out.empty()) failure = Failure{{ErrorCode::device_lost, view_.out}};
    }
  }
  for (auto& rest : co_await group.join()) opened = std::move(rest.value);
  if (failure) co_return std::unexpected(*std::move(failure));
  if (*opened) co_return std::move(**opened);
  const ErrorCode code = opened->error().code;
  if (code == ErrorCode::cancelled || code == ErrorCode::deadline) {
    co_return std::unexpected(Failure{opened->error()});
  }
  co_return std::unexpected(
      Failure{{ErrorCode::host_lost,
               fmt::format("{}: {}", options_.name, wordless(opened->error()).message)},
              true});
}

// What a status other than 200 means.
Task<Host::Failure> Host::refused(http::Lines& lines, Time until) {
  std::string body;
  until = std::min(until, clock_.now() + options_.reach_max);
  while (body.size() < refusal_max) {
    auto line = co_await lines.next(until);
    if (!line || !*line) break;
    body += **line + '\n';
  }
  body.resize(std::min(body.size(), refusal_max));
  const int status = lines.status();
  const std::string words = words_of(std::move(body));
  const std::string& name = options_.name;
  if (status >= 300 && status < 400) {
    co_return Failure{{ErrorCode::model_refused,
                       fmt::format("{} redirects, which is not followed; give the address that it "
                                   "redirects to",
                                   name)}};
  }
  if (status == 401 || status == 403) {
    co_return Failure{{ErrorCode::model_refused,
                       fmt::format("{} refuses its key ({}: {}); check key_env or key_file", name,
                                   status, words)}};
  }
  if (status == 429 || status == 503) {
    co_return Failure{
        {ErrorCode::overloaded, fmt::format("{} has too much to do ({}): {}", name, status, words)},
        true,
        wished_pause(lines.headers())};
  }
  const bool passing = status >= 500 || status == 408 || status == 409 || status == 425;
  co_return Failure{{passing ? ErrorCode::host_lost : ErrorCode::model_refused,
                     fmt::format("{} answers {}: {}", name, status, words)},
                    passing};
}

Task<std::optional<Host::Failure>> Host::read(http::Lines& lines, Reading& reading) {
  Time heard = clock_.now();
  wire::HostLines parts(options_.kind);
  for (;;) {
    // Before the first word it may have many others to answer, or to load the model.
    const bool waiting = !reading.first;
    const Time silent = heard + options_.silence_max;
    const Time until =
        std::min(reading.deadline, waiting ? clock_.now() + options_.look_waiting : silent);
    auto line = co_await lines.next(until);
    const bool late = !line && line.error().code == ErrorCode::deadline;
    if (reading.answer.ending == Ending::complete || reading.answer.ending == Ending::token_limit) {
      // Only the tokens used are missed.
      if (!line || !*line) co_return std::nullopt;
    }
    if (late && clock_.now() < reading.deadline) {
      if (!waiting) {
        co_return Failure{
            {ErrorCode::host_lost, fmt::format("{} wrote nothing more for {:.3g} s", options_.name,
                                               seconds(options_.silence_max))}};
      }
      co_await look(reading.deadline);
      if (!view_.out.empty()) co_return Failure{{ErrorCode::device_lost, view_.out}};
      continue;
    }
    if (late || (!line && line.error().code == ErrorCode::cancelled)) {
      co_return Failure{line.error()};
    }
    if (!line || !*line) {
      const bool came = reading.first.has_value();
      co_return Failure{{ErrorCode::host_lost,
                         fmt::format("{} broke off {}", options_.name,
                                     came ? "in the middle of its answer" : "before it answered")},
                        true};
    }
    heard = clock_.now();
    auto part = parts.decode(**line);
    if (!part) {
      co_return Failure{{ErrorCode::host_lost, fmt::format("{} wrote nonsense: {}", options_.name,
                                                           part.error().message)}};
    }
    if (!*part) continue;
    if (auto failure = take(reading, **std::move(part))) co_return failure;
    if (reading.ended) lines.leave();
    if (reading.over) co_return std::nullopt;
  }
}

std::optional<Host::Failure> Host::take(Reading& reading, wire::HostPart part) {
  Answer& answer = reading.answer;
  if (!part.error.empty()) {
    return Failure{{ErrorCode::host_lost,
                    fmt::format("{} gave up: {}", options_.name, words_of(std::move(part.error)))},
                   true};
  }
  if (!reading.began && (part.thinks || !part.words.empty())) reading.began = clock_.now();
  reading.load = std::max(reading.load, part.load);
  if (!part.words.empty()) {
    reading.last = clock_.now();
    if (!reading.first) reading.first = reading.last;
    ++reading.pieces;
    answer.text += part.words;
    if (reading.on_step) reading.on_step(event::Token{reading.member, std::move(part.words)});
  }
  const auto odds_max = static_cast<std::size_t>(reading.odds ? reading.answer_max.count : 0);
  if (part.thinks && part.words.empty()) part.odds.clear();  // of what is no part of the answer
  for (auto& odds : part.odds) {
    if (answer.tokens.size() < odds_max) answer.tokens.push_back(std::move(odds));
  }
  if (part.usage) answer.usage = *part.usage;
  if (part.ending) {
    answer.ending = *part.ending;
    reading.deadline = std::min(reading.deadline, clock_.now() + usage_max);
  }
  const auto text_max =
      static_cast<std::size_t>(std::max(text_least, reading.answer_max.count * token_bytes_max));
  if (answer.text.size() > text_max) answer.ending = Ending::token_limit;
  reading.ended = part.over;
  reading.over = part.over || answer.text.size() > text_max;
  // Some end without a word why.
  if (part.over && answer.ending == Ending::failed) answer.ending = Ending::complete;
  return std::nullopt;
}

}  // namespace kai
