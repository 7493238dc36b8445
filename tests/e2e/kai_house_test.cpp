// A kai that stays: models come before they are asked for, and go when nobody asks for them.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

class KaiHouse : public Kai {
 protected:
  // A chat of which $1 is run while it waits for a question; what it said to stderr is in "err".
  // \"said WORDS\" waits until it said so, 20 s at most.
  Ran chat(const std::string& meanwhile, const std::string& flags = "") const {
    return shell("cd '" + folder_.path() + "' && rm -f in err && mkfifo in && { \"$KAI\" " + flags +
                 " chat --verbose <in >out 2>err & } && exec 3>in && "
                 "said() { for i in $(seq 200); do grep -q \"$1\" err && return; sleep 0.1; done; "
                 "echo \"never said: $1\"; cat err; }; " +
                 meanwhile + "; echo /quit >&3; exec 3>&-; wait $!; echo \"status $?\"; cat out");
  }
};

TEST_F(KaiHouse, UnloadsWhatNobodyAsksForAndAnswersAgain) {
  set("KAI_FLEET_PRELOAD", "false");
  set("KAI_FLEET_IDLE_UNLOAD", "1s");
  const Ran ran = chat(
      "echo 'What is the capital of France?' >&3; said 'left cpu: nobody has asked for it'; "
      "for i in $(seq 100); do pgrep -P $! kai-worker >/dev/null || break; sleep 0.1; done; "
      "pgrep -P $! kai-worker && echo 'a worker is left'; "
      "echo 'What is the capital of Italy?' >&3");
  ::unsetenv("KAI_FLEET_PRELOAD");
  ::unsetenv("KAI_FLEET_IDLE_UNLOAD");
  EXPECT_EQ(ran.out.find("never said"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("a worker is left"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("status 0"), std::string::npos) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("Paris"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("Rome"), std::string::npos) << ran.out;
}

TEST_F(KaiHouse, LoadsWhatWasAskedBeforeTheFirstQuestion) {
  set("KAI_FLEET_PRELOAD", "true");
  ASSERT_EQ(shell("\"$KAI\" 'What is the capital of France?'").status, 0);
  const Ran ran = chat("said 'was loaded ahead on cpu'; echo 'What is the capital of Italy?' >&3");
  EXPECT_EQ(ran.out.find("never said"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("Rome"), std::string::npos) << ran.out;
}

TEST_F(KaiHouse, EndsAtOnceWhileSomethingLoads) {
  set("KAI_FLEET_PRELOAD", "true");
  ASSERT_EQ(shell("\"$KAI\" 'What is the capital of France?'").status, 0);
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = chat("true");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_NE(ran.out.find("status 0"), std::string::npos) << ran.out << ran.err;
  EXPECT_TRUE(children("kai").empty());
}

}  // namespace
}  // namespace kai
