#include "engines/host.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include "base/program.h"

namespace kai {

namespace {

constexpr Bytes list_max = 4_MiB;
constexpr Duration look_again = std::chrono::milliseconds(10);
constexpr std::size_t names_max = 64 * 1024;  // bytes that a look-up of a name may give

bool is_number(const std::string& host) {
  std::array<unsigned char, 16> bytes;
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

http::Limits list_limits() {
  http::Limits limits;
  limits.body_max = list_max;
  return limits;
}

// The addresses that `getent ahosts` gives, one a line, each several times.
std::vector<std::string> numbers_in(const std::string& text) {
  constexpr std::size_t most = 8;
  std::vector<std::string> numbers;
  std::istringstream lines(text);
  for (std::string line; numbers.size() < most && std::getline(lines, line);) {
    std::string number = line.substr(0, line.find_first_of(" \t"));
    const bool known = std::ranges::count(numbers, number) > 0;
    if (!known && is_number(number)) numbers.push_back(std::move(number));
  }
  return numbers;
}

// Without what http says to its own users.
std::string reason_of(const Error& error) {
  std::string words = error.message;
  constexpr std::string_view remedy = "; ask again.";
  if (words.ends_with(remedy)) words.resize(words.size() - remedy.size());
  return words;
}

}  // namespace

Host::Host(Executor executor, Clock& clock, HostOptions options, HostAccess access,
           std::uint64_t seed)
    : executor_(std::move(executor)),
      clock_(clock),
      options_(std::move(options)),
      access_(std::move(access)),
      random_(seed) {
  view_.models = chosen({});
}

// A name is looked up by a program of the system's own, since getaddrinfo() blocks and cannot be
// ended: that it can be killed. Errors: host_lost, cancelled.
Task<Result<http::Address>> Host::find(Time until) {
  if (is_number(options_.host)) co_return address_at(options_.host);
  auto& numbers = view_.numbers;
  if (!numbers.empty()) co_return address_at(numbers.front());
  Program program;
  program.arguments = {"/usr/bin/getent", "ahosts", options_.host};
  program.until = until;
  program.bytes_max = names_max;
  const auto said = co_await run_program(executor_, clock_, std::move(program));
  if (!said && said.error().code == ErrorCode::cancelled) co_return std::unexpected(said.error());
  numbers = numbers_in(said && said->status == 0 ? said->text : "");
  if (numbers.empty()) {
    co_return fail(ErrorCode::host_lost,
                   fmt::format("its name {} is not known here{}", options_.host,
                               said ? "" : ": the look-up took too long"));
  }
  co_return address_at(numbers.front());
}

http::Address Host::address_at(const std::string& number) const {
  http::Address address(number, options_.port);
  if (access_.trust) address.tls = {*access_.trust, options_.host};
  return address;
}

// A name may mean several, of which not all are listened at: "localhost" often means ::1, too.
void Host::try_next_number() {
  auto& numbers = view_.numbers;
  if (numbers.size() > 1) std::ranges::rotate(numbers, numbers.begin() + 1);
}

http::Request Host::request(std::string method, std::string target, std::string body) const {
  http::Request request{std::move(method), options_.base + std::move(target), std::move(body)};
  request.host = address_of(options_);
  request.host.erase(0, request.host.find("//") + 2);
  request.host.resize(request.host.size() - options_.base.size());
  request.headers.push_back({"User-Agent", "kai"});
  if (!access_.key.empty()) {
    request.headers.push_back({"Authorization", "Bearer " + access_.key});
  }
  return request;
}

Task<Result<http::Response>> Host::fetch(http::Request request, Time until) {
  const auto address = co_await find(until);
  if (!address) co_return std::unexpected(address.error());
  co_return co_await http::fetch(clock_, *address, std::move(request), until, list_limits());
}

// Of the named models those that it does not list stay: some hosts load a model when it is asked.
// Another kai lists its tiers beside its members, which would be asked twice: they must be named.
std::vector<wire::HostModel> Host::chosen(std::vector<wire::HostModel> listed) const {
  if (options_.models.empty()) {
    std::erase_if(listed,
                  [](const wire::HostModel& model) { return model.name.starts_with("kai:"); });
    return listed;
  }
  std::vector<wire::HostModel> models;
  for (const auto& name : options_.models) {
    const auto found = std::ranges::find(listed, name, &wire::HostModel::name);
    models.push_back(found == listed.end() ? wire::HostModel{.name = name} : *found);
  }
  return models;
}

// Errors: deadline, cancelled, and host_lost, why it is out, in words that follow its name.
Task<Result<std::vector<wire::HostModel>>> Host::list(Time until) {
  const bool openai = options_.kind == wire::HostKind::openai;
  const std::string target = openai ? "/models" : "/api/tags";
  const auto said = co_await fetch(request("GET", target, ""), until);
  if (!said) co_return std::unexpected(wordless(said.error()));
  const auto out = [](std::string why) { return fail(ErrorCode::host_lost, std::move(why)); };
  const int status = said->status;
  if (status == 401 || status == 403) {
    co_return out(fmt::format("refuses its key ({}); check key_env or key_file", status));
  }
  if (status >= 300 && status < 400) {
    co_return out("redirects, which is not followed; give the address that it redirects to");
  }
  // Whom the user names may be asked without a list.
  if (status == 404 && !options_.models.empty()) co_return chosen({});
  if (status != 200) {
    co_return out(
        fmt::format("answers {} at {}{}: {}", status, options_.base, target, words_of(said->body)));
  }
  auto models = wire::decode_models(options_.kind, said->body);
  if (!models) {
    co_return out(fmt::format("has no list of models at {}{}; is it of kind \"{}\"?", options_.base,
                              target, wire::to_string(options_.kind)));
  }
  auto asked = chosen(*std::move(models));
  if (!openai) {
    if (auto added = co_await add_facts(asked, until); !added) {
      co_return std::unexpected(wordless(added.error()));
    }
  }
  co_return asked;
}

// What Ollama's list leaves out, of each model once.
Task<Result<>> Host::add_facts(std::vector<wire::HostModel>& models, Time until) {
  for (auto& model : models) model.context_max = options_.context;
  for (auto& model : models) {
    const std::string key = model.name + " " + model.digest;
    auto known = facts_.find(key);
    if (known == facts_.end()) {
      const auto said =
          co_await fetch(request("POST", "/api/show", wire::encode_show(model.name)), until);
      // It is there: what it had no time to tell is asked for at the next look.
      if (!said && said.error().code == ErrorCode::deadline) co_return Result<>{};
      if (!said) co_return std::unexpected(said.error());
      const auto facts = wire::decode_show(said->body);
      if (said->status != 200 || !facts) continue;  // it went meanwhile, or is not there yet
      if (facts_.size() >= wire::host_models_max) facts_.clear();
      known = facts_.emplace(key, *facts).first;
    }
    const Tokens most = known->second.context_max;
    if (most > Tokens{}) model.context_max = std::min(most, options_.context);
    model.writes = known->second.writes;
  }
  co_return Result<>{};
}

// What a host says of a refusal. Some quote the key that they got, which nobody shall read.
std::string Host::words_of(std::string body) const {
  for (auto at = body.find(access_.key); !access_.key.empty() && at != body.npos;
       at = body.find(access_.key, at)) {
    body.replace(at, access_.key.size(), "[key]");
  }
  return wire::decode_refusal(body);
}

Error Host::wordless(const Error& error) const {
  if (error.code == ErrorCode::cancelled) return error;
  const bool late = error.code == ErrorCode::deadline;
  return {ErrorCode::host_lost,
          late ? fmt::format("does not answer at {}", address_of(options_)) : reason_of(error)};
}

Task<void> Host::look(Time until) {
  const bool cut = until < clock_.now() + options_.reach_max;  // too little time to judge by
  until = std::min(until, clock_.now() + options_.reach_max);
  if (looking_) {  // what the other one sees will do
    while (looking_ && clock_.now() < until && !co_await cancelled()) {
      co_await clock_.sleep_until(clock_.now() + look_again);
    }
    co_return;
  }
  looking_ = true;
  const auto found = co_await find(until);
  // Each of its addresses has its share of the time: one may take all and answer nothing.
  std::size_t others = std::max<std::size_t>(view_.numbers.size(), 1);
  const auto share = [&] {
    const auto left = static_cast<Duration::rep>(others);
    return clock_.now() + (until - clock_.now()) / left;
  };
  using Listed = Result<std::vector<wire::HostModel>>;
  Listed listed = found ? co_await list(share()) : Listed(std::unexpected(wordless(found.error())));
  while (!listed && --others > 0 && listed.error().code != ErrorCode::cancelled) {
    try_next_number();
    listed = co_await list(share());
  }
  looking_ = false;
  if (listed) {
    view_.models = *std::move(listed);
    view_.out.clear();
  } else if (listed.error().code != ErrorCode::cancelled && !(cut && clock_.now() >= until)) {
    view_.numbers.clear();  // it may have moved
    view_.out = fmt::format("{} is out: {}; it is looked at again every {:.3g} s", options_.name,
                            listed.error().message, seconds(options_.look_every));
  }
}

Task<bool> Host::watch(std::function<void(std::string)> on_notice) {
  bool told_out = !view_.out.empty();
  while (!co_await cancelled()) {
    // By chance, so that several kais do not look at the same moment.
    const double share = 0.9 + 0.2 * random_.unit();
    co_await clock_.sleep_until(clock_.now() + from_seconds(share * seconds(options_.look_every)));
    if (co_await cancelled()) break;
    connections_.sweep();
    co_await look(Time::max());
    const bool out = !view_.out.empty();
    if (std::exchange(told_out, out) == out || !on_notice) continue;
    on_notice(out ? view_.out : fmt::format("{} is back", options_.name));
  }
  co_return true;
}

}  // namespace kai
