// kai doctor on the real machine, and on one with a card whose driver misbehaves.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

class KaiDoctor : public Kai {
 protected:
  Ran doctor(const std::string& options = "") const { return shell("\"$KAI\" doctor " + options); }

  // A worker that finds a card of NVIDIA's too and is else the real one, whose loader finds a
  // library that behaves so.
  void give_card(const std::string& behaviour) const {
    write("worker",
          "#!/bin/sh\n"
          "case $1 in\n"
          "devices) echo '{\"devices\":[{\"id\":\"cpu\",\"kind\":\"cpu\",\"name\":\"a CPU\","
          "\"total_bytes\":8000000000,\"free_bytes\":8000000000,\"bus\":\"\",\"backend\":\"CPU\"},"
          "{\"id\":\"gpu0\",\"kind\":\"gpu\",\"name\":\"NVIDIA GeForce RTX 4070\","
          "\"total_bytes\":8000000000,\"free_bytes\":7000000000,\"bus\":\"0000:0a:00.0\","
          "\"backend\":\"CUDA\"}]}' ;;\n"
          "*) LD_LIBRARY_PATH='" FAKE_NVML "/new' FAKE_NVML=" +
              behaviour + " exec '" KAI_WORKER "' \"$@\" ;;\nesac\n");
    std::filesystem::permissions(path("worker"), std::filesystem::perms::owner_all);
    set("KAI_WORKER", path("worker"));
  }
};

void expect_in(const std::string& part, const Ran& ran) {
  EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in\n" << ran.out << ran.err;
}

TEST_F(KaiDoctor, MeasuresTheProcessorAndPlansWithIt) {
  const std::string show = "\"$KAI\" models show gemma3:270m --set devices=cpu | grep estimated";
  const Ran before = shell(show);
  ASSERT_EQ(before.status, 0) << before.err;
  const Ran ran = doctor("--set devices=cpu");
  EXPECT_EQ(ran.status, 0) << ran.out;
  expect_in("✓ speed of cpu: a lane reads ", ran);
  const Ran after = shell(show);
  EXPECT_EQ(after.status, 0) << after.err;
  EXPECT_NE(after.out, before.out);
}

TEST_F(KaiDoctor, DoesNotMeasureWhileAnotherKaiIsAtWork) {
  std::filesystem::create_directories(runtime());
  std::filesystem::permissions(runtime(), std::filesystem::perms::owner_all);
  const Ran ran = shell("flock '" + runtime() + "/cpu.lock' \"$KAI\" doctor --set devices=cpu");
  EXPECT_EQ(ran.status, 0) << ran.err;
  expect_in("! speed of cpu: not measured, another kai", ran);
}

TEST_F(KaiDoctor, JudgesTimeoutsOnceModelsAreMeasured) {
  const Ran before = doctor("--set devices=cpu");
  expect_in("! timeouts: not judged, since 2 of 2 models were not measured\n    kai bench models\n",
            before);
  ASSERT_EQ(shell("\"$KAI\" bench models --set devices=cpu").status, 0);
  // An hour is longer than any tier needs with these models, one second too short.
  const Ran after =
      doctor("--set devices=cpu --set tiers.simple.timeout=1h --set tiers.expert.timeout=1s");
  EXPECT_EQ(after.status, 0) << after.err;
  expect_in("its timeout of 1h is longer than needed", after);
  expect_in("    tiers.simple.timeout = \"", after);
  expect_in("its timeout of 1s is too short", after);
  // What it prints is taken as it stands.
  ASSERT_EQ(shell("mkdir -p \"$XDG_CONFIG_HOME/kai\"; \"$KAI\" doctor --set devices=cpu --set "
                  "tiers.simple.timeout=1h | sed -n 's/^    tiers/tiers/p' "
                  ">\"$XDG_CONFIG_HOME/kai/kai.toml\"; test -s \"$XDG_CONFIG_HOME/kai/kai.toml\"")
                .status,
            0);
  const Ran accepted = doctor("--set devices=cpu");
  EXPECT_EQ(accepted.status, 0) << accepted.err;
  EXPECT_EQ(accepted.out.find("    tiers.simple.timeout"), std::string::npos) << accepted.out;
}

TEST_F(KaiDoctor, BelievesTheSmallerOfTwoViewsOfACard) {
  give_card("good");
  const Ran ran = doctor();
  EXPECT_EQ(ran.status, 0) << ran.out;
  expect_in(
      "✓ gpu0: NVIDIA GeForce RTX 4070 through CUDA, 7.0 GB of 8.0 GB free; NVIDIA's library "
      "says 5.0 GB, and the smaller counts; others have 3.0 GB of it; 2 processes compute on it\n",
      ran);
  expect_in("✓ device gpu0: NVIDIA GeForce RTX 4070, 3.4 GB for models", ran);
  expect_in("✓ NVIDIA's driver: 580.65.06, 1 card\n", ran);
}

TEST_F(KaiDoctor, ADriverThatHangsDelaysItAndNoMore) {
  give_card("hanging");
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = doctor();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
  EXPECT_EQ(ran.status, 0) << ran.out;
  expect_in("! NVIDIA's library (NVML): no answer within 3 s; kai goes by what llama.cpp says\n",
            ran);
  expect_in("✓ device gpu0: NVIDIA GeForce RTX 4070, 5.4 GB for models", ran);
}

TEST_F(KaiDoctor, ADriverThatLiesOrCrashesIsNotBelieved) {
  give_card("lying");
  const Ran lying = doctor();
  EXPECT_EQ(lying.status, 0) << lying.out;
  expect_in("says 90 GB of 8.0 GB, which cannot be and is ignored", lying);
  expect_in("5.4 GB for models", lying);
  give_card("crashing");
  const Ran crashing = doctor();
  EXPECT_EQ(crashing.status, 0) << crashing.out;
  expect_in("! NVIDIA's library (NVML): it ended kai-worker with status 134", crashing);
}

}  // namespace
}  // namespace kai
