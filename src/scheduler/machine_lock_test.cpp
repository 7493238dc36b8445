#include "scheduler/machine_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;
namespace fs = std::filesystem;

class MachineLockTest : public testing::Test {
 protected:
  MachineLockTest() {
    std::string name = (fs::temp_directory_path() / "kai-lock-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~MachineLockTest() override {
    time_.group.cancel_all();
    time_.settle();
    fs::remove_all(folder_);
  }

  // One hold(), from outside. Every lock opens its own descriptors, as two processes would.
  struct Holding {
    MachineLock lock;
    std::optional<Result<MachineLock::Held>> got;
    std::vector<std::string> waited;
    std::size_t task = 0;

    bool has_it() const { return got && got->has_value(); }
  };

  Holding& hold(std::vector<std::string> devices, Duration patience = 1h) {
    Holding& holding = holdings_.emplace_back(Holding{{folder_, time_.clock}, {}, {}, 0});
    std::vector<DeviceId> ids;
    for (auto& device : devices) ids.emplace_back(std::move(device));
    holding.task = time_.start(taken(holding, std::move(ids), time_.clock.now() + patience));
    return holding;
  }

  static Task<bool> taken(Holding& holding, std::vector<DeviceId> ids, Time until) {
    holding.got.emplace(co_await holding.lock.hold(
        std::move(ids), until,
        [&holding](std::string why) { holding.waited.push_back(std::move(why)); }));
    co_return true;
  }

  static Task<bool> taken_by(MachineLock& lock, std::optional<Result<MachineLock::Held>>& got,
                             std::vector<DeviceId> ids) {
    got.emplace(co_await lock.hold(std::move(ids), Time::max(), {}));
    co_return true;
  }

  VirtualTime time_;
  std::string folder_;
  std::deque<Holding> holdings_;
};

TEST_F(MachineLockTest, AFreeDeviceIsTakenAtOnce) {
  const Holding& holding = hold({"cpu"});
  EXPECT_TRUE(holding.has_it());
  EXPECT_TRUE(holding.waited.empty());
  std::string id;
  std::ifstream(folder_ + "/cpu.lock") >> id;
  EXPECT_EQ(id, std::to_string(::getpid()));
}

TEST_F(MachineLockTest, TheSecondWaitsForTheFirstAndSaysSoOnce) {
  Holding& first = hold({"cpu"});
  const Holding& second = hold({"cpu"});
  time_.pass(10s);
  EXPECT_FALSE(second.got);
  ASSERT_EQ(second.waited.size(), 1u);
  EXPECT_EQ(second.waited[0], "another kai (process " + std::to_string(::getpid()) +
                                  ") is using cpu; waiting for it");
  first.got.reset();
  time_.pass(20ms);
  EXPECT_TRUE(second.has_it());
}

// As the questions of one server do.
TEST_F(MachineLockTest, QuestionsOfOneKaiShareWhatItHolds) {
  MachineLock server(folder_, time_.clock);
  std::optional<Result<MachineLock::Held>> first, second;
  time_.start(taken_by(server, first, {DeviceId("cpu")}));
  time_.start(taken_by(server, second, {DeviceId("cpu"), DeviceId("gpu0")}));
  ASSERT_TRUE(first && first->has_value() && second && second->has_value());
  const Holding& other = hold({"cpu"});
  first.reset();
  time_.pass(1s);
  EXPECT_FALSE(other.got) << "the second question still runs";
  second.reset();
  time_.pass(20ms);
  EXPECT_TRUE(other.has_it());
}

TEST_F(MachineLockTest, TwoQuestionsThatWaitGetItTogether) {
  Holding& other = hold({"cpu"});
  MachineLock server(folder_, time_.clock);
  std::optional<Result<MachineLock::Held>> first, second;
  time_.start(taken_by(server, first, {DeviceId("cpu")}));
  time_.start(taken_by(server, second, {DeviceId("cpu")}));
  EXPECT_FALSE(first || second);
  other.got.reset();
  time_.pass(20ms);
  EXPECT_TRUE(first && first->has_value() && second && second->has_value());
}

TEST_F(MachineLockTest, OtherDevicesAreFree) {
  hold({"cpu"});
  EXPECT_TRUE(hold({"gpu0"}).has_it());
}

TEST_F(MachineLockTest, TheDeadlineEndsTheWaitWithWhatToDo) {
  hold({"cpu"});
  const Holding& second = hold({"cpu"}, 5s);
  time_.pass(5s - 1ms);
  EXPECT_FALSE(second.got);
  time_.pass(1ms);
  ASSERT_TRUE(second.got && !second.got->has_value());
  EXPECT_EQ(second.got->error().code, ErrorCode::overloaded);
  EXPECT_NE(second.got->error().message.find("--deadline"), std::string::npos);
}

TEST_F(MachineLockTest, WhoGivesUpKeepsNothing) {
  hold({"gpu0"});
  const Holding& second = hold({"cpu", "gpu0"}, 5s);
  EXPECT_FALSE(hold({"cpu"}, 1s).has_it());  // the second has it while it waits
  time_.pass(5s);
  EXPECT_FALSE(second.has_it());
  EXPECT_TRUE(hold({"cpu"}).has_it());
}

TEST_F(MachineLockTest, CancellingEndsTheWait) {
  hold({"cpu"});
  const Holding& second = hold({"cpu"});
  time_.cancel(second.task);
  ASSERT_TRUE(second.got && !second.got->has_value());
  EXPECT_EQ(second.got->error().code, ErrorCode::cancelled);
}

TEST_F(MachineLockTest, CrossedWishesDoNotWaitForEachOther) {
  Holding& third = hold({"gpu0"});
  Holding& first = hold({"gpu0", "cpu"});
  const Holding& second = hold({"cpu", "gpu0"});
  third.got.reset();
  time_.pass(1s);
  ASSERT_TRUE(first.has_it());
  first.got.reset();
  time_.pass(20ms);
  EXPECT_TRUE(second.has_it());
}

TEST_F(MachineLockTest, AMovedHoldIsGivenUpOnce) {
  Holding& first = hold({"cpu"});
  {
    const MachineLock::Held moved = std::move(**first.got);
    first.got.reset();
    EXPECT_FALSE(hold({"cpu"}, 0s).has_it());
  }
  EXPECT_TRUE(hold({"cpu"}).has_it());
}

TEST_F(MachineLockTest, WithoutAFolderThereIsNobodyToWaitFor) {
  MachineLock alone("", time_.clock);
  Holding& first = holdings_.emplace_back(Holding{alone, {}, {}, 0});
  Holding& second = holdings_.emplace_back(Holding{alone, {}, {}, 0});
  time_.start(taken(first, {DeviceId("cpu")}, time_.clock.now()));
  time_.start(taken(second, {DeviceId("cpu")}, time_.clock.now()));
  EXPECT_TRUE(first.has_it() && second.has_it());
}

TEST_F(MachineLockTest, AFolderThatCannotBeWrittenIsSaidWithTheRemedy) {
  MachineLock lock(folder_ + "/missing", time_.clock);
  Holding& holding = holdings_.emplace_back(Holding{lock, {}, {}, 0});
  time_.start(taken(holding, {DeviceId("cpu")}, time_.clock.now() + 1h));
  ASSERT_TRUE(holding.got && !holding.got->has_value());
  EXPECT_EQ(holding.got->error().code, ErrorCode::storage);
  EXPECT_NE(holding.got->error().message.find("KAI_RUNTIME_FOLDER"), std::string::npos);
}

TEST_F(MachineLockTest, ALinkInPlaceOfTheLockIsNotFollowed) {
  const fs::path victim = fs::path(folder_) / "victim";
  std::ofstream(victim) << "precious";
  fs::create_symlink(victim, folder_ + "/cpu.lock");
  const Holding& holding = hold({"cpu"});
  ASSERT_TRUE(holding.got && !holding.got->has_value());
  EXPECT_EQ(holding.got->error().code, ErrorCode::storage);
  EXPECT_EQ(fs::file_size(victim), 8u);
}

// A process that takes the lock and then lives until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    int ready[2] = {};
    if (::pipe(ready) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (file < 0 || ::flock(file, LOCK_EX) != 0) ::_exit(1);
      if (::write(ready[1], "r", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char byte = 0;
    holds_ = ::read(ready[0], &byte, 1) == 1;
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Holder() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }
  bool holds() const { return holds_; }

 private:
  pid_t pid_ = 0;
  bool holds_ = false;
};

TEST_F(MachineLockTest, TheDeathOfAnotherProcessFreesItsDevice) {
  Holder holder(folder_ + "/cpu.lock");
  ASSERT_TRUE(holder.holds());
  const Holding& waiting = hold({"cpu"});
  time_.pass(1s);
  EXPECT_FALSE(waiting.got);
  EXPECT_EQ(waiting.waited.size(), 1u);
  holder.kill();
  time_.pass(20ms);
  EXPECT_TRUE(waiting.has_it());
}

}  // namespace
}  // namespace kai
