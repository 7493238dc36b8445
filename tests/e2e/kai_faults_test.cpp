// kai when things break around it: signals, dead and stopped workers, two at once.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const std::string story = "Explain how machine learning works and write a very long story about it";

// Workers of a kai that runs as `kai`'s child of this test.
std::vector<pid_t> workers_of(pid_t parent) {
  return children_of(parent, "--socket");
}

class KaiFaults : public Kai {
 protected:
  // Begins a long question and waits until a worker of it lives. Its process id.
  pid_t begin(std::unique_ptr<Process>& process, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"ask", "--json", "--tier", "medium"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(story);
    process = start(words);
    pid_t id = 0;
    EXPECT_TRUE(until([&] {
      for (const pid_t child : children("ask")) {
        if (!workers_of(child).empty()) id = child;
      }
      return id != 0;
    })) << read(path("background.err"));
    return id;
  }

  bool ended(Process& process, Duration limit) {
    return until([&] { return process.dead(); }, limit);
  }
};

TEST_F(KaiFaults, CtrlCLeavesNoProcessAndIsRecordedAsCancelled) {
  for (const Duration pause : {0ms, 100ms, 500ms, 1500ms}) {
    std::unique_ptr<Process> process;
    const pid_t id = begin(process);
    ASSERT_NE(id, 0);
    ::usleep(static_cast<useconds_t>(pause.count() / 1000));
    const auto workers = workers_of(id);
    ::kill(id, SIGINT);
    EXPECT_TRUE(ended(*process, 3s));
    EXPECT_TRUE(until(
        [&] { return std::ranges::all_of(workers, [](pid_t pid) { return ::kill(pid, 0) != 0; }); },
        2s));
    const Ran list = shell("\"$KAI\" logs list");
    EXPECT_NE(list.out.find("cancelled"), std::string::npos) << list.out << list.err;
  }
}

TEST_F(KaiFaults, AKilledKaiLeavesNoOrphan) {
  std::unique_ptr<Process> process;
  const pid_t id = begin(process);
  ASSERT_NE(id, 0);
  const auto workers = workers_of(id);
  ASSERT_FALSE(workers.empty());
  ::usleep(200'000);  // what was begun is on its way to the disk for 50 ms
  process->kill();
  EXPECT_TRUE(until(
      [&] {
        return std::ranges::all_of(workers, [](pid_t pid) {
          // A zombie without a parent to reap it at once is gone for all that matters.
          const std::string stat = read("/proc/" + std::to_string(pid) + "/stat");
          return stat.empty() || stat.find(") Z") != std::string::npos;
        });
      },
      2s));
  // What was begun is told as interrupted, and the next question works.
  const Ran list = shell("\"$KAI\" logs list");
  EXPECT_NE(list.out.find("interrupted"), std::string::npos) << list.out << list.err;
  EXPECT_EQ(shell("\"$KAI\" 'What is the capital of France?'").status, 0);
}

TEST_F(KaiFaults, AKilledWorkerDoesNotFailTheQuestion) {
  std::unique_ptr<Process> process;
  const pid_t id = begin(process);
  ASSERT_NE(id, 0);
  ::usleep(700'000);
  for (const pid_t worker : workers_of(id)) ::kill(worker, SIGKILL);
  ASSERT_TRUE(ended(*process, 60s));
  const Ran list = shell("\"$KAI\" logs list");
  EXPECT_EQ(list.out.find("internal"), std::string::npos) << list.out;
  EXPECT_EQ(list.out.find("cancelled"), std::string::npos) << list.out;
}

TEST_F(KaiFaults, AStoppedWorkerIsReplacedAndTheQuestionAnswered) {
  std::unique_ptr<Process> process;
  const pid_t id = begin(process);
  ASSERT_NE(id, 0);
  ::usleep(700'000);
  const auto workers = workers_of(id);
  ASSERT_FALSE(workers.empty());
  ::kill(workers.front(), SIGSTOP);
  ASSERT_TRUE(ended(*process, 60s));
  EXPECT_NE(::kill(workers.front(), 0), 0) << "the stopped worker is still there";
  const Ran list = shell("\"$KAI\" logs list");
  EXPECT_EQ(list.out.find("deadline"), std::string::npos) << list.out;
}

// Longer than a worker may be silent: what it said meanwhile is read before it is missed.
TEST_F(KaiFaults, AKaiThatWasStoppedGoesOnWithItsWorkers) {
  set("KAI_LANE_SILENCE_MAX", "2s");
  std::unique_ptr<Process> process;
  const pid_t id = begin(process);
  ASSERT_NE(id, 0);
  ::usleep(700'000);
  const auto workers = workers_of(id);
  ASSERT_FALSE(workers.empty());
  ::kill(id, SIGSTOP);
  ::usleep(5'000'000);
  EXPECT_EQ(workers_of(id), workers);
  ::kill(id, SIGCONT);
  ::usleep(500'000);
  const auto after = workers_of(id);
  ASSERT_TRUE(ended(*process, 60s));
  ::unsetenv("KAI_LANE_SILENCE_MAX");
  // Others may have come beside them by now, or the question may be over.
  for (const pid_t worker : workers) {
    EXPECT_TRUE(after.empty() || std::ranges::count(after, worker) == 1);
  }
  const Ran list = shell("\"$KAI\" logs list");
  EXPECT_EQ(list.out.find("internal"), std::string::npos) << list.out << list.err;
  EXPECT_NE(list.out.find(" of "), std::string::npos) << list.out << list.err;
}

TEST_F(KaiFaults, TwoAtOnceAreBothAnsweredAndNeverRunTogether) {
  auto first = start({"ask", "--json", "What is the capital of France?"});
  auto second = start({"ask", "--json", "What is the capital of Italy?"});
  bool together = false;
  EXPECT_TRUE(until(
      [&] {
        int with_workers = 0;
        for (const pid_t child : children("ask")) with_workers += workers_of(child).empty() ? 0 : 1;
        // A kai that has just given the lock back may still be ending its workers: idle ones.
        together = together || with_workers > 2;
        const bool one = first->dead();
        return second->dead() && one;
      },
      60s));
  EXPECT_FALSE(together);
  const Ran list = shell("\"$KAI\" logs list");
  EXPECT_NE(list.out.find("capital of France"), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("capital of Italy"), std::string::npos) << list.out;
  EXPECT_EQ(list.out.find("overloaded"), std::string::npos) << list.out;
}

// How much address space a worker takes differs between machines: somewhere on the way down, one
// model is refused and the other still answers.
TEST_F(KaiFaults, AModelThatMemoryRefusesLeavesTheOthersToAnswer) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer's own address space is larger than any limit here";
#endif
  ASSERT_EQ(shell("\"$KAI\" models").status, 0);  // looked at before memory is scarce
  bool one_of_two = false;
  for (int limit = 400'000; limit >= 160'000 && !one_of_two; limit -= 40'000) {
    const Ran ran = shell("ulimit -v " + std::to_string(limit) +
                          "; \"$KAI\" ask 'What is the capital of France?'");
    EXPECT_TRUE(ran.status == 0 || ran.status == 1) << ran.status << ran.err;
    one_of_two = ran.status == 0 && ran.err.find("✗") != std::string::npos;
  }
  EXPECT_TRUE(one_of_two);
  const Ran none = shell("ulimit -v 120000; \"$KAI\" ask 'What is the capital of France?'");
  EXPECT_EQ(none.status, 1) << none.err;
  EXPECT_NE(none.err.find("could not be loaded"), std::string::npos) << none.err;
}

TEST_F(KaiFaults, WithoutDescriptorsItSaysWhatToRaise) {
  ASSERT_EQ(shell("\"$KAI\" models").status, 0);
  const Ran few = shell("ulimit -n 9; \"$KAI\" ask 'What is the capital of France?'");
  EXPECT_EQ(few.status, 1) << few.out << few.err;
  EXPECT_NE(few.err.find("ulimit -n"), std::string::npos) << few.err;
}

TEST_F(KaiFaults, ALockedMachineIsWaitedForUntilTheDeadline) {
  std::filesystem::create_directories(runtime());
  std::filesystem::permissions(runtime(), std::filesystem::perms::owner_all);
  const Ran ran = shell("flock '" + runtime() + "/cpu.lock' \"$KAI\" ask --deadline 1s x");
  EXPECT_NE(ran.status, 0);
  EXPECT_NE(ran.err.find("another kai"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("--deadline"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace kai
