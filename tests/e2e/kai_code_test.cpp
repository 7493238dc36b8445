// Running code answers, as a user switches it on: the real models, which write poor code, the real
// sandbox, and a machine without one.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class KaiCode : public Kai {
 protected:
  // A container may let nobody make a sandbox, which is not kai's fault, unless it has to work.
  bool sandbox_is_forbidden() const {
    return shell("\"$KAI\" doctor").out.contains("does not work here") &&
           std::getenv("KAI_TEST_ALL") == nullptr;
  }
};

const std::string question =
    "'Write a Python function double(x) such that double(2) == 4 and double(5) == 10.'";

TEST_F(KaiCode, RunsCodeOnTheExamplesOfItsQuestion) {
  if (sandbox_is_forbidden()) GTEST_SKIP() << "bubblewrap does not work here";
  const Ran ran = shell("\"$KAI\" ask --run-code --tier simple --json -- " + question);
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_FALSE(ran.err.contains("code cannot be run")) << ran.err;
  const Ran valid =
      holds(ran.out,
            "assert document['verdict']['shape'] == 'code'\n"
            "voices = [m for m in document['members'] if m['stance'] in ('agrees', 'dissents')]\n"
            "assert voices, 'nobody answered'\n"
            "for voice in voices:\n"
            "    run = voice['run']\n"
            "    tried = run['passed'] + run['failed']\n"
            "    assert tried == 2 or run['why'] == 'there is no Python in it', run\n");
  EXPECT_EQ(valid.status, 0) << valid.err << ran.out;
  // The same answers and runs give the same verdict again.
  const Ran again = shell(
      "\"$KAI\" replay $(\"$KAI\" logs --json -n 1 | python3 -c "
      "'import json,sys; print(json.loads(sys.stdin.readline())[\"id\"])')");
  EXPECT_EQ(again.status, 0) << again.err;
}

TEST_F(KaiCode, SaysWhatIsMissingToRunCodeAndAnswersWithout) {
  const Ran ran = shell(
      "\"$KAI\" ask --run-code --set sandbox.bubblewrap=/nowhere/bwrap --tier simple --json -- " +
      question);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.err.contains("there is no /nowhere/bwrap; install bubblewrap")) << ran.err;
  EXPECT_TRUE(ran.err.contains("code answers are only compared")) << ran.err;
  EXPECT_FALSE(ran.out.contains("\"run\":")) << ran.out;
}

TEST_F(KaiCode, RunsNoCodeUnasked) {
  const Ran ran = shell("\"$KAI\" ask --tier simple --json -- " + question);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_FALSE(ran.out.contains("\"run\":")) << ran.out;
}

TEST_F(KaiCode, DoctorTellsWhetherCodeCanBeRun) {
  if (sandbox_is_forbidden()) GTEST_SKIP() << "bubblewrap does not work here";
  const Ran good = shell("\"$KAI\" doctor");
  EXPECT_TRUE(good.out.contains("sandbox: bubblewrap works; running code is off")) << good.out;
  const Ran on = shell("\"$KAI\" doctor --set sandbox.run_code=true");
  EXPECT_TRUE(on.out.contains("running code is on")) << on.out;
  const Ran bad = shell("\"$KAI\" doctor --set sandbox.bubblewrap=/nowhere/bwrap");
  EXPECT_EQ(bad.status, 0) << bad.out;  // kai answers without it
  EXPECT_TRUE(bad.out.contains("apt-get install bubblewrap")) << bad.out;
}

}  // namespace
}  // namespace kai
