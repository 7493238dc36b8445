// chat: a conversation; every turn is a question with the earlier turns before it.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/report.h"

namespace kai {

namespace {

constexpr std::string_view help =
    "  /new          forget what was said\n"
    "  /tier NAME    auto, simple, medium, complex or expert from here on\n"
    "  /help         this\n"
    "  /quit         end (Ctrl-D too)\n"
    "  A \\ at the end of a line continues it. Ctrl-C stops the question that runs.";
constexpr std::string_view prompt = "you> ";
constexpr std::string_view prompt_more = "...> ";
constexpr int sentence_columns_max = 2000;
constexpr int name_columns_max = 60;

// Lines from standard input; interrupts are looked at while it waits.
class Keyboard {
 public:
  Keyboard(boost::asio::io_context& io, Interrupts& interrupts, std::size_t bytes_max)
      : io_(io), interrupts_(interrupts), bytes_max_(bytes_max) {}

  enum class Got : std::uint8_t { line, interrupt, end };
  Got line(std::string& text);

 private:
  bool read_more();

  boost::asio::io_context& io_;
  Interrupts& interrupts_;
  std::size_t bytes_max_;
  std::string rest_;
  bool ended_ = false;
};

Keyboard::Got Keyboard::line(std::string& text) {
  for (;;) {
    const auto end = rest_.find('\n');
    if (end != std::string::npos || rest_.size() > bytes_max_ || (ended_ && !rest_.empty())) {
      text = rest_.substr(0, end);
      rest_.erase(0, end == std::string::npos ? end : end + 1);
      if (text.ends_with('\r')) text.pop_back();
      return Got::line;
    }
    if (ended_) return Got::end;
    io_.restart();
    io_.poll();
    if (interrupts_.count() > 0) return Got::interrupt;
    ended_ = !read_more();
  }
}

// Waits a moment for input. False: there will be no more.
bool Keyboard::read_more() {
  constexpr int look_again_ms = 200;  // a signal may have been another thread's to take
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, look_again_ms) <= 0) return true;
  std::array<char, 4096> block;
  const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
  if (count < 0) return errno == EINTR;
  rest_.append(block.data(), static_cast<std::size_t>(count));
  return count > 0;
}

class Chat {
 public:
  Chat(Session& session, AskOptions options, Terminal& terminal, std::size_t bytes_max)
      : session_(session),
        options_(std::move(options)),
        terminal_(terminal),
        interrupts_(session.io()),
        keyboard_(session.io(), interrupts_, bytes_max) {}

  int run();

 private:
  enum class Next : std::uint8_t { go_on, end };
  Keyboard::Got turn(std::string& text);
  Next obey(const std::string& order);
  void look_for_models();
  Next answer(std::string question);

  Session& session_;
  AskOptions options_;
  Terminal& terminal_;
  Interrupts interrupts_;
  Keyboard keyboard_;
  std::vector<Message> messages_;
  int status_ = exit_status::ok;
};

// One or more lines, joined where they end in "\".
Keyboard::Got Chat::turn(std::string& text) {
  const bool talking = ::isatty(STDIN_FILENO) != 0;
  text.clear();
  for (;;) {
    if (talking) terminal_.prompt(text.empty() ? prompt : prompt_more);
    std::string line;
    const auto got = keyboard_.line(line);
    if (got != Keyboard::Got::line) return got;
    text += line;
    if (!text.ends_with('\\')) return got;
    text.back() = '\n';
  }
}

int Chat::run() {
  if (::isatty(STDIN_FILENO) != 0) terminal_.err("kai: /help lists the commands, /quit ends");
  for (;;) {
    interrupts_.reset();
    std::string text;
    const auto got = turn(text);
    if (got == Keyboard::Got::interrupt) {
      terminal_.err("");
      if (interrupts_.to_end()) return exit_status::interrupted;
      continue;
    }
    if (got == Keyboard::Got::end) break;
    if (text.find_first_not_of(" \t\n") == std::string::npos) continue;
    const Next next = text.starts_with('/') ? obey(text) : answer(std::move(text));
    if (interrupts_.to_end()) return exit_status::interrupted;
    if (next == Next::end) break;
  }
  if (::isatty(STDIN_FILENO) != 0) terminal_.err("");
  return status_;
}

Chat::Next Chat::obey(const std::string& order) {
  if (order == "/quit" || order == "/exit") return Next::end;
  if (order == "/new") {
    messages_.clear();
    terminal_.err("  a new conversation");
  } else if (order.starts_with("/tier ")) {
    const std::string name = order.substr(6);
    const auto tier = tier_named(name);
    if (tier || name == "auto") {
      options_.tier = tier;
      terminal_.err("  tier " + name);
    } else {
      terminal_.err("  choose auto, simple, medium, complex or expert");
    }
  } else {
    if (order != "/help") terminal_.err("  there is no such command; these are:");
    terminal_.err(help);
  }
  return Next::go_on;
}

// A model dropped into the folder during the conversation takes part from the next question on.
void Chat::look_for_models() {
  const auto changed = session_.look_again(inspect_teller(terminal_));
  terminal_.clear_live();
  for (const auto& id : changed) {
    const auto& models = session_.fleet().models;
    const bool here = std::ranges::find(models, id, &Model::id) != models.end();
    terminal_.err(fmt::format("  {} {}", one_line(id.text, name_columns_max),
                              here ? "is new or has changed" : "is gone"));
  }
}

Chat::Next Chat::answer(std::string question) {
  look_for_models();
  messages_.push_back({Role::user, std::move(question)});
  const Watched watched =
      ask_watched(session_, with_options(session_.new_query(messages_), options_), options_,
                  terminal_, interrupts_);
  const Outcome& outcome = watched.outcome;
  status_ = outcome.answered() ? exit_status::ok : exit_code(outcome, std::nullopt);
  if (outcome.answered()) {
    const std::string& text = outcome.verdict.text;
    if (!watched.shown) {
      terminal_.out(terminal_.options().out_is_terminal ? inert(text) : text);
    }
    messages_.push_back({Role::assistant, text});
  } else {
    messages_.pop_back();
  }
  show_synthesis(outcome, terminal_);
  for (const auto& line : closing_lines(outcome, terminal_.columns())) terminal_.err(line);
  if (options_.verbose) {
    for (const auto& line : verbose_lines(outcome)) terminal_.err(line);
  }
  for (const auto& note : session_.learn_from(outcome)) terminal_.err("kai: " + note);
  return terminal_.out_fault().empty() ? Next::go_on : Next::end;
}

}  // namespace

int run_chat(const AskOptions& options, const Config& config, Terminal& terminal) {
  auto session = open_session(config, terminal, options.quiet);
  if (!session) return tell_error(session.error(), terminal);
  for (const auto& note : (*session)->notes()) {
    terminal.err("kai: " + one_line(note, sentence_columns_max));
  }
  for (const auto& warning : {(*session)->store().notice(), (*session)->store().fault()}) {
    if (!warning.empty()) terminal.err("kai: " + one_line(warning, sentence_columns_max));
  }
  (*session)->keep_house([&](const std::string& notice) {
    if (options.verbose) terminal.err("  " + one_line(notice, sentence_columns_max));
  });
  return Chat(**session, options, terminal, config.coordinator.question_chars_max).run();
}

}  // namespace kai
