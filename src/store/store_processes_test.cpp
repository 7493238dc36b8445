// What the store survives of processes: several at once, and being killed at any moment.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "store/process.h"
#include "store/store_fixture.h"

namespace kai {
namespace {

using std::chrono::seconds;

// A process of its own, so that dying is real. Forked only while this one runs no store.
class Child {
 public:
  explicit Child(const std::function<void(int pipe)>& body) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      body(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    from_ = ends[0];
  }
  ~Child() {
    kill();
    ::close(from_);
  }

  // Waits for a line that the child wrote; empty: it ended.
  std::string line() const {
    std::string text;
    for (char c = 0; ::read(from_, &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }
  // Its exit status; -1: killed.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  void kill_and_leave_zombie() const {
    ::kill(pid_, SIGKILL);
    siginfo_t seen;
    ::waitid(P_PID, static_cast<id_t>(pid_), &seen, WEXITED | WNOWAIT);
  }

 private:
  pid_t pid_ = 0;
  int from_ = -1;
};

void say(int pipe, std::string line) {
  line += '\n';
  EXPECT_EQ(::write(pipe, line.data(), line.size()), static_cast<ssize_t>(line.size()));
}

class StoreProcesses : public StoreFixture {};

TEST(Process, LivesUntilItsNameIsAnothers) {
  const std::string name = this_process();
  EXPECT_TRUE(process_lives(name));
  EXPECT_EQ(name, this_process());
  for (const std::string& other : {name + "0", "x" + name, std::string(), std::string("a b c"),
                                   std::string("boot ../../proc/1 5")}) {
    EXPECT_FALSE(process_lives(other)) << other;
  }
}

TEST_F(StoreProcesses, QuestionsOfADeadProcessAreInterrupted) {
  Child child([&](int pipe) {
    const auto store = open();
    store->begin(outcome_of("q_01", "never answered", "").query, WallTime(seconds(1)));
    store->record(outcome_of("q_02", "answered", "a"));
    store->flush(seconds(5));
    say(pipe, "kept");
    ::pause();
  });
  ASSERT_EQ(child.line(), "kept");
  EXPECT_EQ(open()->history(10)->back().ending, "begun");  // it still lives

  child.kill_and_leave_zombie();
  const auto store = open();
  const auto rows = store->history(10).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].ending, "answered");
  EXPECT_EQ(rows[1].ending, "interrupted");
  EXPECT_NE(store->outcome_json("q_01")->find(
                R"("error":{"code":"interrupted","message":"kai was stopped)"),
            std::string::npos);
}

TEST_F(StoreProcesses, ManyProcessesMayOpenANewFolderAtOnce) {
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(std::make_unique<Child>([this, i](int pipe) {
      const auto store = open();
      store->record(outcome_of(fmt::format("q_{}", i), "q", "a"));
      const bool kept = store->flush(seconds(10)) || store->history(1).has_value();
      say(pipe, kept ? store->fault() + store->notice() : "lost: " + store->fault());
    }));
  }
  for (auto& child : children) EXPECT_EQ(child->line(), "");
  for (auto& child : children) EXPECT_EQ(child->wait(), 0);
  EXPECT_EQ(open()->history(100)->size(), 8U);
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(StoreProcesses, OnlyOneOfManySetsADamagedDatabaseAside) {
  for (int round = 0; round < 5; ++round) {
    fs::remove_all(options_.folder);
    fs::create_directories(options_.folder);
    std::ofstream(database()) << std::string(20'000, 'x');
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 6; ++i) {
      children.push_back(std::make_unique<Child>(
          [this, i](int) { open()->record(outcome_of(fmt::format("q_{}", i), "q", "a")); }));
    }
    for (auto& child : children) EXPECT_EQ(child->wait(), 0);
    EXPECT_EQ(open()->history(100)->size(), 6U);
    int aside = 0;
    for (const auto& entry : fs::directory_iterator(options_.folder)) {
      aside += entry.path().filename().string().starts_with("kai.db.corrupt-") ? 1 : 0;
    }
    EXPECT_EQ(aside, 1);
  }
}

TEST_F(StoreProcesses, TwoProcessesWriteAtOnceWithoutLoss) {
  std::vector<std::unique_ptr<Child>> children;
  for (const char* name : {"a", "b"}) {
    children.push_back(std::make_unique<Child>([this, name](int pipe) {
      auto store = open();
      for (int i = 0; i < 300; ++i) {
        store->record(outcome_of(fmt::format("q_{}_{:03}", name, i), "q", "a"));
        if (i % 10 == 0) store->history(1);  // small batches, many transactions
      }
      store->history(1);
      say(pipe, fmt::format("{} {}", store->dropped(), store->fault()));
    }));
  }
  for (auto& child : children) EXPECT_EQ(child->line(), "0 ");
  for (auto& child : children) EXPECT_EQ(child->wait(), 0);
  EXPECT_EQ(open()->history(1000)->size(), 600U);
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(StoreProcesses, KilledWhileWritingLosesNothingItSaidWasKept) {
  Random random(7);
  std::set<std::string> kept;
  for (int cycle = 0; cycle < 25; ++cycle) {
    Child child([this, cycle](int pipe) {
      const auto store = open();
      for (int i = 0;; ++i) {
        const std::string id = fmt::format("q_{:03}_{:06}", cycle, i);
        store->record(outcome_of(id, "q", std::string(static_cast<std::size_t>(i) * 7, 'x')));
        if (store->history(1)) say(pipe, id);
      }
    });
    kept.insert(child.line());  // it runs
    // Dies at any moment of a transaction.
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(20'000)));
    child.kill_and_leave_zombie();
    for (std::string id = child.line(); !id.empty(); id = child.line()) kept.insert(id);
  }
  const auto store = open();
  EXPECT_EQ(store->fault() + store->notice(), "");
  for (const auto& id : kept) EXPECT_TRUE(store->outcome_json(id)) << id;
  EXPECT_GT(kept.size(), 25U);
  EXPECT_EQ(integrity(), "ok");
}

}  // namespace
}  // namespace kai
