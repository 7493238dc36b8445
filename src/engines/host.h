// Host: an engine of others that answers over HTTP, on this machine or another one: how it is
// reached, what it has, whether it is there.
//
// Requests go to its own address alone: redirects are not followed. Whatever it says is bounded,
// and every wait for it ends at a deadline.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "engines/engine.h"
#include "engines/host_options.h"
#include "http/http.h"
#include "scheduler/scheduler.h"
#include "wire/host_api.h"

namespace kai {

class Host {
 public:
  // What is known of it.
  struct View {
    std::vector<wire::HostModel> models;  // as it listed them last, or those that are named
    std::string out;                      // not empty: nobody can be asked there, and why
    // What its name was found to be, the one that answered first; empty: it was not looked up.
    std::vector<std::string> numbers{};
  };

  // `clock` must outlive this.
  Host(Executor executor, Clock& clock, HostOptions options, HostAccess access, std::uint64_t seed);

  const HostOptions& options() const { return options_; }
  const View& view() const { return view_; }
  // What was seen before this began, or why it can never be asked.
  void remember(View view) { view_ = std::move(view); }

  // Asks it for its models, which tells whether it is there: until `until` or for reach_max.
  // Cancelling it changes nothing.
  Task<void> look(Time until);
  // Looks now and then until it is cancelled. `on_notice` gets a sentence when it goes or comes
  // back.
  Task<bool> watch(std::function<void(std::string)> on_notice);

  // As Engine::ask(). What failed before any word came is tried again, options.tries in all, if
  // that may help. Errors of the answer: device_lost (it is not there; its view says so from then
  // on), host_lost (it broke off, wrote nothing for too long, or wrote nonsense), overloaded (it
  // has too much to do), model_refused (asking again will not help).
  Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model, OnStep on_step);
  // What has to be before the first question to a model: of Ollama a load, which blocks. Errors: as
  // ask(), and deadline, cancelled.
  Task<Result<Residence::Loaded>> load(const Model& model, Time until,
                                       Residence::OnProgress on_progress);

 private:
  using Reply = std::unique_ptr<http::Lines>;
  // One attempt that came to nothing.
  struct Failure {
    Error error;
    bool passing = false;  // another attempt may help
    Duration pause{};      // that it wishes before that
  };
  // One answer while it is read.
  struct Reading {
    Time deadline{};
    Tokens answer_max{};
    bool odds = false;  // its tokens are kept
    MemberId member;
    OnStep on_step;
    Answer answer;
    Time asked{};                     // this attempt
    std::optional<Time> began;        // to write, be it thoughts that nobody is shown
    std::optional<Time> first, last;  // word
    Duration load{};                  // that the host spent before it read
    std::int64_t pieces = 0;
    bool ended = false;  // it said that nothing more comes
    bool over = false;   // nothing more is read
  };

  Task<Result<http::Address>> find(Time until);
  http::Address address_at(const std::string& number) const;
  void try_next_number();
  http::Request request(std::string method, std::string target, std::string body) const;
  Task<Result<http::Response>> fetch(http::Request request, Time until);
  Task<Result<std::vector<wire::HostModel>>> list(Time until);
  Task<Result<>> add_facts(std::vector<wire::HostModel>& models, Time until);
  std::vector<wire::HostModel> chosen(std::vector<wire::HostModel> listed) const;
  Error wordless(const Error& error) const;
  std::string words_of(std::string body) const;

  Task<std::optional<Failure>> insist(http::Request request, Reading& reading);
  Task<std::optional<Failure>> attempt(http::Request request, Reading& reading);
  Task<std::expected<Reply, Failure>> open(http::Request request, Time until);
  Task<Failure> refused(http::Lines& lines, Time until);
  Task<std::optional<Failure>> read(http::Lines& lines, Reading& reading);
  std::optional<Failure> take(Reading& reading, wire::HostPart part);
  std::string asks_at() const;

  Executor executor_;
  Clock& clock_;
  HostOptions options_;
  HostAccess access_;
  Random random_;
  View view_;
  http::Connections connections_{clock_};
  bool looking_ = false;
  std::map<std::string, wire::HostFacts> facts_;  // of Ollama's models, by digest; bounded
};

}  // namespace kai
